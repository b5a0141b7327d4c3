// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "engines/llama_cpp/call.hpp"
#include "engines/llama_cpp/direct_answer.hpp"
#include "engines/llama_cpp/loaded_model.hpp"
#include "engines/llama_cpp/model_adapters.hpp"
#include "server-task.h"

namespace abstractllm {

/// A call that the engine can start when it has room for it.
struct PreparedCall {
  std::shared_ptr<Call> call;
  server_task task;  ///< with ids, and with child tasks if several answers were requested
  bool stream = false;
};

/// Reads the request, applies the chat template and counts tokens. llama_cpp_transport.hpp lists the possible requests.
/// Takes milliseconds, and much more for megabytes of prompt. `adapters` apply to the answer.
std::variant<PreparedCall, DirectAnswer> tokenise_chat(const std::shared_ptr<Call>& call, LoadedModel& model,
                                                       const AdapterScales& adapters);

}  // namespace abstractllm
