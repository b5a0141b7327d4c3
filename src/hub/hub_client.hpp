// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "exchange/body_inquiry.hpp"
#include "exchange/policy.hpp"
#include "hub/hub_settings.hpp"

namespace abstractllm {

/// Runs requests to the hub on this thread, with its timeouts and retries. A request may redirect; the token goes to
/// the endpoint's origin only.
class HubClient {
 public:
  HubClient(const HubSettings& settings, std::shared_ptr<Transport> transport, std::stop_token stop, Clock& clock)
      : settings_(settings), transport_(std::move(transport)), stop_(std::move(stop)), clock_(clock) {}

  const HubSettings& settings() const { return settings_; }
  const std::shared_ptr<Transport>& transport() const { return transport_; }
  const std::stop_token& stop() const { return stop_; }
  Clock& clock() const { return clock_; }

  /// GET of `url`, with the token where that is the hub's own.
  std::shared_ptr<const HttpRequest> request(std::string url, const std::vector<HttpHeader>& headers) const;

  /// Errors: those of the inquiry and the transport; timeout, cancelled, protocol (redirects).
  Result<void> run(std::shared_ptr<Inquiry> inquiry, int max_retries) const;

 private:
  Policy policy(int max_retries) const;

  const HubSettings& settings_;
  std::shared_ptr<Transport> transport_;
  std::stop_token stop_;
  Clock& clock_;
};

/// A question to the hub's API: the JSON text of its answer.
class HubQuestion final : public BodyInquiry {
 public:
  HubQuestion(const HubClient& client, HubName about, const std::string& url);

  /// Once the exchange has ended well.
  const std::string& body() const { return body_; }
  /// Where the next page of the answer is; empty: this is the last one.
  const std::string& next_url() const { return next_url_; }

  Result<void> restart() override;
  Result<void> take_head(const HttpHead& head) override;
  Result<void> redirect(const HttpHead& head, const std::string& url) override;
  Error decode_error(const HttpHead& head, std::string_view body) override;
  std::string request_id(const HttpHead& head) const override;

 protected:
  Result<void> take(std::string body) override;

 private:
  const HubClient& client_;
  HubName about_;
  std::shared_ptr<const HttpRequest> first_request_;
  std::string body_;
  std::string next_url_;
};

/// "abc" of `W/"abc"`.
std::string bare_etag(std::string_view etag);

/// A failure to reach the hub at all, or of the hub itself; what is on the disk may stand in.
bool is_unreachable(const Error& error);

}  // namespace abstractllm
