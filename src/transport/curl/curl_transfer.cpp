// SPDX-License-Identifier: Apache-2.0
#include "transport/curl/curl_transfer.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <exception>
#include <new>
#include <utility>

#include "base/answer_head.hpp"
#include "base/ascii.hpp"
#include "base/environment.hpp"
#include "base/header_name.hpp"
#include "base/process.hpp"
#include "base/url.hpp"
#include "transport/curl/address.hpp"
#include "transport/curl/curl_errors.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t most_header_bytes = 256 * 1024;
// libcurl reads as long as a fast server sends, up to 1.6 MB at once. Such bytes would leave the processor's cache
// before they are decoded.
constexpr std::size_t most_unread_bytes = 32 * 1024;
// The caller's deadlines decide. libcurl's own limit of five minutes must not come first.
constexpr long connect_milliseconds = 24L * 60 * 60 * 1000;

/// The status of "HTTP/1.1 200 OK", or 0.
int status_of(std::string_view line) {
  const std::size_t blank = line.find(' ');
  if (!line.starts_with("HTTP/") || blank == std::string_view::npos) return 0;
  int status = 0;
  std::from_chars(line.data() + blank + 1, line.data() + line.size(), status);
  return status;
}

int close_socket(void*, curl_socket_t socket) {
  close_private(socket);
  return 0;
}

}  // namespace

void start_libcurl() {
  // OpenSSL would shut itself down at exit, while other threads may be in a call.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

CURL* make_easy_handle() {
  CURL* easy = curl_easy_init();
  if (easy == nullptr) return nullptr;
  // Set once, because half of libcurl's cost of a call is set-up.
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "abstractllm/" ABSTRACTLLM_VERSION_STRING);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_milliseconds);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &close_socket);
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // a name look-up must not delay a cancellation
#endif
  // The curl tool reads these variables; libcurl does not.
  auto bundle = environment("CURL_CA_BUNDLE");
  if (!bundle) bundle = environment("SSL_CERT_FILE");
  if (bundle) curl_easy_setopt(easy, CURLOPT_CAINFO, bundle->c_str());
  if (const auto folder = environment("SSL_CERT_DIR")) curl_easy_setopt(easy, CURLOPT_CAPATH, folder->c_str());
  return easy;
}

Result<void> CurlTransfer::set_up(CURL* easy) {
  if (Result<void> set = set_headers(easy); !set) return set;
  curl_easy_setopt(easy, CURLOPT_URL, request_->url.c_str());
  if (request_->method == "POST") {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_->body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_->body.size()));
  } else if (request_->method == "GET") {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  } else {
    return Error(ErrorKind::invalid_argument, "HTTP method '" + request_->method + "' is not supported: GET or POST");
  }
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, settings_.tls == TlsCheck::verified ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, settings_.tls == TlsCheck::verified ? 2L : 0L);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &CurlTransfer::on_connected);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail_.data());
  set_reach(easy);
  return {};
}

// All of it is set each time, because the handle may have served a request of the other kind.
void CurlTransfer::set_reach(CURL* easy) {
  const bool guarded = settings_.addresses == Addresses::public_only;
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &CurlTransfer::on_open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, guarded ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, guarded ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_PROXY, guarded ? "" : nullptr);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(settings_.most_time.count()));
}

Result<void> CurlTransfer::set_headers(CURL* easy) {
  for (const HttpHeader& header : request_->headers) {
    if (!is_header_name(header.name))
      return Error(ErrorKind::invalid_argument,
                   "a header's name is empty or holds a character that HTTP does not allow");
    // libcurl would end the value at a zero byte.
    if (header.value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      return Error(ErrorKind::invalid_argument, "the header '" + header.name + "' holds a line end or a zero byte");
    // "Name;" is libcurl's spelling of a header without a value.
    const std::string line = header.name + (header.value.empty() ? ";" : ": " + header.value);
    headers_ = curl_slist_append(headers_, line.c_str());
  }
  headers_ = curl_slist_append(headers_, "Expect:");  // avoids a round trip before a long prompt
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_);
  return {};
}

std::optional<IoResult> CurlTransfer::take() {
  if (std::exchange(connected_, false)) return Connected{};
  if (head_complete_ && !head_reported_) {
    head_reported_ = true;
    if (auto refused = proxy_refusal(head_.status, request_->url)) {
      finished_ = true;
      return *std::move(refused);
    }
    add_missing_date(head_);
    return std::move(head_);
  }
  if (finished_) return std::nullopt;
  if (given_bytes_ == given_.size()) {
    given_.clear();
    given_bytes_ = 0;
    given_.swap(arriving_);
  }
  // In pieces, because compressed bytes may become a thousand times as large.
  if (const std::string_view piece = std::string_view(given_).substr(given_bytes_, most_unread_bytes); !piece.empty()) {
    given_bytes_ += piece.size();
    return BodyBytes{piece};
  }
  if (!ended_) return std::nullopt;
  finished_ = true;
  if (*ended_ != CURLE_OK) return failure(*ended_);
  return BodyEnd{};
}

void CurlTransfer::end(CURLcode code) {
  ended_ = code;
  announce();
}

void CurlTransfer::unpause(CURL* easy) {
  if (!std::exchange(paused_, false)) return;
  unpausing_ = true;
  if (const CURLcode code = curl_easy_pause(easy, CURLPAUSE_CONT); code != CURLE_OK) ended_ = code;
  unpausing_ = false;
}

void CurlTransfer::announce() const {
  if (on_collected) on_collected();
}

/// Calls `function` for libcurl, through which no exception may pass. Returns false also if it threw.
template <class Function>
bool CurlTransfer::attempt(Function&& function) noexcept {
  try {
    return function();
  } catch (const std::bad_alloc&) {
    thrown_ = "out of memory";  // needs no memory
  } catch (const std::exception& thrown) {
    thrown_.assign(thrown.what(), std::min<std::size_t>(std::strlen(thrown.what()), thrown_.capacity()));
  }
  return false;
}

std::size_t CurlTransfer::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  const std::string_view line(bytes, size * count);
  CurlTransfer& transfer = *static_cast<CurlTransfer*>(self);
  return transfer.attempt([&] { return transfer.take_header_line(line); }) ? line.size() : 0;
}

bool CurlTransfer::take_header_line(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > most_header_bytes) return false;
  if (head_complete_) return true;  // a trailer after the body
  if (const int status = status_of(line); status != 0) {
    head_ = {};
    head_.status = status;
    return true;
  }
  line = trimmed(line);
  if (line.empty()) {
    head_complete_ = head_.status >= 200;  // 1xx: another head follows
    if (head_complete_) announce();
    return true;
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return true;
  head_.headers.emplace_back(std::string(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1))));
  return true;
}

std::size_t CurlTransfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  CurlTransfer& transfer = *static_cast<CurlTransfer*>(self);
  // libcurl delivers the bytes that it has kept, perhaps many. Another pause would make it copy all of them each time.
  if (!transfer.unpausing_ && transfer.unread_bytes() >= most_unread_bytes) {
    transfer.paused_ = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  const bool taken = transfer.attempt([&] {
    transfer.arriving_.append(bytes, size * count);
    transfer.announce();
    return true;
  });
  return taken ? size * count : 0;
}

curl_socket_t CurlTransfer::on_open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  CurlTransfer& transfer = *static_cast<CurlTransfer*>(self);
  if (transfer.settings_.addresses == Addresses::any || is_public_address(address->addr))
    return open_socket(address->family, address->socktype, address->protocol);
  transfer.attempt([&] {
    transfer.refused_address_ = address_text(address->addr);
    return true;
  });
  return CURL_SOCKET_BAD;
}

int CurlTransfer::on_connected(void* self, char*, char*, int, int) {
  CurlTransfer& transfer = *static_cast<CurlTransfer*>(self);
  transfer.connected_ = true;
  const bool announced = transfer.attempt([&] {
    transfer.announce();
    return true;
  });
  return announced ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

Error CurlTransfer::failure(CURLcode code) const {
  if (!thrown_.empty()) return {ErrorKind::internal, "the transfer was stopped: " + thrown_};
  if (!refused_address_.empty() && !head_complete_)
    return {ErrorKind::invalid_argument, origin_of(request_->url) + " has the address " + refused_address_ +
                                             ", which is not a public one (option allow_private_image_urls)"};
  if (code == CURLE_OPERATION_TIMEDOUT && settings_.most_time.count() > 0)
    return {ErrorKind::timeout, "no whole answer within " + std::to_string(settings_.most_time.count() / 1000) +
                                    " s from " + origin_of(request_->url)};
  if (code == CURLE_WRITE_ERROR && header_bytes_ > most_header_bytes) {
    return {ErrorKind::protocol, "more than " + std::to_string(most_header_bytes) + " bytes of headers came from " +
                                     origin_of(request_->url)};
  }
  return curl_error(code, request_->url, detail_.data());
}

}  // namespace abstractllm
