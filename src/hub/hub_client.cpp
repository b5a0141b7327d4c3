// SPDX-License-Identifier: Apache-2.0
#include "hub/hub_client.hpp"

#include <limits>
#include <utility>

#include "base/log.hpp"
#include "base/url.hpp"
#include "drivers/blocking.hpp"
#include "exchange/redirect.hpp"
#include "hub/hub_errors.hpp"

namespace abstractllm {
namespace {

constexpr int most_redirects = 10;

/// `<https://…>; rel="next"`
std::string next_url_of(const HttpHead& head) {
  const std::string* link = head.header("Link");
  if (link == nullptr || link->find("rel=\"next\"") == std::string::npos) return {};
  const std::size_t begin = link->find('<');
  const std::size_t end = link->find('>', begin);
  return end == std::string::npos ? std::string() : link->substr(begin + 1, end - begin - 1);
}

}  // namespace

std::shared_ptr<const HttpRequest> HubClient::request(std::string url, const std::vector<HttpHeader>& headers) const {
  auto request = std::make_shared<HttpRequest>();
  request->method = "GET";
  request->headers = headers;
  if (!settings_.token.empty() && origin_of(url) == origin_of(settings_.endpoint))
    request->headers.emplace_back("Authorization", "Bearer " + settings_.token, /*is_secret=*/true);
  request->url = std::move(url);
  return request;
}

/// Waits of 1, 2, 4, 8, 8 seconds, or as long as the hub says.
Policy HubClient::policy(int max_retries) const {
  Policy policy;
  policy.connect_timeout = settings_.connect_timeout;
  policy.idle_timeout = settings_.idle_timeout;
  policy.idle_setting = "HF_HUB_DOWNLOAD_TIMEOUT";
  policy.retry_silence = true;
  policy.max_retries = max_retries;
  policy.max_redirects = most_redirects;
  policy.max_response_bytes = std::numeric_limits<std::int64_t>::max();
  policy.backoff_base = std::chrono::milliseconds(1000);
  policy.on_retry = [](const Error& error, std::chrono::milliseconds delay) {
    if (log_enabled(LogLevel::info))
      log({LogLevel::info, "hub_retry", error.message, {{"wait_ms", std::int64_t{delay.count()}}}});
  };
  return policy;
}

Result<void> HubClient::run(std::shared_ptr<Inquiry> inquiry, int max_retries) const {
  Sequence sequence(Stage{std::move(inquiry), policy(max_retries)}, [] { return 1.0; });
  BlockingDriver driver(std::move(sequence), stop_, clock_);
  while (driver.run_until_output()) {
  }
  const std::optional<Error>& failure = driver.sequence().error();
  if (!failure) return {};
  if (failure->kind == ErrorKind::cancelled) return Error(ErrorKind::cancelled, "the download was stopped");
  return *failure;
}

HubQuestion::HubQuestion(const HubClient& client, HubName about, const std::string& url)
    : BodyInquiry(client.request(url, {HttpHeader("Accept", "application/json")}), client.transport(),
                  "the hub's answer"),
      client_(client),
      about_(std::move(about)),
      first_request_(request()) {}

Result<void> HubQuestion::restart() {
  auto restarted = BodyInquiry::restart();
  set_target(first_request_, client_.transport());
  set_flowing();
  return restarted;
}

Result<void> HubQuestion::take_head(const HttpHead& head) {
  if (auto page = web_page_error(client_.settings(), head)) return *std::move(page);
  next_url_ = next_url_of(head);
  if (next_url_.empty()) return {};
  auto target = link_target(request()->url, next_url_, "link to the next page");
  if (!target) return std::move(target).error();
  next_url_ = *std::move(target);
  return {};
}

Result<void> HubQuestion::redirect(const HttpHead&, const std::string& url) {
  set_target(client_.request(url, {HttpHeader("Accept", "application/json")}), client_.transport());
  return {};
}

Error HubQuestion::decode_error(const HttpHead& head, std::string_view) {
  return hub_error(client_.settings(), about_, head);
}

std::string HubQuestion::request_id(const HttpHead& head) const { return hub_request_id(head); }

Result<void> HubQuestion::take(std::string body) {
  body_ = std::move(body);
  return {};
}

std::string bare_etag(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

bool is_unreachable(const Error& error) {
  switch (error.kind) {
    case ErrorKind::network:
    case ErrorKind::timeout:
    case ErrorKind::unavailable:
    case ErrorKind::rate_limited: return true;
    default: return false;
  }
}

}  // namespace abstractllm
