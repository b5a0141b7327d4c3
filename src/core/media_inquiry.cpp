// SPDX-License-Identifier: Apache-2.0
#include "core/media_inquiry.hpp"

#include <utility>

#include "base/answer_head.hpp"
#include "base/http_status.hpp"

namespace abstractllm {
namespace {

std::string_view accepted(MediaKind kind) {
  switch (kind) {
    case MediaKind::image: return "image/png, image/jpeg, image/webp, image/gif";
    case MediaKind::audio: return "audio/wav, audio/mpeg, audio/flac";
    case MediaKind::file: break;
  }
  return "application/pdf, text/plain, text/*, */*;q=0.1";
}

std::shared_ptr<const HttpRequest> media_request(MediaKind kind, std::string url) {
  auto request = std::make_shared<HttpRequest>();
  request->method = "GET";
  request->url = std::move(url);
  request->headers.emplace_back("Accept", std::string(accepted(kind)));
  return request;
}

}  // namespace

MediaInquiry::MediaInquiry(MediaKind kind, const std::string& url, std::shared_ptr<Transport> transport,
                           std::shared_ptr<Transport> to_public, std::int64_t most_bytes)
    : BodyInquiry(media_request(kind, url), transport, "it", static_cast<std::size_t>(most_bytes)),
      kind_(kind),
      first_request_(request()),
      first_transport_(std::move(transport)),
      to_public_(std::move(to_public)) {}

Result<void> MediaInquiry::restart() {
  set_target(first_request_, first_transport_);
  return BodyInquiry::restart();
}

Result<void> MediaInquiry::take_head(const HttpHead& head) {
  if (head.status == 200) return {};
  return decode_error(head, "");
}

Result<void> MediaInquiry::redirect(const HttpHead&, const std::string& url) {
  set_target(media_request(kind_, url), to_public_);
  return {};
}

/// If the server refuses it, the prompt is invalid, unless the failure may be temporary.
Error MediaInquiry::decode_error(const HttpHead& head, std::string_view) {
  ErrorKind kind = kind_of_status(head.status);
  if (kind != ErrorKind::rate_limited && kind != ErrorKind::unavailable) kind = ErrorKind::invalid_argument;
  Error error(kind, "its server answers " + std::to_string(head.status));
  error.retry_after = retry_after(head);
  return error;
}

Result<void> MediaInquiry::take(std::string body) {
  bytes_ = std::move(body);
  return {};
}

Error MediaInquiry::too_large() const {
  return {ErrorKind::invalid_argument, "it has more than " + std::to_string(most_bytes()) + " bytes (option " +
                                           std::string(size_option_of(kind_)) + ")"};
}

}  // namespace abstractllm
