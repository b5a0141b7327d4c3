// SPDX-License-Identifier: Apache-2.0
#include "hub/hub_http.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/answer_head.hpp"
#include "base/url.hpp"

namespace abstractllm {
namespace {

constexpr int most_redirects = 10;

/// The target of a Location relative to `from`. Empty if it must not be followed.
std::string redirect_target(std::string_view from, std::string_view location) {
  std::string target = resolve_url(from, location);
  const bool is_open = !target.starts_with("https://");
  // A host with a user name before it is a trap or a mistake.
  if (!is_http_url(target) || (is_open && from.starts_with("https://")) || has_user(target)) return {};
  return target;
}

std::optional<std::int64_t> integer(const std::string* text) {
  if (text == nullptr) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (failure != std::errc() || end != text->data() + text->size() || value < 0) return std::nullopt;
  return value;
}

void note_links(HubReply& reply, bool from_endpoint) {
  if (const auto size = integer(reply.head.header("X-Linked-Size"))) reply.linked_size = size;
  if (const std::string* etag = reply.head.header("X-Linked-Etag")) reply.linked_etag = bare_etag(*etag);
  else if (const std::string* own = reply.head.header("ETag"); own && from_endpoint && reply.head.status < 300)
    reply.linked_etag = bare_etag(*own);
}

}  // namespace

HubAnswer::HubAnswer(std::unique_ptr<Channel> channel, std::stop_token stop, const HubSettings& settings, Clock& clock)
    : channel_(std::move(channel)),
      stop_(std::move(stop)),
      connect_timeout_(settings.connect_timeout),
      idle_timeout_(settings.idle_timeout),
      clock_(clock) {
  if (stop_.stop_possible()) on_stop_.emplace(stop_, [this] { channel_->wake(); });
}

IoResult HubAnswer::next() {
  const TimePoint deadline = clock_.now() + (connected_ ? idle_timeout_ : connect_timeout_);
  for (;;) {
    if (stop_.stop_requested()) return Error(ErrorKind::cancelled, "the download was stopped");
    if (auto came = channel_->poll()) {
      connected_ = true;
      return *std::move(came);
    }
    if (clock_.now() >= deadline)
      return Error(ErrorKind::timeout, connected_ ? "the hub has sent nothing for a while (HF_HUB_DOWNLOAD_TIMEOUT)"
                                                  : "no connection to the hub within the time for it");
    channel_->wait(deadline);
  }
}

Result<HttpHead> HubAnswer::read_head() {
  for (;;) {
    auto came = next();
    if (auto* failure = std::get_if<Error>(&came)) return std::move(*failure);
    if (auto* head = std::get_if<HttpHead>(&came)) return std::move(*head);
  }
}

Result<std::optional<std::string_view>> HubAnswer::read_bytes() {
  for (;;) {
    auto came = next();
    if (auto* failure = std::get_if<Error>(&came)) return std::move(*failure);
    if (const auto* piece = std::get_if<BodyBytes>(&came)) return std::optional(piece->bytes);
    if (std::holds_alternative<BodyEnd>(came)) return std::optional<std::string_view>();
  }
}

Result<std::string> HubAnswer::read_all(std::size_t most) {
  std::string body;
  for (;;) {
    auto piece = read_bytes();
    if (!piece) return std::move(piece).error();
    if (!*piece) return body;
    if (body.size() + (*piece)->size() > most) return Error(ErrorKind::protocol, "the hub's answer is too large");
    body += **piece;
  }
}

HttpRequest HubHttp::request(const std::string& url, const std::vector<HttpHeader>& headers) const {
  HttpRequest request;
  request.method = "GET";
  request.url = url;
  request.headers = headers;
  if (!settings_.token.empty() && origin_of(url) == origin_of(settings_.endpoint))
    request.headers.emplace_back("Authorization", "Bearer " + settings_.token, /*is_secret=*/true);
  return request;
}

Result<HubReply> HubHttp::get(std::string url, const std::vector<HttpHeader>& headers) const {
  HubReply reply;
  for (int hop = 0; hop <= most_redirects; ++hop) {
    auto channel = transport_->open(std::make_shared<const HttpRequest>(request(url, headers)));
    if (!channel) return std::move(channel).error();
    reply.body = std::make_unique<HubAnswer>(*std::move(channel), stop_, settings_, clock_);
    auto head = reply.body->read_head();
    if (!head) return std::move(head).error();
    reply.head = *std::move(head);
    reply.url = url;
    note_links(reply, origin_of(url) == origin_of(settings_.endpoint));
    if (!is_redirect(reply.head.status)) return reply;
    const std::string* location = reply.head.header("Location");
    std::string target = location == nullptr ? std::string() : redirect_target(url, *location);
    if (target.empty())
      return Error(ErrorKind::protocol, "the redirect that came from " + origin_of(url) + " leads nowhere");
    url = std::move(target);
  }
  return Error(ErrorKind::protocol,
               "more than " + std::to_string(most_redirects) + " redirects from " + origin_of(url));
}

std::string url_encoded(std::string_view text, bool keep_slashes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos || (keep_slashes && c == '/');
    const auto byte = static_cast<unsigned char>(c);
    if (plain) encoded += c;
    else (encoded += '%').append({digits[byte >> 4], digits[byte & 15]});
  }
  return encoded;
}

std::string bare_etag(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

}  // namespace abstractllm
