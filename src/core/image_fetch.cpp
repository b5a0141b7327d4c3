// SPDX-License-Identifier: Apache-2.0
#include "core/image_fetch.hpp"

#include "base/answer_head.hpp"
#include "base/url.hpp"

namespace abstractllm {
namespace {

constexpr int most_redirects = 5;

ErrorKind kind_of(int status) {
  if (status == 429) return ErrorKind::rate_limited;
  return status >= 500 ? ErrorKind::unavailable : ErrorKind::invalid_argument;
}

}  // namespace

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
    if (!is_http_url(url_)) return unfit("it is redirected to what is neither http nor https");
    return Next::open;
  }
  if (head.status == 200) return Next::read;
  Error error = unfit("its server answers " + std::to_string(head.status));
  error.kind = kind_of(head.status);
  return error;
}

}  // namespace abstractllm
