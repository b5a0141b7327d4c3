// SPDX-License-Identifier: Apache-2.0
#include "core/image_fetch.hpp"

#include <algorithm>

#include "base/answer_head.hpp"
#include "base/ascii.hpp"

namespace abstractllm {
namespace {

constexpr int most_redirects = 5;

bool is_http(std::string_view url) {
  const std::string scheme = lowered(url.substr(0, url.find("://")));
  return scheme == "http" || scheme == "https";
}

ErrorKind kind_of(int status) {
  if (status == 429) return ErrorKind::rate_limited;
  return status >= 500 ? ErrorKind::unavailable : ErrorKind::invalid_argument;
}

}  // namespace

std::string host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#\\"));
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  if (url.starts_with('[')) url = url.substr(1, url.find(']') - 1);
  else url = url.substr(0, url.find(':'));
  return lowered(url);
}

std::string resolve_url(std::string_view url, std::string_view location) {
  const std::size_t colon = location.find(':');
  const bool absolute = colon != std::string_view::npos && location.find_first_of("/?#") > colon;
  if (absolute) return std::string(location);
  const std::size_t scheme = url.find("://");
  if (location.starts_with("//")) return std::string(url.substr(0, scheme + 1)) + std::string(location);
  const std::size_t path = std::min(url.find_first_of("/?#", scheme + 3), url.size());
  if (location.starts_with('/')) return std::string(url.substr(0, path)) + std::string(location);
  std::string_view base = url.substr(0, url.find_first_of("?#"));
  if (location.starts_with('?')) return std::string(base) + std::string(location);
  const std::size_t slash = base.rfind('/');
  if (slash < path) return std::string(base) + "/" + std::string(location);
  return std::string(base.substr(0, slash + 1)) + std::string(location);
}

std::shared_ptr<const HttpRequest> ImageFetch::request() const {
  auto request = std::make_shared<HttpRequest>();
  request->method = "GET";
  request->url = url_;
  request->headers.emplace_back("Accept", "image/png, image/jpeg, image/webp, image/gif");
  return request;
}

Error ImageFetch::unfit(const std::string& problem) const {
  return {ErrorKind::invalid_argument, place_ + " cannot be fetched: " + problem};
}

Result<ImageFetch::Next> ImageFetch::take(IoResult came) {
  if (auto* error = std::get_if<Error>(&came)) {
    error->message = place_ + " cannot be fetched: " + error->message;
    return std::move(*error);
  }
  if (const auto* head = std::get_if<HttpHead>(&came)) return take_head(*head);
  if (const auto* piece = std::get_if<BodyBytes>(&came); piece != nullptr && !redirect_) {
    if (bytes_.size() + piece->bytes.size() > static_cast<std::size_t>(most_bytes_))
      return unfit("it has more than " + std::to_string(most_bytes_) + " bytes (option max_image_bytes)");
    bytes_ += piece->bytes;
  }
  if (!std::holds_alternative<BodyEnd>(came)) return Next::read;
  return Next::done;
}

Result<ImageFetch::Next> ImageFetch::take_head(const HttpHead& head) {
  if (const std::string* location = head.header("location"); is_redirect(head.status) && location != nullptr) {
    if (++redirects_ > most_redirects) return unfit("more than " + std::to_string(most_redirects) + " redirects");
    url_ = resolve_url(url_, *location);
    if (!is_http(url_)) return unfit("it is redirected to what is neither http nor https");
    return Next::open;
  }
  if (head.status == 200) return Next::read;
  Error error = unfit("its server answers " + std::to_string(head.status));
  error.kind = kind_of(head.status);
  return error;
}

}  // namespace abstractllm
