// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "exchange/body_inquiry.hpp"
#include "media/opened_media.hpp"

namespace abstractllm {

/// Fetches an image, audio or a file by its URL. A redirect comes from an untrusted server, so it may lead only to
/// public addresses.
class MediaInquiry final : public BodyInquiry {
 public:
  static constexpr int most_redirects = 5;

  /// `transport` fetches `url`, and `to_public` fetches the targets of redirects.
  MediaInquiry(MediaKind kind, const std::string& url, std::shared_ptr<Transport> transport,
               std::shared_ptr<Transport> to_public, std::int64_t most_bytes);

  /// Call it when the exchange has ended well.
  std::string take_bytes() { return std::move(bytes_); }

  Result<void> restart() override;
  Result<void> take_head(const HttpHead& head) override;
  Result<void> redirect(const HttpHead& head, const std::string& url) override;
  Error decode_error(const HttpHead& head, std::string_view body) override;
  std::string request_id(const HttpHead&) const override { return {}; }

 protected:
  Result<void> take(std::string body) override;
  Error too_large() const override;

 private:
  MediaKind kind_;
  std::shared_ptr<const HttpRequest> first_request_;
  std::shared_ptr<Transport> first_transport_;
  std::shared_ptr<Transport> to_public_;
  std::string bytes_;
};

}  // namespace abstractllm
