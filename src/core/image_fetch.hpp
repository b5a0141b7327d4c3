// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "abstractllm/transport.hpp"

namespace abstractllm {

/// One GET of a picture, through its redirects: takes what a channel reports, says what to do. Sans-io.
class ImageFetch {
 public:
  ImageFetch(std::string url, std::string place, std::int64_t most_bytes)
      : url_(std::move(url)), place_(std::move(place)), most_bytes_(most_bytes) {}

  enum class Next {
    read,  ///< more from this channel
    open,  ///< request() anew: a redirect
    done,  ///< bytes() are whole
  };

  const std::string& url() const { return url_; }
  /// Whether url() is where a server led to, and not what the caller wrote.
  bool is_redirected() const { return redirects_ > 0; }
  std::shared_ptr<const HttpRequest> request() const;
  /// Errors end it.
  Result<Next> take(IoResult came);
  std::string take_bytes() { return std::move(bytes_); }

 private:
  Result<Next> take_head(const HttpHead& head);
  Error unfit(const std::string& problem) const;

  std::string url_;
  std::string place_;
  std::int64_t most_bytes_;
  std::string bytes_;
  std::optional<std::string> redirect_;
  int redirects_ = 0;
};

}  // namespace abstractllm
