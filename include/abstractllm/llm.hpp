// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/batch.hpp"
#include "abstractllm/export.hpp"
#include "abstractllm/options.hpp"
#include "abstractllm/pending.hpp"
#include "abstractllm/prompt.hpp"
#include "abstractllm/provider.hpp"
#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"
#include "abstractllm/stream.hpp"

namespace abstractllm {

/// A model to talk to: a provider and options. Cheap to copy (copies share everything) and thread-safe: any number of
/// threads may call one Llm at once.
///
/// Options are merged anew at each call: call over instance over environment (ABSTRACTLLM_MODEL, …) over the provider's
/// defaults.
class ABSTRACTLLM_API Llm {
 public:
  class Impl;
  explicit Llm(std::shared_ptr<const Impl> impl);

  /// Asks and waits for the whole answer. A prompt is a string literal, a string, one Message or a conversation.
  ///
  /// Errors: every kind of docs/errors.md. What had arrived before a failure is in Error::partial.
  Result<Response> generate(Prompt prompt, const Options& options = {}) const;

  /// Asks and hands the answer out as it comes. Errors, even of validation, come out of the first Stream::next(). The
  /// stream may outlive the Llm.
  Stream stream(Prompt prompt, const Options& options = {}) const;

  /// Asks at once, and answers later, all calls on one loop thread: for coroutines, `co_await` what it gives. Errors
  /// come out of the await. The call may outlive the Llm. Once the process ends, calls under way end in `cancelled`.
  PendingResponse generate_async(Prompt prompt, const Options& options = {}) const;

  /// The same for callbacks: `done` is called exactly once, on the executor of the options (the call's, else the
  /// handle's), or else on the loop thread, where it must not block. That holds for calls that fail before they are
  /// sent, too. It is never called from within, unless the system has no thread left for the loop. What it throws is
  /// logged.
  void generate_async(Prompt prompt, const Options& options, std::function<void(Result<Response>)> done) const;

  /// The same for code that knows neither. The future may be dropped: the call goes on; stop it by its stop token.
  std::future<Result<Response>> generate_future(Prompt prompt, const Options& options = {}) const;

  /// Asks at once and hands out event by event, then calls `done` exactly once; as generate_async. Where `on_event`
  /// throws, the call is stopped, and ends in `cancelled`. For coroutines: Stream::next_async().
  void stream_async(Prompt prompt, const Options& options, std::function<void(const StreamEvent&)> on_event,
                    std::function<void(Result<Response>)> done) const;

  /// Asks many questions, several at once: results come as they are taken, one failure stops nothing else.
  Batch generate_many(std::vector<std::string> prompts, const Options& options = {},
                      const BatchOptions& batch = {}) const;

  /// The same for questions that are made when their turn comes: `questions` gives the next one, or nothing at the end.
  /// It is called on the consumer's thread.
  Batch generate_many(std::function<std::optional<BatchItem>()> questions, const Options& options = {},
                      const BatchOptions& batch = {}) const;

  /// The request that generate (Delivery::body) or stream (Delivery::stream) would send; sends nothing, loads nothing.
  Result<HttpRequest> request(Prompt prompt, const Options& options = {}, Delivery delivery = Delivery::stream) const;

  /// The same request, with the Warnings that are known before anything is sent.
  Result<EncodedRequest> encode(Prompt prompt, const Options& options = {}, Delivery delivery = Delivery::stream) const;

  /// The models that the provider offers: all pages of its listing. Blocks. Errors: unsupported for a provider without
  /// a listing, and every kind that a call can have.
  Result<std::vector<ModelInfo>> list_models(const Options& options = {}) const;
  /// The same without blocking.
  Pending<std::vector<ModelInfo>> list_models_async(const Options& options = {}) const;

  /// What the model can do. Blocks, where the provider is asked for it (Ollama); a call with images asks by itself.
  /// Errors: as a call's.
  Result<Capabilities> capabilities(const Options& options = {}) const;
  /// The same without blocking.
  Pending<Capabilities> capabilities_async(const Options& options = {}) const;

  /// Loads the model now and not at the first call, with what Options::auto_warmup asks for; a model that is loaded
  /// stays as it is. Blocks; the stop token of the options ends it. Where there is nothing to load (hosted models) it
  /// does nothing. Errors: as a call's.
  Result<void> preload(const Options& options = {}) const;
  /// The same without blocking.
  Pending<void> preload_async(const Options& options = {}) const;

  /// Tokens of these messages as the model will read them: what Usage::input_tokens of a call with them will say. Local
  /// models (the model is loaded), llama-server, Anthropic and OpenAI's Responses can tell; images are not counted yet.
  /// Errors: unsupported; as a call's.
  Result<std::int64_t> count_tokens(Prompt prompt, const Options& options = {}) const;
  /// The same without blocking.
  Pending<std::int64_t> count_tokens_async(Prompt prompt, const Options& options = {}) const;

  /// The provider's name.
  const std::string& provider() const noexcept;

 private:
  std::shared_ptr<const Impl> impl_;
};

/// Makes a handle; starts nothing, loads nothing, sends nothing. "local" is another name of "huggingface": models in
/// this process.
///
/// Errors: invalid_argument for an unknown provider (the message lists the known ones and the nearest name) and for
/// options out of range; not_configured where the provider cannot work at all (no key, engine not built).
ABSTRACTLLM_API Result<Llm> create_llm(std::string_view provider, const Options& options = {});

/// Makes a handle to a provider of your own. Nothing is registered: the name serves errors and logs, and it may be
/// taken by another provider. Errors: invalid_argument for a malformed name, without a protocol, and for options out of
/// range; those of Provider::transport.
ABSTRACTLLM_API Result<Llm> create_llm(Provider provider, const Options& options = {});

}  // namespace abstractllm
