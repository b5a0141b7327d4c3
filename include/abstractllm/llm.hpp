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
#include "abstractllm/embedding.hpp"
#include "abstractllm/export.hpp"
#include "abstractllm/finding.hpp"
#include "abstractllm/options.hpp"
#include "abstractllm/pending.hpp"
#include "abstractllm/prompt.hpp"
#include "abstractllm/provider.hpp"
#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"
#include "abstractllm/stream.hpp"

namespace abstractllm {

/// A handle to a model: a provider and options. It is cheap to copy (copies share everything) and thread-safe: any
/// number of threads may call one Llm at once.
///
/// Options are merged at each call. The call's options override the instance's. These override the environment
/// (ABSTRACTLLM_MODEL, …), which overrides the provider's defaults.
class ABSTRACTLLM_API Llm {
 public:
  class Impl;
  explicit Llm(std::shared_ptr<const Impl> impl);

  /// Sends the prompt and waits for the whole answer. A prompt is a string literal, a string, one Message or a
  /// conversation.
  ///
  /// Errors: every kind of docs/errors.md. Error::partial has what arrived before a failure.
  Result<Response> generate(Prompt prompt, const Options& options = {}) const;

  /// Sends the prompt and delivers the answer as it arrives. All errors, including those of validation, come from the
  /// first Stream::next(). The stream may outlive the Llm.
  Stream stream(Prompt prompt, const Options& options = {}) const;

  /// Sends the prompt at once and returns before the answer arrives. All such calls run on one loop thread. This form
  /// is for coroutines: `co_await` the result, which gives the error too. The call may outlive the Llm. When the
  /// process ends, running calls end in `cancelled`.
  PendingResponse generate_async(Prompt prompt, const Options& options = {}) const;

  /// The same for callbacks. `done` is called exactly once, also if the call fails before it is sent. It runs on the
  /// executor of the options (the call's, otherwise the handle's). If there is no executor, it runs on the loop thread,
  /// where it must not block. It is never called before this function returns, unless the system has no thread left for
  /// the loop. An exception that it throws is logged.
  void generate_async(Prompt prompt, const Options& options, std::function<void(Result<Response>)> done) const;

  /// The same for code that uses neither coroutines nor callbacks. If the future is dropped, the call continues. Use
  /// the stop token to stop it.
  std::future<Result<Response>> generate_future(Prompt prompt, const Options& options = {}) const;

  /// Sends the prompt at once and calls `on_event` for each event, then `done` exactly once, as generate_async does. If
  /// `on_event` throws, the call is stopped and ends in `cancelled`. For coroutines, see Stream::next_async().
  void stream_async(Prompt prompt, const Options& options, std::function<void(const StreamEvent&)> on_event,
                    std::function<void(Result<Response>)> done) const;

  /// Sends many prompts, several at a time. Take the results with Batch::next(). A failure of one call does not stop
  /// the others.
  Batch generate_many(std::vector<std::string> prompts, const Options& options = {},
                      const BatchOptions& batch = {}) const;

  /// The same for prompts that are made when their turn comes. `questions` returns the next question, or nullopt after
  /// the last one. It is called on the consumer's thread.
  Batch generate_many(std::function<std::optional<BatchItem>()> questions, const Options& options = {},
                      const BatchOptions& batch = {}) const;

  /// Returns the request that generate (Delivery::body) or stream (Delivery::stream) would send. It sends nothing and
  /// loads nothing. Secret headers are marked, not masked. Errors: invalid_argument, unsupported and not_configured.
  Result<HttpRequest> request(Prompt prompt, const Options& options = {}, Delivery delivery = Delivery::stream) const;

  /// Returns the same request, with the Warnings that are known before anything is sent.
  Result<EncodedRequest> encode(Prompt prompt, const Options& options = {}, Delivery delivery = Delivery::stream) const;

  /// Lists everything that this provider and model would drop, change or refuse of such a call, in the words of the
  /// Warnings and Errors that the call would have. It sends nothing and loads nothing. The list is empty if the call is
  /// sent as it is. What only the server knows is not in it. Options::strict changes nothing. A call that is refused
  /// for several reasons shows the first, and a missing key besides. Errors: internal.
  Result<std::vector<Finding>> check(Prompt prompt, const Options& options = {}) const;

  /// Lists the models that the provider offers, from all pages of its listing. It blocks. Errors: unsupported for a
  /// provider without a listing, and every kind that a call can have.
  Result<std::vector<ModelInfo>> list_models(const Options& options = {}) const;
  /// The same without blocking.
  Pending<std::vector<ModelInfo>> list_models_async(const Options& options = {}) const;

  /// Tells what the model can do. It blocks if the provider has to be asked (Ollama). A call with images or audio
  /// asks by itself. Errors: those of a call.
  Result<Capabilities> capabilities(const Options& options = {}) const;
  /// The same without blocking.
  Pending<Capabilities> capabilities_async(const Options& options = {}) const;

  /// Loads the model now instead of at the first call, with the warm-up that Options::auto_warmup requests. A model
  /// that is already loaded is left unchanged. It blocks; the stop token of the options ends it. If there is nothing to
  /// load (hosted models), it does nothing. Errors: those of a call.
  Result<void> preload(const Options& options = {}) const;
  /// The same without blocking.
  Pending<void> preload_async(const Options& options = {}) const;

  /// Counts the tokens of these messages as the model will read them, which is the Usage::input_tokens of a call with
  /// them. Local models (the model is loaded first), llama-server, Anthropic and OpenAI's Responses support this.
  /// Images, audio and documents are not counted yet. Errors: unsupported, and those of a call.
  Result<std::int64_t> count_tokens(Prompt prompt, const Options& options = {}) const;
  /// The same without blocking.
  Pending<std::int64_t> count_tokens_async(Prompt prompt, const Options& options = {}) const;

  /// Returns the vectors of the texts, in their order. More texts than one request may have are sent in several
  /// requests, one after the other; Options::timeout limits all of them together. No text is cut: one that is too long
  /// for the model is `context_length`, where the server lets us ask for that. Without texts it sends nothing and
  /// returns no vectors. If a request fails, the whole call fails, and the error names the texts of that request.
  ///
  /// Errors: unsupported (the provider has no embeddings, or its server does not give Options::dimensions),
  /// invalid_argument (no embedding model is named, a text is not UTF-8, or empty where the provider refuses that),
  /// protocol (vectors that are missing, that are not finite, or that differ in length), and those of a call.
  Result<Embeddings> embed(Texts texts, const Options& options = {}) const;
  /// The same without blocking.
  Pending<Embeddings> embed_async(Texts texts, const Options& options = {}) const;

  /// Ranks all documents by their relevance for the query, in one request. It needs a model that was made for this.
  /// Without documents it sends nothing. Errors: unsupported (the provider has no ranking), invalid_argument (a text is
  /// not UTF-8), protocol, and those of a call.
  Result<Ranking> rerank(std::string query, std::vector<std::string> documents, const Options& options = {}) const;
  /// The same without blocking.
  Pending<Ranking> rerank_async(std::string query, std::vector<std::string> documents,
                                const Options& options = {}) const;

  /// The provider's name.
  const std::string& provider() const noexcept;

 private:
  std::shared_ptr<const Impl> impl_;
};

/// Makes a handle. It starts nothing, loads nothing and sends nothing. "local" is another name for "huggingface", which
/// runs models in this process.
///
/// Errors: invalid_argument for an unknown provider (the message lists the known ones and the nearest name) and for
/// options out of range, also those of the environment; not_configured if the provider cannot work (the engine was not
/// built in, or a recording cannot be read). A missing key is an error of the call.
ABSTRACTLLM_API Result<Llm> create_llm(std::string_view provider, const Options& options = {});

/// Makes a handle to a provider of your own. Nothing is registered: the name is used in errors and logs, and another
/// provider may have the same name. Errors: invalid_argument for a malformed name, for a provider without a protocol,
/// and for options out of range; those of Provider::transport.
ABSTRACTLLM_API Result<Llm> create_llm(Provider provider, const Options& options = {});

}  // namespace abstractllm
