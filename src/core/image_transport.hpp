// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/image_plan.hpp"

namespace abstractllm {

/// A call with images of which something must first be asked over the network: whether the model can see, and pictures
/// that the provider does not fetch itself.
class LateImages {
 public:
  LateImages(ImagePlan the_plan, HttpRequest the_request)
      : plan(std::move(the_plan)), request(std::move(the_request)) {}

  ImagePlan plan;
  HttpRequest request;                        ///< with marks in its body
  std::optional<HttpRequest> probe;           ///< asks for the model's capabilities
  Result<HttpRequest> blind = HttpRequest();  ///< what is sent, with the Warning, to a model that cannot see
  Warning dropped;
  bool strict = false;                   ///< in place of the Warning an Error
  std::shared_ptr<Transport> to_public;  ///< fetches from public addresses alone
  std::shared_ptr<Transport> to_any;     ///< fetches from the server of the base URL
  std::string base_url;                  ///< a picture of this server is fetched wherever it is
  /// Called before the first attempt of the call is sent, if set: with the body for a model that cannot see, or null
  /// where the pictures are sent.
  std::function<void(const std::string* blind_body)> on_send;
};

/// Answers through `transport`, after all of that: before the first attempt of the call, in this order. Errors: those
/// of the provider's connection, and for a picture invalid_argument (not there, no picture, too large, a private
/// address, too many redirects), unavailable and rate_limited (its server says so), network, timeout. An asynchronous
/// call needs no thread for it, unless `transport` does.
std::shared_ptr<Transport> make_image_transport(std::shared_ptr<Transport> transport,
                                                std::shared_ptr<LateImages> images);

/// The capabilities in the answer to a probe, of a model or a listing of one; unset where it does not say.
Capabilities read_capabilities(std::string_view body);

}  // namespace abstractllm
