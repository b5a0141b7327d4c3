// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/transport.hpp"
#include "base/clock.hpp"
#include "hub/hub_settings.hpp"

namespace abstractllm {

/// One answer of the hub, which is read piece by piece. Dropping it ends the transfer.
class HubAnswer {
 public:
  HubAnswer(std::unique_ptr<Channel> channel, std::stop_token stop, const HubSettings& settings, Clock& clock);

  /// The head. Errors: those of the transport; timeout, cancelled.
  Result<HttpHead> read_head();
  /// The next bytes, valid until the next call, or nullopt at the end. The errors are the same.
  Result<std::optional<std::string_view>> read_bytes();
  /// The rest of the body, up to `most` bytes.
  Result<std::string> read_all(std::size_t most);

 private:
  IoResult next();

  std::unique_ptr<Channel> channel_;
  std::stop_token stop_;
  std::chrono::milliseconds connect_timeout_;
  std::chrono::milliseconds idle_timeout_;
  Clock& clock_;
  bool connected_ = false;
  // After the channel, so that it is destroyed first.
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

/// The result at the end of the redirects.
struct HubReply {
  HttpHead head;
  std::string url;  ///< URL of the last hop
  std::string
      linked_etag;  ///< X-Linked-Etag of any hop, otherwise the ETag of an answer from the endpoint; without quotes
  std::optional<std::int64_t> linked_size;  ///< X-Linked-Size of any hop
  std::unique_ptr<HubAnswer> body;
};

/// Sends GET requests to the hub and to the targets of its redirects. It follows redirects itself, so that the token
/// goes to the endpoint's origin only and a redirect never leads from https to http.
class HubHttp {
 public:
  HubHttp(const HubSettings& settings, std::shared_ptr<Transport> transport, std::stop_token stop, Clock& clock)
      : settings_(settings), transport_(std::move(transport)), stop_(std::move(stop)), clock_(clock) {}

  const HubSettings& settings() const { return settings_; }
  const std::stop_token& stop() const { return stop_; }
  Clock& clock() const { return clock_; }

  /// Sends one request. Returns the answer with any status. Errors: those of HubAnswer; protocol for a redirect without
  /// a valid target.
  Result<HubReply> get(std::string url, const std::vector<HttpHeader>& headers) const;

 private:
  HttpRequest request(const std::string& url, const std::vector<HttpHeader>& headers) const;

  const HubSettings& settings_;
  std::shared_ptr<Transport> transport_;
  std::stop_token stop_;
  Clock& clock_;
};

/// The text as a part of a URL's path. All characters except letters, digits and "-._~" become %XX. `keep_slashes`
/// keeps '/'.
std::string url_encoded(std::string_view text, bool keep_slashes);

/// The "abc" of `W/"abc"`.
std::string bare_etag(std::string_view etag);

}  // namespace abstractllm
