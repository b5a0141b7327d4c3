// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "base/process.hpp"
#include "engines/llama_cpp/call.hpp"
#include "engines/llama_cpp/dispatcher.hpp"
#include "engines/llama_cpp/model_settings.hpp"
#include "engines/llama_cpp/place_model.hpp"

namespace abstractllm {

/// One model and its calls. Does nothing before the first call. Then one thread accepts calls, loads the model for the
/// first of them and prepares each call for the model. Thread-safe. It belongs to the process that made it: a forked
/// child has none of its threads, must not use it, and must not destroy it.
class ModelRunner : public std::enable_shared_from_this<ModelRunner>, public ProcessOwned {
 public:
  explicit ModelRunner(ModelSettings settings);
  /// Calls stop(). Not allowed on one of the runner's own threads.
  ~ModelRunner();
  ModelRunner(const ModelRunner&) = delete;
  ModelRunner& operator=(const ModelRunner&) = delete;

  /// Returns at once. Everything else is reported through the call.
  void submit(std::shared_ptr<Call> call);
  /// The call's reader is gone. Call it once for each submitted call. Returns at once; the slot is released later.
  void cancel(Call& call);
  /// The calls that were submitted and not yet cancelled. Their channels exist.
  int calls() const { return calls_; }
  /// Frees the model if no call uses it, and waits for the end of that. The next call loads it again. Returns false if
  /// a call uses it. Not allowed on one of the runner's own threads.
  bool unload();
  /// Takes over the settings for which the last handle decides.
  void adopt(const ModelSettings& latest);
  /// Whether the model in memory makes embeddings. Also true for a runner whose purpose is to answer if its model
  /// cannot write. False before the first load.
  bool makes_embeddings() const { return makes_embeddings_; }
  /// Whether there is something to stop: threads or a model.
  bool is_started() const;
  /// The first half of stop(). It does not wait.
  void request_stop();
  /// Ends all calls in Error{cancelled}, frees the model, and refuses later calls. Waits for the runner's threads,
  /// which takes about one operation of the model. A second stop, even at the same time, waits for the first.
  void stop();

 private:
  void look_for_abandoned();
  void take_in();
  std::shared_ptr<Call> next_submitted();
  void handle(const std::shared_ptr<Call>& call);
  void handle_texts(const std::shared_ptr<Call>& call, const AdapterScales& adapters);
  bool ensure_loaded(const std::shared_ptr<Call>& first);
  void fail_load(const std::shared_ptr<Call>& first, const Error& error);
  void set_first(std::shared_ptr<Call> first);
  bool was_replaced() const;
  Result<std::vector<AdapterUse>> find_adapters(const std::shared_ptr<Call>& call);
  Result<std::string> find_adapter(const std::string& adapter, const AdapterFinder& find);
  void forget_model();
  Result<void> use(PlacedModel placed, Call& first);
  ModelSettings latest_settings() const;
  bool is_idle() const { return model_ && calls_ == 0 && submitted_.empty(); }
  void free_model(std::unique_lock<std::mutex>& lock);
  std::deque<std::shared_ptr<Call>> take_submitted();

  const ModelSettings settings_;  // the settings at construction
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> answered_ = false;
  std::atomic<bool> makes_embeddings_ = false;
  std::atomic<int> calls_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable submitted_changed_;
  std::deque<std::shared_ptr<Call>> submitted_;
  std::shared_ptr<Call> first_;    // the call for which the model is being loaded
  std::stop_source nobody_waits_;  // while the model's file is prepared
  bool unload_wanted_ = false;
  bool freeing_ = false;
  std::condition_variable unload_done_;
  std::optional<std::chrono::milliseconds> keep_alive_;
  bool auto_warmup_ = false;
  std::string file_;                      // used by the intake: the loaded file, …
  std::optional<FileIdentity> identity_;  // … and its identity at that time
  std::optional<GgufDescription> shape_;  // of that file, once an adapter has needed it
  std::thread intake_;
  // In this order, so that the dispatcher is destroyed before the model that it uses.
  std::unique_ptr<LoadedModel> model_;
  std::unique_ptr<Dispatcher> dispatcher_;

  std::mutex stop_mutex_;
};

}  // namespace abstractllm
