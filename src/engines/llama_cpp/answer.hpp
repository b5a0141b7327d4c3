// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <unordered_set>
#include <vector>

#include "engines/llama_cpp/call.hpp"
#include "engines/llama_cpp/chat_request.hpp"
#include "server-task.h"

namespace abstractllm {

/// Turns the engine's results for one call into the bytes that llama-server would send. Confined to the dispatcher's
/// thread.
class EngineAnswer {
 public:
  /// For a call whose task will be given to the engine.
  explicit EngineAnswer(const PreparedCall& prepared);

  const std::shared_ptr<Call>& call() const { return call_; }
  /// The engine's tasks of this call. Each uses one slot.
  const std::unordered_set<int>& task_ids() const { return task_ids_; }
  const AdapterScales& adapters() const { return adapters_; }
  /// The part of the context that this call is expected to fill.
  std::int64_t reserved_tokens = 0;

  /// Takes one result. Returns true after the last one; then the call is closed.
  bool take(server_task_result_ptr result);

 private:
  bool take_error(server_task_result& result);
  void take_streamed(server_task_result& result);
  void take_whole(server_task_result_ptr result);
  void write_whole();
  void add_statistics(json& body, int slot) const;
  void write_error(const json& error);

  std::shared_ptr<Call> call_;
  AdapterScales adapters_;
  bool stream_;
  bool opened_ = false;
  std::size_t unfinished_;
  std::unordered_set<int> task_ids_;
  std::vector<task_result_state> states_;         // by index of the answer
  std::vector<server_task_result_ptr> finished_;  // by index of the answer, for one body
};

}  // namespace abstractllm
