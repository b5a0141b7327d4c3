// SPDX-License-Identifier: Apache-2.0
#include "core/chat_plan.hpp"

#include <utility>

#include "base/url.hpp"
#include "providers/open_transport.hpp"

namespace abstractllm {
namespace {

/// If a server does not know the question or the model, that says nothing about images. The call itself will show it.
bool says_nothing(const Error& failure) { return failure.http_status != 0 || failure.kind == ErrorKind::protocol; }

}  // namespace

MediaTransports media_transports(const Provider& provider, const Options& options) {
  const bool anywhere = options.allow_private_image_urls().value_or(false);
  MediaTransports made;
  made.to_any = open_media_transport(options, Addresses::any);
  made.to_public = anywhere ? made.to_any : open_media_transport(options, Addresses::public_only);
  made.base_url = options.base_url().value_or(provider.base_url);
  return made;
}

ChatPlan::ChatPlan(std::shared_ptr<LateMedia> media, MediaTransports transports, Describe describe,
                   std::shared_ptr<ChatInquiry> chat, Policy policy)
    : media_(std::move(media)),
      transports_(std::move(transports)),
      describe_(std::move(describe)),
      chat_(std::move(chat)),
      policy_(std::move(policy)) {}

Result<std::optional<Stage>> ChatPlan::next(const Error* failure) {
  switch (phase_) {
    case Phase::begin:
      if (!describe_) return go_on();
      phase_ = Phase::describe;
      return std::optional(Stage{describe_, policy_});
    case Phase::describe:
      if (failure != nullptr && !says_nothing(*failure)) return *failure;
      if (media_->kept) media_->kept->described = failure == nullptr ? describe_->answer() : Capabilities();
      if (failure == nullptr)
        if (auto dropped = drop(describe_->answer()); !dropped) return std::move(dropped).error();
      return go_on();
    case Phase::fetch:
      if (failure != nullptr) return unfit(*failure);
      if (auto taken = media_->plan.put(wanted_.index, fetched_->take_bytes()); !taken) return std::move(taken).error();
      return go_on();
    case Phase::chat: break;
  }
  if (failure != nullptr) return *failure;
  return std::optional<Stage>();
}

Error ChatPlan::unfit(const Error& failure) const {
  Error error = failure;
  error.message = wanted_.label + " cannot be fetched: " + error.message;
  // If a server does not send it, the caller named a wrong URL.
  if (error.kind == ErrorKind::protocol) error.kind = ErrorKind::invalid_argument;
  return error;
}

Result<void> ChatPlan::warn(std::vector<Warning> warnings) {
  if (policy_.strict && !warnings.empty()) return Error(ErrorKind::unsupported, warnings.front().message + " (strict)");
  for (Warning& warning : warnings) chat_->warn(std::move(warning));
  return {};
}

Result<void> ChatPlan::drop(const Capabilities& found) {
  MediaKinds dropped;
  if (media_->unsure.has(MediaKind::image) && found.vision == false) dropped.add(MediaKind::image);
  if (media_->unsure.has(MediaKind::audio) && found.hearing == false) dropped.add(MediaKind::audio);
  if (dropped.empty()) return {};
  Request& request = media_->request;
  if (auto warned = warn(dropped_media(request.messages, dropped, request.options)); !warned) return warned;
  auto rest = without_media(request.messages, dropped);
  if (!rest) return std::move(rest).error();
  request.messages = *std::move(rest);
  media_->plan.drop(dropped);
  return {};
}

Result<std::optional<Stage>> ChatPlan::go_on() {
  const std::optional<MediaPlan::ToFetch> wanted = media_->plan.next_to_fetch();
  return wanted ? fetch(*wanted) : send();
}

Result<std::optional<Stage>> ChatPlan::fetch(const MediaPlan::ToFetch& wanted) {
  phase_ = Phase::fetch;
  wanted_ = wanted;
  // Only a URL that the caller wrote may name the provider's own server.
  const bool own = same_server(wanted.url, transports_.base_url);
  fetched_ = std::make_shared<MediaInquiry>(wanted.kind, wanted.url, own ? transports_.to_any : transports_.to_public,
                                            transports_.to_public, wanted.most_bytes);
  Policy policy = policy_;
  policy.strict = false;
  policy.max_redirects = MediaInquiry::most_redirects;
  return std::optional(Stage{fetched_, policy});
}

Result<std::optional<Stage>> ChatPlan::send() {
  phase_ = Phase::chat;
  MediaPlan& plan = media_->plan;
  Request& request = media_->request;
  const auto inlined = plan.inline_files(request.messages, MediaPlan::Unfetched::left);
  if (!inlined) return inlined.error();
  if (*inlined > 0)
    if (auto warned = warn({media_->file_inlined(*inlined)}); !warned) return std::move(warned).error();
  plan.set_data(request, MediaPlan::Unfetched::left);
  auto encoded = media_->encode(request);
  if (!encoded) return std::move(encoded).error();
  if (const auto tell = std::exchange(media_->on_send, nullptr)) tell(plan.facts(), plan.shown(encoded->http.body));
  auto body = plan.fill(encoded->http.body);
  if (!body) return std::move(body).error();
  encoded->http.body = *std::move(body);
  chat_->set_request(std::make_shared<const HttpRequest>(std::move(encoded->http)));
  return std::optional(Stage{chat_, policy_});
}

}  // namespace abstractllm
