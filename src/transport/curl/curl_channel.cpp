// SPDX-License-Identifier: Apache-2.0
#include "transport/curl/curl_channel.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "base/clock.hpp"
#include "transport/curl/curl_errors.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t most_header_bytes = 256 * 1024;
// libcurl reads for as long as a fast server sends, up to 1.6 MB in one go: bytes that would leave the processor's
// cache before they are decoded.
constexpr std::size_t most_unread_bytes = 32 * 1024;

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

/// "HTTP/1.1 200 OK", or 0.
int status_of(std::string_view line) {
  const std::size_t blank = line.find(' ');
  if (!line.starts_with("HTTP/") || blank == std::string_view::npos) return 0;
  int status = 0;
  std::from_chars(line.data() + blank + 1, line.data() + line.size(), status);
  return status;
}

}  // namespace

CurlChannel::CurlChannel(std::shared_ptr<const HttpRequest> request, TlsCheck tls)
    : request_(std::move(request)), tls_(tls) {}

CurlChannel::~CurlChannel() {
  if (lease_.multi() != nullptr && lease_.easy() != nullptr) curl_multi_remove_handle(lease_.multi(), lease_.easy());
  curl_slist_free_all(headers_);
}

Result<void> CurlChannel::start() {
  CURL* easy = lease_.easy();
  if (easy == nullptr || lease_.multi() == nullptr) return Error(ErrorKind::internal, "libcurl gives no handle");
  for (const HttpHeader& header : request_->headers) {
    // "Name;" is libcurl's spelling of a header without a value.
    const std::string line = header.name + (header.value.empty() ? ";" : ": " + header.value);
    if (line.find_first_of("\r\n") != std::string::npos)
      return Error(ErrorKind::invalid_argument, "the header '" + header.name + "' holds a line end");
    headers_ = curl_slist_append(headers_, line.c_str());
  }
  headers_ = curl_slist_append(headers_, "Expect:");  // a round trip before a long prompt helps nobody

  curl_easy_setopt(easy, CURLOPT_URL, request_->url.c_str());
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_);
  if (request_->method == "POST") {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_->body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_->body.size()));
  } else if (request_->method == "GET") {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  } else {
    return Error(ErrorKind::invalid_argument, "HTTP method '" + request_->method + "' is not supported: GET or POST");
  }
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, tls_ == TlsCheck::verified ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, tls_ == TlsCheck::verified ? 2L : 0L);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &CurlChannel::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &CurlChannel::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &CurlChannel::on_connected);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail_.data());
  if (curl_multi_add_handle(lease_.multi(), easy) != CURLM_OK)
    return Error(ErrorKind::internal, "libcurl takes no further transfer");
  return {};
}

std::optional<IoResult> CurlChannel::poll() {
  if (finished_) return std::nullopt;
  if (auto came = take()) return came;
  // libcurl has read all there was, unless it was paused; to ask the socket again costs a system call an event.
  if (!paused_ && !std::exchange(may_have_more_, false)) return std::nullopt;
  perform();
  return take();
}

/// What has been collected: in the order connected, head, body, end.
std::optional<IoResult> CurlChannel::take() {
  if (std::exchange(connected_, false)) return Connected{};
  if (head_complete_ && !head_reported_) {
    head_reported_ = true;
    return std::move(head_);
  }
  given_.clear();
  if (!arriving_.empty()) {
    given_.swap(arriving_);
    return BodyBytes{given_};
  }
  if (!ended_ || finished_) return std::nullopt;
  finished_ = true;
  if (*ended_ != CURLE_OK) return failure(*ended_);
  return BodyEnd{};
}

void CurlChannel::perform() {
  if (ended_) return;
  if (std::exchange(paused_, false)) {
    if (const CURLcode code = curl_easy_pause(lease_.easy(), CURLPAUSE_CONT)) ended_ = code;
    if (ended_ || paused_ || !arriving_.empty()) return;
  }
  int running = 0;
  curl_multi_perform(lease_.multi(), &running);
  if (running > 0) return;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(lease_.multi(), &left))
    if (message->msg == CURLMSG_DONE) ended_ = message->data.result;
}

void CurlChannel::wait(std::chrono::steady_clock::time_point deadline) {
  using std::chrono::milliseconds;
  constexpr std::int64_t longest = 60'000;  // libcurl looks after its connection now and then
  const auto left = std::chrono::ceil<milliseconds>(deadline - std::min(deadline, Clock::system().now()));
  curl_multi_poll(lease_.multi(), nullptr, 0, static_cast<int>(std::min<std::int64_t>(left.count(), longest)), nullptr);
  may_have_more_ = true;
}

void CurlChannel::wake() { curl_multi_wakeup(lease_.multi()); }

std::size_t CurlChannel::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  const std::string_view line(bytes, size * count);
  return static_cast<CurlChannel*>(self)->take_header_line(line) ? line.size() : 0;
}

bool CurlChannel::take_header_line(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > most_header_bytes) return false;
  if (head_complete_) return true;  // a trailer behind the body
  if (const int status = status_of(line); status != 0) {
    head_ = {};
    head_.status = status;
    return true;
  }
  line = trimmed(line);
  if (line.empty()) {
    head_complete_ = head_.status >= 200;  // 1xx: another head follows
    return true;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return true;
  head_.headers.emplace_back(std::string(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1))));
  return true;
}

std::size_t CurlChannel::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  CurlChannel& channel = *static_cast<CurlChannel*>(self);
  if (channel.arriving_.size() >= most_unread_bytes) {
    channel.paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  channel.arriving_.append(bytes, size * count);
  return size * count;
}

int CurlChannel::on_connected(void* self, char*, char*, int, int) {
  static_cast<CurlChannel*>(self)->connected_ = true;
  return CURL_PREREQFUNC_OK;
}

Error CurlChannel::failure(CURLcode code) const {
  if (code == CURLE_WRITE_ERROR && header_bytes_ > most_header_bytes) {
    return {ErrorKind::protocol, "more than " + std::to_string(most_header_bytes) + " bytes of headers came from " +
                                     origin_of(request_->url)};
  }
  return curl_error(code, request_->url, detail_.data());
}

}  // namespace abstractllm
