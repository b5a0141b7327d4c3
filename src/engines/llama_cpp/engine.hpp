// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "engines/llama_cpp/call.hpp"
#include "engines/llama_cpp/dispatcher.hpp"
#include "engines/llama_cpp/engine_settings.hpp"
#include "engines/llama_cpp/loaded_model.hpp"

namespace abstractllm {

/// One model and the calls to it. Does nothing before the first call; then one thread takes calls in, loads the model
/// for the first of them and prepares each for the model. Thread-safe.
class Engine {
 public:
  explicit Engine(EngineSettings settings) : settings_(std::move(settings)) {}
  /// stop(). Not on one of the engine's own threads.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Returns at once; all else comes through the call.
  void submit(std::shared_ptr<Call> call);
  /// The call's reader is gone. Returns at once; the slot is let go behind it.
  void cancel(Call& call);
  /// Whether there is anything to stop: threads, a model.
  bool is_started() const;
  /// The first half of stop(), which waits for nothing.
  void request_stop();
  /// Ends all calls in Error{cancelled}, frees the model, and refuses later calls. Waits for the engine's threads,
  /// which is about one operation of the model. A second stop, also at the same time, waits for the first.
  void stop();

 private:
  void take_in();
  std::shared_ptr<Call> next_submitted();
  void handle(const std::shared_ptr<Call>& call);
  bool ensure_loaded(const std::shared_ptr<Call>& first);
  void set_first(std::shared_ptr<Call> first);
  Result<std::unique_ptr<LoadedModel>> load();
  std::deque<std::shared_ptr<Call>> take_submitted();

  const EngineSettings settings_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> answered_ = false;

  mutable std::mutex mutex_;
  std::condition_variable submitted_changed_;
  std::deque<std::shared_ptr<Call>> submitted_;
  std::shared_ptr<Call> first_;    // for which the model is loaded now
  std::stop_source nobody_waits_;  // for the model's file
  std::thread intake_;
  // In this order: the dispatcher goes before the model that it uses.
  std::unique_ptr<LoadedModel> model_;
  std::unique_ptr<Dispatcher> dispatcher_;

  std::mutex stop_mutex_;
};

}  // namespace abstractllm
