// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/chat_inquiry.hpp"
#include "core/image_inquiry.hpp"
#include "core/image_plan.hpp"
#include "core/operation_inquiry.hpp"
#include "exchange/sequence.hpp"

namespace abstractllm {

/// A chat request with images that needs answers from the network first: whether the model can see, and images that the
/// provider does not fetch itself.
class LateImages {
 public:
  LateImages(ImagePlan image_plan, HttpRequest chat_request)
      : plan(std::move(image_plan)), request(std::move(chat_request)) {}

  ImagePlan plan;
  HttpRequest request;                        ///< its body has marks
  bool may_be_blind = false;                  ///< the model's capabilities have to be requested first
  Result<HttpRequest> blind = HttpRequest();  ///< the request, with its Warning, for a model that cannot see
  Warning dropped;
  /// If it is set, it is called before the first attempt of the call is sent. It gets the body for a model that cannot
  /// see, or null if the images are sent.
  std::function<void(const std::string* blind_body)> on_send;
};

/// The transports that fetch images for a call.
struct ImageTransports {
  std::shared_ptr<Transport> to_public;  ///< fetches only from public addresses
  std::shared_ptr<Transport> to_any;     ///< fetches from the server of the base URL
  std::string base_url;                  ///< an image of this server is fetched from any address
};

/// Returns the transports for a call with these options.
ImageTransports image_transports(const Provider& provider, const Options& options);

/// A chat call, preceded by the inquiries of LateImages. Errors before the call: those of the provider's connection.
/// For an image: invalid_argument (not found, not an image, too large, a private address, too many redirects),
/// unavailable and rate_limited (reported by its server), network, timeout.
class ChatPlan final : public CallPlan {
 public:
  using Describe = std::shared_ptr<OperationInquiry<Capabilities>>;

  /// `describe` is null unless images->may_be_blind.
  ChatPlan(std::shared_ptr<LateImages> images, ImageTransports transports, Describe describe,
           std::shared_ptr<ChatInquiry> chat, Policy policy);

  Result<std::optional<Stage>> next(const Error* failure) override;

 private:
  enum class Phase { begin, describe, fetch, chat };

  Result<std::optional<Stage>> go_on();
  Result<std::optional<Stage>> fetch(const ImagePlan::ToFetch& wanted);
  Result<std::optional<Stage>> send(HttpRequest request, const std::string* blind_body);
  Result<std::optional<Stage>> send_blind();
  Error unfit(const Error& failure) const;

  std::shared_ptr<LateImages> images_;
  ImageTransports transports_;
  Describe describe_;
  std::shared_ptr<ChatInquiry> chat_;
  Policy policy_;
  Phase phase_ = Phase::begin;
  std::shared_ptr<ImageInquiry> picture_;
  ImagePlan::ToFetch wanted_;  // the image that picture_ fetches
};

}  // namespace abstractllm
