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

ImageTransports image_transports(const Provider& provider, const Options& options) {
  const bool anywhere = options.allow_private_image_urls().value_or(false);
  ImageTransports made;
  made.to_any = open_image_transport(options, Addresses::any);
  made.to_public = anywhere ? made.to_any : open_image_transport(options, Addresses::public_only);
  made.base_url = options.base_url().value_or(provider.base_url);
  return made;
}

ChatPlan::ChatPlan(std::shared_ptr<LateImages> images, ImageTransports transports, Describe describe,
                   std::shared_ptr<ChatInquiry> chat, Policy policy)
    : images_(std::move(images)),
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
      if (failure == nullptr && describe_->answer().vision == false) return send_blind();
      return go_on();
    case Phase::fetch:
      if (failure != nullptr) return unfit(*failure);
      if (auto taken = images_->plan.put(wanted_.index, picture_->take_bytes()); !taken)
        return std::move(taken).error();
      return go_on();
    case Phase::chat: break;
  }
  if (failure != nullptr) return *failure;
  return std::optional<Stage>();
}

Error ChatPlan::unfit(const Error& failure) const {
  Error error = failure;
  error.message = wanted_.label + " cannot be fetched: " + error.message;
  // If a server does not send an image, the caller named a wrong URL.
  if (error.kind == ErrorKind::protocol) error.kind = ErrorKind::invalid_argument;
  return error;
}

Result<std::optional<Stage>> ChatPlan::go_on() {
  const std::vector<ImagePlan::ToFetch> wanted = images_->plan.to_fetch();
  if (!wanted.empty()) return fetch(wanted.front());
  HttpRequest request = std::move(images_->request);
  auto body = images_->plan.fill(request.body);
  if (!body) return std::move(body).error();
  request.body = *std::move(body);
  return send(std::move(request), nullptr);
}

Result<std::optional<Stage>> ChatPlan::fetch(const ImagePlan::ToFetch& wanted) {
  phase_ = Phase::fetch;
  wanted_ = wanted;
  // Only a URL that the caller wrote may name the provider's own server.
  const bool own = same_server(wanted.url, transports_.base_url);
  picture_ = std::make_shared<ImageInquiry>(wanted.url, own ? transports_.to_any : transports_.to_public,
                                            transports_.to_public, images_->plan.most_bytes());
  Policy policy = policy_;
  policy.strict = false;
  policy.max_redirects = ImageInquiry::most_redirects;
  return std::optional(Stage{picture_, policy});
}

Result<std::optional<Stage>> ChatPlan::send_blind() {
  if (policy_.strict) return Error(ErrorKind::unsupported, images_->dropped.message + " (strict)");
  if (!images_->blind) return images_->blind.error();
  chat_->warn(images_->dropped);
  const std::string body = images_->blind->body;
  return send(*std::move(images_->blind), &body);
}

Result<std::optional<Stage>> ChatPlan::send(HttpRequest request, const std::string* blind_body) {
  phase_ = Phase::chat;
  if (const auto tell = std::exchange(images_->on_send, nullptr)) tell(blind_body);
  chat_->set_request(std::make_shared<const HttpRequest>(std::move(request)));
  return std::optional(Stage{chat_, policy_});
}

}  // namespace abstractllm
