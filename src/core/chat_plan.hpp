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

/// A chat request with images of which something must first be asked over the network: whether the model can see, and
/// pictures that the provider does not fetch itself.
class LateImages {
 public:
  LateImages(ImagePlan image_plan, HttpRequest chat_request)
      : plan(std::move(image_plan)), request(std::move(chat_request)) {}

  ImagePlan plan;
  HttpRequest request;                        ///< with marks in its body
  bool may_be_blind = false;                  ///< the model's capabilities are asked for first
  Result<HttpRequest> blind = HttpRequest();  ///< what is sent, with the Warning, to a model that cannot see
  Warning dropped;
  /// Called before the first attempt of the call is sent, if set: with the body for a model that cannot see, or null
  /// where the pictures are sent.
  std::function<void(const std::string* blind_body)> on_send;
};

/// How pictures are fetched for a call.
struct ImageTransports {
  std::shared_ptr<Transport> to_public;  ///< fetches from public addresses alone
  std::shared_ptr<Transport> to_any;     ///< fetches from the server of the base URL
  std::string base_url;                  ///< a picture of this server is fetched wherever it is
};

/// Those for a call with these options.
ImageTransports image_transports(const Provider& provider, const Options& options);

/// A chat call, and before it what LateImages asks. Errors before the call: those of the provider's connection, and for
/// a picture invalid_argument (not there, no picture, too large, a private address, too many redirects), unavailable
/// and rate_limited (its server says so), network, timeout.
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
  ImagePlan::ToFetch wanted_;  // what picture_ fetches
};

}  // namespace abstractllm
