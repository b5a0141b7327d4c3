// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/llm.hpp"

#include <utility>

#include "base/thrown.hpp"
#include "core/batch.hpp"
#include "core/blocking_call.hpp"
#include "core/call_log.hpp"
#include "core/callbacks.hpp"
#include "core/consumers.hpp"
#include "core/embed_call.hpp"
#include "core/merge.hpp"
#include "core/operations.hpp"
#include "core/prepare.hpp"
#include "core/random_number.hpp"
#include "core/response_future.hpp"
#include "core/tool_plan.hpp"
#include "core/transports.hpp"
#include "providers/registry.hpp"

namespace abstractllm {

class Llm::Impl {
 public:
  Impl(std::shared_ptr<const Provider> provider, Options options)
      : provider_(std::move(provider)), options_(std::move(options)) {}

  const Provider& provider() const { return *provider_; }
  const std::shared_ptr<const Provider>& shared_provider() const { return provider_; }
  const Options& options() const { return options_; }

  Result<std::shared_ptr<Transport>> transport(const Options& merged) const {
    return transports_.get(*provider_, merged);
  }

  /// Returns where a call with these options continues, even if it fails before it is sent.
  std::shared_ptr<Executor> executor(const Options& call) const {
    return call.executor() ? call.executor() : options_.executor();
  }

  /// Checks, merges and encodes the call. Nothing is sent yet.
  Result<CallParts> call(Prompt prompt, const Options& call, Delivery delivery) const {
    return guarded([&]() -> Result<CallParts> {
      CallInfo info{provider_->name, call.model().value_or(options_.model().value_or("")), "", delivery};
      auto parts = guarded([&] { return unlogged_call(info, std::move(prompt).messages(), call); });
      if (parts) return parts;
      const Error error = named(std::move(parts).error(), call);
      log_response(info, HttpRequest(), Response(), &error);
      return error;
    });
  }

  Result<OperationCall<std::vector<ModelInfo>>> list_models(const Options& call) const {
    if (auto valid = call.validate(); !valid) return std::move(valid).error();
    return models_call(provider_, call.over(options_), [&](const Options& options) { return transport(options); });
  }

  Result<OperationCall<Capabilities>> capabilities(const Options& call) const {
    if (auto valid = call.validate(); !valid) return std::move(valid).error();
    const Options options = call.over(options_);
    const Capabilities known = known_capabilities(*provider_, options);
    if ((known.vision && known.hearing) || !provider_->describes_models)
      return known_call<Capabilities>(*provider_, options, [known] { return known; });
    auto to = transport(options);
    if (!to) return std::move(to).error();
    return describe_call(*provider_, options, *std::move(to));
  }

  Result<OperationCall<void>> preload(const Options& call) const {
    if (auto valid = call.validate(); !valid) return std::move(valid).error();
    const Options options = call.over(options_);
    if (!provider_->loads_models) return known_call<void>(*provider_, options, [] {});
    auto to = transport(options);
    if (!to) return std::move(to).error();
    return load_call(*provider_, options, *std::move(to));
  }

  Result<OperationCall<std::int64_t>> count_tokens(std::vector<Message> messages, const Options& call) const {
    auto prepared = prepare_chat(provider_, options_, std::move(messages), call, Delivery::body);
    if (!prepared) return std::move(prepared).error();
    if (auto has_key = check_key(*provider_, prepared->request.options); !has_key) return std::move(has_key).error();
    auto to = transport(prepared->request.options);
    if (!to) return std::move(to).error();
    return count_tokens_call(*provider_, *prepared, *std::move(to));
  }

  Result<OperationCall<Embeddings>> embed(std::vector<std::string> texts, const Options& call) const {
    if (auto valid = call.validate(); !valid) return std::move(valid).error();
    return embed_call(provider_, call.over(options_), std::move(texts),
                      [&](const Options& options) { return transport(options); });
  }

  Result<OperationCall<Ranking>> rerank(const std::string& query, const std::vector<std::string>& documents,
                                        const Options& call) const {
    if (auto valid = call.validate(); !valid) return std::move(valid).error();
    return rerank_call(provider_, call.over(options_), query, documents,
                       [&](const Options& options) { return transport(options); });
  }

  /// Returns what `ask` returns or throws, with the names in its Error.
  template <class Ask>
  auto attempt(const Options& call, Ask ask) const -> decltype(ask()) {
    return guarded([&]() -> decltype(ask()) {
      auto outcome = guarded(ask);
      if (!outcome) return named(std::move(outcome).error(), call);
      return outcome;
    });
  }

 private:
  /// Errors that are found before anything is sent also get the provider's name.
  Error named(Error error, const Options& call) const {
    error.provider = provider_->name;
    error.model = call.model().value_or(options_.model().value_or(""));
    return error;
  }

  Result<CallParts> unlogged_call(CallInfo info, std::vector<Message> messages, const Options& call) const {
    const auto& offered = call.tools() ? call.tools() : options_.tools();
    const bool has_tools = offered && !offered->empty();
    std::vector<Message> asked;  // the later requests begin with it
    std::shared_ptr<CallMedia> media;
    if (has_tools) {
      asked = messages;
      media = std::make_shared<CallMedia>();
    }
    auto prepared = prepare_chat(provider_, options_, std::move(messages), call, info.delivery, media);
    if (!prepared) return std::move(prepared).error();
    const Options& options = prepared->request.options;
    if (auto has_key = check_key(*provider_, options); !has_key) return std::move(has_key).error();
    auto to = transport(options);
    if (!to) return std::move(to).error();

    info.protocol = prepared->protocol->name();
    log_request(info, *prepared);
    Policy policy = policy_from(options);
    policy.on_retry = log_retries(info);
    auto chat = std::make_shared<ChatInquiry>(prepared->protocol, info.delivery, policy.strict, prepared->http, *to);
    chat->set_authorize(authorize_of(*provider_, options));
    auto before = media_plan(*provider_, *prepared, chat, policy, *to);
    if (!before) return std::move(before).error();
    const std::stop_token stop = options.stop_token();
    const std::shared_ptr<Executor> executor = options.executor();
    std::vector<Warning> warnings = std::move(prepared->warnings);
    if (!has_tools)
      return CallParts{
          std::move(info), chat,   sequence_of(*std::move(before), chat, policy), stop, std::move(warnings),
          executor,        nullptr};
    const auto plan = [provider = provider_, chat, policy, to = *to](const PreparedRequest& request) {
      return media_plan(*provider, request, chat, policy, to);
    };
    auto tools = std::make_shared<CallTools>();
    tools->executor = executor;
    ToolPlan::Setup setup{std::move(asked),
                          options,
                          info,
                          chat,
                          tools,
                          policy,
                          warnings,
                          preparation(info.delivery, std::move(media)),
                          plan};
    auto loop = std::make_unique<ToolPlan>(std::move(setup), *std::move(before));
    return CallParts{
        std::move(info), chat, Sequence(std::move(loop), random_number), stop, std::move(warnings), executor,
        std::move(tools)};
  }

  /// Returns what prepares the later requests of a call with tools. Their options are merged already.
  std::function<Result<PreparedRequest>(std::vector<Message>, const Options&)> preparation(
      Delivery delivery, std::shared_ptr<CallMedia> media) const {
    return [provider = provider_, delivery, media = std::move(media)](std::vector<Message> messages,
                                                                      const Options& options) {
      return prepare_chat(provider, Options(), std::move(messages), options, delivery, media);
    };
  }

  static Sequence sequence_of(std::unique_ptr<CallPlan> plan, const std::shared_ptr<ChatInquiry>& chat,
                              const Policy& policy) {
    return plan ? Sequence(std::move(plan), random_number) : Sequence(Stage{chat, policy}, random_number);
  }

  /// Returns the inquiries that must come before the chat, with the chat, or null if there are none.
  static Result<std::unique_ptr<CallPlan>> media_plan(const Provider& provider, const PreparedRequest& prepared,
                                                      const std::shared_ptr<ChatInquiry>& chat, const Policy& policy,
                                                      const std::shared_ptr<Transport>& to) {
    if (!prepared.late_media) return std::unique_ptr<CallPlan>();
    const Options& options = prepared.request.options;
    ChatPlan::Describe describe;
    if (!prepared.late_media->unsure.empty()) {
      auto inquiry = describe_inquiry(provider, options, to);
      if (!inquiry) return std::move(inquiry).error();
      describe = *std::move(inquiry);
    }
    return std::unique_ptr<CallPlan>(std::make_unique<ChatPlan>(
        prepared.late_media, media_transports(provider, options), std::move(describe), chat, policy));
  }

  std::shared_ptr<const Provider> provider_;
  Options options_;
  mutable Transports transports_;
};

namespace {

Result<Response> whole_answer(Result<CallParts> parts) {
  if (!parts) return std::move(parts).error();
  return guarded([&]() -> Result<Response> {
    BlockingCall call(*std::move(parts));
    for (;;) {
      auto event = call.next();
      if (!event) return std::move(event).error();
      if (!*event) return call.take_response();
    }
  });
}

std::future<Result<Response>> future_answer(Result<CallParts> parts) {
  ResponseFuture made = make_response_future();
  // A thread that waits for a future needs no executor, and may be the thread that runs it.
  if (parts) parts->use_no_executor();
  begin_with_callbacks(std::move(parts), nullptr, {}, std::move(made.done));
  return std::move(made.future);
}

}  // namespace

Llm::Llm(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

const std::string& Llm::provider() const noexcept { return impl_->provider().name; }

Result<Response> Llm::generate(Prompt prompt, const Options& options) const {
  return whole_answer(impl_->call(std::move(prompt), options, Delivery::body));
}

Stream Llm::stream(Prompt prompt, const Options& options) const {
  return make_stream(impl_->call(std::move(prompt), options, Delivery::stream));
}

PendingResponse Llm::generate_async(Prompt prompt, const Options& options) const {
  return make_pending_response(impl_->call(std::move(prompt), options, Delivery::body));
}

void Llm::generate_async(Prompt prompt, const Options& options, std::function<void(Result<Response>)> done) const {
  auto parts = impl_->call(std::move(prompt), options, Delivery::body);
  begin_with_callbacks(std::move(parts), impl_->executor(options), {}, std::move(done));
}

std::future<Result<Response>> Llm::generate_future(Prompt prompt, const Options& options) const {
  return future_answer(impl_->call(std::move(prompt), options, Delivery::body));
}

void Llm::stream_async(Prompt prompt, const Options& options, std::function<void(const StreamEvent&)> on_event,
                       std::function<void(Result<Response>)> done) const {
  auto parts = impl_->call(std::move(prompt), options, Delivery::stream);
  begin_with_callbacks(std::move(parts), impl_->executor(options), std::move(on_event), std::move(done));
}

Result<HttpRequest> Llm::request(Prompt prompt, const Options& options, Delivery delivery) const {
  auto encoded = encode(std::move(prompt), options, delivery);
  if (!encoded) return std::move(encoded).error();
  return std::move(encoded->http);
}

Result<EncodedRequest> Llm::encode(Prompt prompt, const Options& options, Delivery delivery) const {
  return impl_->attempt(options, [&]() -> Result<EncodedRequest> {
    auto prepared =
        prepare_chat(impl_->shared_provider(), impl_->options(), std::move(prompt).messages(), options, delivery);
    if (!prepared) return std::move(prepared).error();
    EncodedRequest encoded;
    encoded.http = *prepared->http;
    encoded.warnings = std::move(prepared->warnings);
    return encoded;
  });
}

Result<std::vector<Finding>> Llm::check(Prompt prompt, const Options& options) const {
  return impl_->attempt(options, [&]() -> Result<std::vector<Finding>> {
    return check_chat(impl_->shared_provider(), impl_->options(), std::move(prompt).messages(), options);
  });
}

Result<std::vector<ModelInfo>> Llm::list_models(const Options& options) const {
  return impl_->attempt(options, [&] { return run_here(impl_->list_models(options)); });
}

Pending<std::vector<ModelInfo>> Llm::list_models_async(const Options& options) const {
  return run_on_loop(impl_->attempt(options, [&] { return impl_->list_models(options); }));
}

Result<Capabilities> Llm::capabilities(const Options& options) const {
  return impl_->attempt(options, [&] { return run_here(impl_->capabilities(options)); });
}

Pending<Capabilities> Llm::capabilities_async(const Options& options) const {
  return run_on_loop(impl_->attempt(options, [&] { return impl_->capabilities(options); }));
}

Result<void> Llm::preload(const Options& options) const {
  return impl_->attempt(options, [&] { return run_here(impl_->preload(options)); });
}

Pending<void> Llm::preload_async(const Options& options) const {
  return run_on_loop(impl_->attempt(options, [&] { return impl_->preload(options); }));
}

Result<std::int64_t> Llm::count_tokens(Prompt prompt, const Options& options) const {
  return impl_->attempt(options, [&] { return run_here(impl_->count_tokens(std::move(prompt).messages(), options)); });
}

Pending<std::int64_t> Llm::count_tokens_async(Prompt prompt, const Options& options) const {
  return run_on_loop(
      impl_->attempt(options, [&] { return impl_->count_tokens(std::move(prompt).messages(), options); }));
}

Result<Embeddings> Llm::embed(Texts texts, const Options& options) const {
  return impl_->attempt(options, [&] { return run_here(impl_->embed(std::move(texts).list(), options)); });
}

Pending<Embeddings> Llm::embed_async(Texts texts, const Options& options) const {
  return run_on_loop(impl_->attempt(options, [&] { return impl_->embed(std::move(texts).list(), options); }));
}

Result<Ranking> Llm::rerank(std::string query, std::vector<std::string> documents, const Options& options) const {
  return impl_->attempt(options, [&] { return run_here(impl_->rerank(query, documents, options)); });
}

Pending<Ranking> Llm::rerank_async(std::string query, std::vector<std::string> documents,
                                   const Options& options) const {
  return run_on_loop(impl_->attempt(options, [&] { return impl_->rerank(query, documents, options); }));
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
    if (parts) parts->use_no_executor();
    begin_with_callbacks(std::move(parts), nullptr, {}, std::move(done));
  };
  std::stop_token stop = options.over(impl_->options()).stop_token();
  return make_batch(std::move(questions), std::move(ask), std::move(stop), batch);
}

namespace {

Result<Llm> handle_to(std::shared_ptr<const Provider> provider, const Options& options) {
  const auto make = [&]() -> Result<Llm> {
    auto merged = instance_options(*provider, options);
    if (!merged) return std::move(merged).error();
    auto impl = std::make_shared<const Llm::Impl>(provider, *merged);
    // This is called once here, so that a provider that cannot work fails now and not at the first call.
    auto transport = impl->transport(*merged);
    if (!transport) return std::move(transport).error();
    return Llm(std::move(impl));
  };
  auto made = guarded(make);
  if (made) return made;
  Error error = std::move(made).error();
  error.provider = provider->name;
  return error;
}

}  // namespace

Result<Llm> create_llm(std::string_view name, const Options& options) {
  return guarded([&]() -> Result<Llm> {
    auto provider = find_provider(name);
    if (!provider) return std::move(provider).error();
    return handle_to(*std::move(provider), options);
  });
}

Result<Llm> create_llm(Provider provider, const Options& options) {
  return guarded([&]() -> Result<Llm> {
    auto checked = checked_provider(std::move(provider));
    if (!checked) return std::move(checked).error();
    return handle_to(*std::move(checked), options);
  });
}

}  // namespace abstractllm
