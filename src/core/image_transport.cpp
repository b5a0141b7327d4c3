// SPDX-License-Identifier: Apache-2.0
#include "core/image_transport.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/url.hpp"
#include "core/image_fetch.hpp"
#include "drivers/threaded_wait.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t most_probe_bytes = std::size_t{8} << 20;

/// What is known so far; kept for repeated attempts.
struct Progress {
  std::shared_ptr<LateImages> images;
  std::shared_ptr<Transport> transport;
  bool probed = false;
  bool blind = false;
  std::size_t fetched = 0;
  std::vector<ImagePlan::ToFetch> wanted;
  std::shared_ptr<const HttpRequest> request;  // whole, once all is there
};

/// First the questions, one after the other, then the request itself.
class ImageChannel final : public Channel {
 public:
  explicit ImageChannel(std::shared_ptr<Progress> progress) : progress_(std::move(progress)) {}

  std::optional<IoResult> poll() override;
  void wait(std::chrono::steady_clock::time_point deadline) override { channel_->wait(deadline); }
  void wake() override {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    if (channel_) channel_->wake();
  }
  bool notify(std::function<void()> ready) override {
    ready_ = std::move(ready);
    return true;
  }

 private:
  enum class Phase { begin, probe, fetch, send, over };

  std::optional<IoResult> poll_channel();
  Result<void> begin();
  Result<void> open(Transport& transport, std::shared_ptr<const HttpRequest> request);
  Result<void> take_probe(IoResult came);
  Result<void> take_fetched(IoResult came);
  Result<void> go_on();
  Result<void> fetch();
  Result<void> send();

  std::shared_ptr<Progress> progress_;
  Phase phase_ = Phase::begin;
  std::mutex mutex_;  // of the channel, against wake()
  std::unique_ptr<Channel> channel_;
  std::function<void()> ready_;             // set: nobody waits, all channels notify
  std::unique_ptr<ThreadedWait> threaded_;  // of a channel that cannot
  bool woken_ = false;
  std::optional<ImageFetch> fetch_;
  std::string probe_body_;
  bool probe_answered_ = false;
  std::vector<IoResult> to_report_;
};

std::optional<IoResult> ImageChannel::poll() {
  for (;;) {
    if (!to_report_.empty()) {
      IoResult first = std::move(to_report_.front());
      to_report_.erase(to_report_.begin());
      return first;
    }
    if (phase_ == Phase::over) return std::nullopt;
    if (phase_ == Phase::send) return poll_channel();
    std::optional<IoResult> came;
    if (phase_ != Phase::begin) {
      came = poll_channel();
      if (!came) return std::nullopt;
    }
    Result<void> outcome = phase_ == Phase::begin   ? begin()
                           : phase_ == Phase::probe ? take_probe(*std::move(came))
                                                    : take_fetched(*std::move(came));
    if (outcome) continue;
    phase_ = Phase::over;
    return std::move(outcome).error();
  }
}

std::optional<IoResult> ImageChannel::poll_channel() {
  if (threaded_ && threaded_->is_waiting()) return std::nullopt;
  auto came = channel_->poll();
  if (!came && threaded_) threaded_->begin();
  return came;
}

Result<void> ImageChannel::open(Transport& transport, std::shared_ptr<const HttpRequest> request) {
  auto channel = transport.open(std::move(request));
  if (!channel) return std::move(channel).error();
  if (!*channel) return Error(ErrorKind::internal, "the transport opened no channel");
  threaded_.reset();
  {
    const std::lock_guard lock(mutex_);
    channel_ = *std::move(channel);
    if (woken_) channel_->wake();
  }
  if (ready_ && !channel_->notify(ready_)) threaded_ = std::make_unique<ThreadedWait>(*channel_, ready_);
  return {};
}

Result<void> ImageChannel::begin() {
  const LateImages& images = *progress_->images;
  if (progress_->request) return send();
  to_report_.emplace_back(Queued{true});  // connecting to the provider has not begun
  if (progress_->probed || !images.probe) return go_on();
  phase_ = Phase::probe;
  return open(*progress_->transport, std::make_shared<const HttpRequest>(*images.probe));
}

/// A server that does not know the question, or the model, says nothing against pictures: the call itself will tell.
Result<void> ImageChannel::take_probe(IoResult came) {
  if (auto* error = std::get_if<Error>(&came)) return std::move(*error);
  if (const auto* head = std::get_if<HttpHead>(&came)) probe_answered_ = head->status == 200;
  if (const auto* piece = std::get_if<BodyBytes>(&came); piece != nullptr && probe_body_.size() < most_probe_bytes)
    probe_body_ += piece->bytes;
  if (!std::holds_alternative<BodyEnd>(came)) return {};
  progress_->probed = true;
  progress_->blind = probe_answered_ && read_capabilities(probe_body_).vision == false;
  return go_on();
}

Result<void> ImageChannel::go_on() {
  LateImages& images = *progress_->images;
  if (progress_->blind) {
    if (images.strict) return Error(ErrorKind::unsupported, images.dropped.message + " (strict)");
    if (!images.blind) return images.blind.error();
    progress_->request = std::make_shared<const HttpRequest>(*images.blind);
    to_report_.emplace_back(images.dropped);
    return send();
  }
  progress_->wanted = images.plan.to_fetch();
  if (!progress_->wanted.empty()) return fetch();
  HttpRequest request = images.request;
  auto body = images.plan.fill(request.body);
  if (!body) return std::move(body).error();
  request.body = *std::move(body);
  progress_->request = std::make_shared<const HttpRequest>(std::move(request));
  return send();
}

Result<void> ImageChannel::fetch() {
  phase_ = Phase::fetch;
  LateImages& images = *progress_->images;
  if (!fetch_) {
    const ImagePlan::ToFetch& next = progress_->wanted.front();
    fetch_.emplace(next.url, next.place, images.plan.most_bytes());
  }
  // Only what the caller wrote himself may name his own server: a redirect is a stranger's word.
  const bool own = !fetch_->is_redirected() && same_server(fetch_->url(), images.base_url);
  return open(own ? *images.to_any : *images.to_public, fetch_->request());
}

Result<void> ImageChannel::take_fetched(IoResult came) {
  const Result<ImageFetch::Next> next = fetch_->take(std::move(came));
  if (!next) return next.error();
  if (*next == ImageFetch::Next::read) return {};
  if (*next == ImageFetch::Next::open) return fetch();
  const std::size_t index = progress_->wanted.front().index;
  if (Result<void> taken = progress_->images->plan.put(index, fetch_->take_bytes()); !taken) return taken;
  fetch_.reset();
  return go_on();
}

Result<void> ImageChannel::send() {
  phase_ = Phase::send;
  if (const auto tell = std::exchange(progress_->images->on_send, nullptr))
    tell(progress_->blind ? &progress_->request->body : nullptr);
  to_report_.emplace_back(Queued{false});
  return open(*progress_->transport, progress_->request);
}

class ImageTransport final : public Transport {
 public:
  ImageTransport(std::shared_ptr<Transport> transport, std::shared_ptr<LateImages> images)
      : progress_(std::make_shared<Progress>()) {
    progress_->images = std::move(images);
    progress_->transport = std::move(transport);
  }

  Result<std::unique_ptr<Channel>> open(std::shared_ptr<const HttpRequest>) override {
    return std::unique_ptr<Channel>(std::make_unique<ImageChannel>(progress_));
  }

 private:
  std::shared_ptr<Progress> progress_;
};

}  // namespace

std::shared_ptr<Transport> make_image_transport(std::shared_ptr<Transport> transport,
                                                std::shared_ptr<LateImages> images) {
  return std::make_shared<ImageTransport>(std::move(transport), std::move(images));
}

Capabilities read_capabilities(std::string_view body) {
  const Result<Json> json = parse_server_json(body, "the model's capabilities");
  if (!json || !json->is_object()) return {};
  const Json* model = &*json;
  if (const auto models = json->find("models"); models != json->end()) {
    if (!models->is_array() || models->size() != 1 || !models->front().is_object()) return {};
    model = &models->front();
  }
  const auto list = model->find("capabilities");
  if (list == model->end() || !list->is_array()) return {};
  Capabilities found;
  found.vision = std::any_of(list->begin(), list->end(), [](const Json& word) {
    return word == "vision" || word == "multimodal";  // the latter is llama-server's
  });
  return found;
}

}  // namespace abstractllm
