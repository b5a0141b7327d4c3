// SPDX-License-Identifier: Apache-2.0
#include "core/image_inquiry.hpp"

#include <utility>

#include "base/answer_head.hpp"
#include "base/http_status.hpp"

namespace abstractllm {
namespace {

std::shared_ptr<const HttpRequest> image_request(std::string url) {
  auto request = std::make_shared<HttpRequest>();
  request->method = "GET";
  request->url = std::move(url);
  request->headers.emplace_back("Accept", "image/png, image/jpeg, image/webp, image/gif");
  return request;
}

}  // namespace

ImageInquiry::ImageInquiry(const std::string& url, std::shared_ptr<Transport> transport,
                           std::shared_ptr<Transport> to_public, std::int64_t most_bytes)
    : BodyInquiry(image_request(url), transport, "it", static_cast<std::size_t>(most_bytes)),
      first_request_(request()),
      first_transport_(std::move(transport)),
      to_public_(std::move(to_public)) {}

Result<void> ImageInquiry::restart() {
  set_target(first_request_, first_transport_);
  return BodyInquiry::restart();
}

Result<void> ImageInquiry::take_head(const HttpHead& head) {
  if (head.status == 200) return {};
  return decode_error(head, "");
}

Result<void> ImageInquiry::redirect(const HttpHead&, const std::string& url) {
  set_target(image_request(url), to_public_);
  return {};
}

/// If the server refuses the image, the prompt is invalid, unless the failure may be temporary.
Error ImageInquiry::decode_error(const HttpHead& head, std::string_view) {
  ErrorKind kind = kind_of_status(head.status);
  if (kind != ErrorKind::rate_limited && kind != ErrorKind::unavailable) kind = ErrorKind::invalid_argument;
  Error error(kind, "its server answers " + std::to_string(head.status));
  error.retry_after = retry_after(head);
  return error;
}

Result<void> ImageInquiry::take(std::string body) {
  bytes_ = std::move(body);
  return {};
}

Error ImageInquiry::too_large() const {
  return {ErrorKind::invalid_argument,
          "it has more than " + std::to_string(most_bytes()) + " bytes (option max_image_bytes)"};
}

}  // namespace abstractllm
