// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <vector>

#include "engines/llama_cpp/answer.hpp"
#include "engines/llama_cpp/chat_request.hpp"
#include "engines/llama_cpp/loaded_model.hpp"

namespace abstractllm {

/// One thread between the calls and the engine's loop. It starts a call when there is a slot for it, passes each result
/// to its call, and removes abandoned calls. Calls wait here in order and not in the engine's own queue. So a waiting
/// call costs the engine nothing and can leave without a trace.
class Dispatcher {
 public:
  /// `model` must outlive it.
  explicit Dispatcher(LoadedModel& model);
  /// Unfinished calls end in Error{cancelled}.
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // On any thread:

  void submit(PreparedCall call);
  /// A call was abandoned and leaves its place or its slot. Returns at once.
  void look_for_abandoned();

 private:
  using Answers = std::list<EngineAnswer>;

  void run();
  bool run_once();
  void wake();
  void take_inbox();
  void drop_abandoned();
  void start_waiting();
  bool has_room_for(const PreparedCall& call) const;
  std::int64_t tokens_to_reserve(const PreparedCall& call) const;
  void start(PreparedCall call);
  void deliver(server_task_result_ptr result);
  void fail_running(const Error& error);
  void forget(Answers::iterator answer, bool cancel);
  void close_all();

  LoadedModel& model_;
  const int control_id_;  // the task id that wakes this thread

  std::mutex mutex_;
  std::vector<PreparedCall> inbox_;
  bool stopping_ = false;
  bool woken_ = false;

  // Only the thread uses the rest.
  std::deque<PreparedCall> waiting_;
  Answers running_;
  std::unordered_set<int> expected_;  // task ids of running_, and control_id_
  std::int64_t reserved_tokens_ = 0;

  std::thread thread_;
};

}  // namespace abstractllm
