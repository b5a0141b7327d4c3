// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/llm.hpp"

#include <mutex>
#include <random>

#include "core/ask_model.hpp"
#include "core/batch.hpp"
#include "core/call_log.hpp"
#include "core/callbacks.hpp"
#include "core/capabilities.hpp"
#include "core/consumers.hpp"
#include "core/merge.hpp"
#include "core/prepare.hpp"
#include "core/running_call.hpp"
#include "providers/open_transport.hpp"
#include "providers/registry.hpp"

namespace abstractllm {
namespace {

/// Whether one connection or engine serves both: the table says which options matter to it.
bool same_transport(const Options& a, const Options& b) {
  bool same = true;
#define ABSTRACTLLM_OPTION(name, kind, scope, trust, transport, unit, min, max, flag, help) \
  if (OptionTransport::transport == OptionTransport::own) same = same && a.name() == b.name();
#include "abstractllm/options.def"
#undef ABSTRACTLLM_OPTION
  return same;
}

double random_number() {
  thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
}

}  // namespace

class Llm::Impl {
 public:
  Impl(std::shared_ptr<const Provider> provider, Options options)
      : provider_(std::move(provider)), options_(std::move(options)) {}

  const Provider& provider() const { return *provider_; }
  const Options& options() const { return options_; }

  /// The transport for these options, kept as long as this handle lives: it holds the engine's lease.
  Result<std::shared_ptr<Transport>> transport(const Options& merged) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [options, transport] : transports_)
      if (same_transport(options, merged)) return transport;
    auto made = open_transport(*provider_, merged);
    if (made) transports_.emplace_back(merged, *made);
    return made;
  }

  /// Checks, merges and encodes; nothing is sent yet.
  Result<CallParts> call(std::vector<Message> messages, const Options& call, Delivery delivery) const {
    auto parts = unnamed_call(std::move(messages), call, delivery);
    if (!parts) return named(std::move(parts).error(), call);
    return parts;
  }

  Result<void> preload(const Options& call) const {
    if (provider_->preload_request.empty()) return {};
    if (auto valid = call.validate(); !valid) return std::move(valid).error();
    const Options options = call.over(options_);
    auto to = transport(options);
    if (!to) return std::move(to).error();
    return ask_to_load(*std::move(to), *provider_, options);
  }

  Result<std::int64_t> count_tokens(std::vector<Message> messages, const Options& call) const {
    auto prepared = prepare(*provider_, options_, std::move(messages), call, Delivery::body);
    if (!prepared) return std::move(prepared).error();
    auto to = transport(prepared->request.options);
    if (!to) return std::move(to).error();
    return ask_to_count(*std::move(to), *provider_, *prepared);
  }

  /// Errors found before anything was sent know who was asked, too.
  Error named(Error error, const Options& call) const {
    error.provider = provider_->name;
    error.model = call.model().value_or(options_.model().value_or(""));
    return error;
  }

 private:
  Result<CallParts> unnamed_call(std::vector<Message> messages, const Options& call, Delivery delivery) const {
    auto prepared = prepare(*provider_, options_, std::move(messages), call, delivery);
    if (!prepared) return std::move(prepared).error();
    const Options& options = prepared->request.options;
    if (auto has_key = check_key(*provider_, options); !has_key && !options.replay()) return std::move(has_key).error();
    auto to = transport(options);
    if (!to) return std::move(to).error();

    CallInfo info{provider_->name, options.model().value_or(""), std::string(prepared->protocol->name()), delivery};
    log_request(info, *prepared);
    if (prepared->late_images) *to = make_image_transport(*std::move(to), prepared->late_images);
    Exchange exchange(prepared->protocol, prepared->http, delivery, policy_from(options), random_number);
    return CallParts{std::move(info),      std::move(exchange),           *std::move(to),
                     options.stop_token(), std::move(prepared->warnings), options.executor()};
  }

  std::shared_ptr<const Provider> provider_;
  Options options_;
  mutable std::mutex mutex_;
  mutable std::vector<std::pair<Options, std::shared_ptr<Transport>>> transports_;
};

namespace {

std::vector<Message> one_message(std::string prompt) {
  std::vector<Message> messages;
  messages.push_back(Message::user(std::move(prompt)));
  return messages;
}

}  // namespace

Llm::Llm(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

const std::string& Llm::provider() const noexcept { return impl_->provider().name; }

Result<Response> Llm::generate(std::string prompt, const Options& options) const {
  return generate(one_message(std::move(prompt)), options);
}

Result<Response> Llm::generate(std::vector<Message> messages, const Options& options) const {
  auto parts = impl_->call(std::move(messages), options, Delivery::body);
  if (!parts) return std::move(parts).error();
  RunningCall call(*std::move(parts));
  for (;;) {
    auto event = call.next();
    if (!event) return std::move(event).error();
    if (!*event) return call.response();
  }
}

Stream Llm::stream(std::string prompt, const Options& options) const {
  return stream(one_message(std::move(prompt)), options);
}

Stream Llm::stream(std::vector<Message> messages, const Options& options) const {
  return make_stream(impl_->call(std::move(messages), options, Delivery::stream));
}

PendingResponse Llm::generate_async(std::string prompt, const Options& options) const {
  return generate_async(one_message(std::move(prompt)), options);
}

PendingResponse Llm::generate_async(std::vector<Message> messages, const Options& options) const {
  return make_pending_response(impl_->call(std::move(messages), options, Delivery::body));
}

void Llm::generate_async(std::string prompt, const Options& options, std::function<void(Result<Response>)> done) const {
  generate_async(one_message(std::move(prompt)), options, std::move(done));
}

void Llm::generate_async(std::vector<Message> messages, const Options& options,
                         std::function<void(Result<Response>)> done) const {
  auto parts = impl_->call(std::move(messages), options, Delivery::body);
  begin_with_callbacks(std::move(parts), options.executor(), {}, std::move(done));
}

std::future<Result<Response>> Llm::generate_future(std::string prompt, const Options& options) const {
  return generate_future(one_message(std::move(prompt)), options);
}

std::future<Result<Response>> Llm::generate_future(std::vector<Message> messages, const Options& options) const {
  auto promise = std::make_shared<std::promise<Result<Response>>>();
  std::future<Result<Response>> future = promise->get_future();
  // Whoever waits for a future needs no executor, and may be the one that runs it.
  auto parts = impl_->call(std::move(messages), options, Delivery::body);
  if (parts) parts->executor = nullptr;
  begin_with_callbacks(std::move(parts), nullptr, {},
                       [promise](Result<Response> response) { promise->set_value(std::move(response)); });
  return future;
}

void Llm::stream_async(std::string prompt, const Options& options, std::function<void(const StreamEvent&)> on_event,
                       std::function<void(Result<Response>)> done) const {
  stream_async(one_message(std::move(prompt)), options, std::move(on_event), std::move(done));
}

void Llm::stream_async(std::vector<Message> messages, const Options& options,
                       std::function<void(const StreamEvent&)> on_event,
                       std::function<void(Result<Response>)> done) const {
  auto parts = impl_->call(std::move(messages), options, Delivery::stream);
  begin_with_callbacks(std::move(parts), options.executor(), std::move(on_event), std::move(done));
}

Result<HttpRequest> Llm::request(std::vector<Message> messages, const Options& options, Delivery delivery) const {
  auto prepared = prepare(impl_->provider(), impl_->options(), std::move(messages), options, delivery);
  if (!prepared) return impl_->named(std::move(prepared).error(), options);
  return *prepared->http;
}

Result<Capabilities> Llm::capabilities(const Options& options) const {
  auto found = ask_capabilities(impl_->provider(), options.over(impl_->options()));
  if (!found) return impl_->named(std::move(found).error(), options);
  return found;
}

Result<void> Llm::preload(const Options& options) const {
  auto loaded = impl_->preload(options);
  if (!loaded) return impl_->named(std::move(loaded).error(), options);
  return loaded;
}

Result<std::int64_t> Llm::count_tokens(std::string prompt, const Options& options) const {
  return count_tokens(one_message(std::move(prompt)), options);
}

Result<std::int64_t> Llm::count_tokens(std::vector<Message> messages, const Options& options) const {
  auto tokens = impl_->count_tokens(std::move(messages), options);
  if (!tokens) return impl_->named(std::move(tokens).error(), options);
  return tokens;
}

Batch Llm::generate_many(std::vector<std::string> prompts, const Options& options, const BatchOptions& batch) const {
  auto next = [prompts = std::move(prompts), at = std::size_t{0}]() mutable -> std::optional<BatchItem> {
    if (at == prompts.size()) return std::nullopt;
    return BatchItem(std::move(prompts[at++]));
  };
  return generate_many(std::function<std::optional<BatchItem>()>(std::move(next)), options, batch);
}

Batch Llm::generate_many(std::function<std::optional<BatchItem>()> questions, const Options& options,
                         const BatchOptions& batch) const {
  auto ask = [impl = impl_, options](BatchItem item, std::stop_token stop, std::function<void(Result<Response>)> done) {
    const Options merged = item.options.over(options).stop_token(std::move(stop));
    auto parts = impl->call(std::move(item.messages), merged, Delivery::body);
    if (parts) parts->executor = nullptr;  // the consumer blocks, and may be whom the executor needs
    begin_with_callbacks(std::move(parts), nullptr, {}, std::move(done));
  };
  std::stop_token stop = options.over(impl_->options()).stop_token();
  return make_batch(std::move(questions), std::move(ask), std::move(stop), batch);
}

Result<Llm> create_llm(std::string_view name, const Options& options) {
  auto provider = find_provider(name);
  if (!provider) return std::move(provider).error();
  auto merged = instance_options(**provider, options);
  auto impl = merged ? std::make_shared<const Llm::Impl>(*provider, *merged) : nullptr;
  // Asked for once here, so that a provider that cannot work says so now and not at the first call.
  auto transport = merged ? impl->transport(*merged) : Result<std::shared_ptr<Transport>>(std::move(merged).error());
  if (!transport) {
    Error error = std::move(transport).error();
    error.provider = std::string(name);
    return error;
  }
  return Llm(std::move(impl));
}

}  // namespace abstractllm
