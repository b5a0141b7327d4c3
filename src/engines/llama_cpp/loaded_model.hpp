// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"
#include "engines/llama_cpp/embedding_loop.hpp"
#include "engines/llama_cpp/embedding_plan.hpp"
#include "engines/llama_cpp/model_adapters.hpp"
#include "engines/llama_cpp/model_settings.hpp"
#include "engines/llama_cpp/special_tokens.hpp"
#include "server-context.h"
#include "server-queue.h"

namespace abstractllm {

/// A model in memory and the thread that runs it. Not movable, because the engine has pointers into it.
class LoadedModel {
 public:
  /// Loads the model on the thread that will run it, and waits. The file must have been checked, and start_backends()
  /// must have been called. `settings` has the files themselves. `stopping` ends a load or a running decode early and
  /// must outlive the model. `nobody_waits` ends the load. Errors: not_configured, invalid_argument, engine_failed;
  /// cancelled.
  static Result<std::unique_ptr<LoadedModel>> load(const ModelSettings& settings, const std::atomic<bool>& stopping,
                                                   std::stop_token nobody_waits);
  /// Stops the thread. If `stopping` was set before, this takes at most one operation of the model.
  ~LoadedModel();
  LoadedModel(const LoadedModel&) = delete;
  LoadedModel& operator=(const LoadedModel&) = delete;

  const common_params& params() const { return params_; }
  const server_context_meta& meta() const { return *meta_; }
  const llama_vocab* vocab() const { return vocab_; }
  const llama_model* model() const { return llama_get_model(context_.get_llama_context()); }
  ModelAdapters& adapters() { return *adapters_; }
  /// Null if the model was loaded to answer. Then it makes no embeddings. Otherwise it cannot answer.
  EmbeddingLoop* embeddings() const { return embeddings_.get(); }
  /// Lines of the engine no longer matter.
  bool stopping() const { return stopping_; }
  /// Why the thread ended although nobody stopped it. No call will be answered any more. Threads that wait for a result
  /// are woken.
  std::optional<Error> failure() const;
  /// Warnings for every call to the model.
  const std::vector<Warning>& warnings() const { return warnings_; }
  const SpecialTokens& special_tokens() const { return *special_tokens_; }
  /// Whether its template is for text that a base model continues. Then the caller may write special tokens.
  bool reads_special_tokens() const { return reads_special_tokens_; }
  std::chrono::microseconds load_time() const { return load_time_; }
  /// A part of the load. 0 if there was none.
  std::chrono::microseconds warmup_time() const { return warmup_time_; }
  std::int64_t layers() const { return layers_; }
  /// How many of these layers and the output layer run on GPUs.
  std::int64_t gpu_layers() const { return gpu_layers_; }
  /// Tokens that all running calls together can hold.
  std::int64_t context_tokens() const { return context_tokens_; }

  /// The queues of the engine's loop: tasks go in, and results come out. Never call terminate() of the results, because
  /// the engine ends the process there.
  server_queue& tasks() { return reader_->queue_tasks; }
  server_response& results() { return reader_->queue_results; }

 private:
  LoadedModel(common_params params, std::optional<EmbeddingPlan> plan, const std::atomic<bool>& stopping)
      : params_(std::move(params)), plan_(std::move(plan)), stopping_(stopping) {}
  std::optional<Error> start(bool warmup, const std::stop_token& nobody_waits);
  std::optional<Error> load_weights(const std::stop_token& nobody_waits);
  bool load_context();
  void note_settings(const ModelSettings& settings);
  void prepare_answers();
  void prepare_embeddings();
  void choose_template();
  void warm_up();
  void run_loop();
  void fail(const std::string& reason);

  common_params params_;
  const std::optional<EmbeddingPlan> plan_;
  const std::atomic<bool>& stopping_;
  mutable server_context context_;  // its getters are not const
  std::optional<ModelAdapters> adapters_;
  std::unique_ptr<EmbeddingLoop> embeddings_;
  std::optional<server_response_reader> reader_;
  std::optional<server_context_meta> meta_;
  const llama_vocab* vocab_ = nullptr;
  std::int64_t context_tokens_ = 0;
  std::int64_t layers_ = 0;
  std::int64_t gpu_layers_ = 0;
  std::vector<Warning> warnings_;
  std::optional<SpecialTokens> special_tokens_;
  bool reads_special_tokens_ = false;
  std::chrono::microseconds load_time_{0};
  std::chrono::microseconds warmup_time_{0};
  std::atomic<bool> loop_ended_ = false;
  std::string failure_;  // written before failed_
  std::atomic<bool> failed_ = false;
  std::thread loop_;
};

}  // namespace abstractllm
