// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/chat_inquiry.hpp"
#include "core/media_inquiry.hpp"
#include "core/media_messages.hpp"
#include "core/media_plan.hpp"
#include "core/operation_inquiry.hpp"
#include "exchange/sequence.hpp"

namespace abstractllm {

/// A chat request with attachments that needs answers from the network first: whether the model can see or hear, and
/// what the provider does not fetch itself.
class LateMedia {
 public:
  using Encode = std::function<Result<EncodedRequest>(const Request&)>;

  LateMedia(MediaPlan media_plan, Request chat_request, Encode encode_request)
      : plan(std::move(media_plan)), request(std::move(chat_request)), encode(std::move(encode_request)) {}

  MediaPlan plan;
  Request request;                  ///< with the attachments of the plan
  Encode encode;                    ///< makes the whole request of it, with marks in its body
  MediaKinds unsure;                ///< the model has to be asked whether it takes them; empty: it need not
  std::shared_ptr<CallMedia> kept;  ///< for the later requests of the call; null if there are none
  /// Makes the Warning for files that are written into the text.
  std::function<Warning(std::size_t count)> file_inlined;
  /// If it is set, it is called before the first attempt of the call is sent, with the body for people.
  std::function<void(const MediaFacts& sent, const std::string& body)> on_send;
};

/// The transports that fetch attachments for a call.
struct MediaTransports {
  std::shared_ptr<Transport> to_public;  ///< fetches only from public addresses
  std::shared_ptr<Transport> to_any;     ///< fetches from the server of the base URL
  std::string base_url;                  ///< a URL of this server is fetched from any address
};

/// Returns the transports for a call with these options.
MediaTransports media_transports(const Provider& provider, const Options& options);

/// A chat call, preceded by the inquiries of LateMedia. Errors before the call: those of the provider's connection. For
/// an attachment: invalid_argument (not found, content of another kind, too large, a private address, too many
/// redirects), unsupported (a PDF that the wire format does not take), unavailable and rate_limited (reported by its
/// server), network, timeout.
class ChatPlan final : public CallPlan {
 public:
  using Describe = std::shared_ptr<OperationInquiry<Capabilities>>;

  /// `describe` is null if media->unsure is empty.
  ChatPlan(std::shared_ptr<LateMedia> media, MediaTransports transports, Describe describe,
           std::shared_ptr<ChatInquiry> chat, Policy policy);

  Result<std::optional<Stage>> next(const Error* failure) override;

 private:
  enum class Phase { begin, describe, fetch, chat };

  Result<std::optional<Stage>> go_on();
  Result<std::optional<Stage>> fetch(const MediaPlan::ToFetch& wanted);
  Result<std::optional<Stage>> send();
  Result<void> drop(const Capabilities& found);
  Result<void> warn(std::vector<Warning> warnings);
  Error unfit(const Error& failure) const;

  std::shared_ptr<LateMedia> media_;
  MediaTransports transports_;
  Describe describe_;
  std::shared_ptr<ChatInquiry> chat_;
  Policy policy_;
  Phase phase_ = Phase::begin;
  std::shared_ptr<MediaInquiry> fetched_;
  MediaPlan::ToFetch wanted_;  // what fetched_ fetches
};

}  // namespace abstractllm
