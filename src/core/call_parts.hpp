// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "abstractllm/executor.hpp"
#include "core/call_reader.hpp"
#include "core/call_tools.hpp"
#include "core/chat_inquiry.hpp"
#include "exchange/sequence.hpp"

namespace abstractllm {

/// Everything that a call needs to begin.
struct CallParts {
  CallInfo info;
  std::shared_ptr<ChatInquiry> chat;  ///< the last inquiry of the sequence
  Sequence sequence;
  std::stop_token stop;
  std::vector<Warning> warnings;
  std::shared_ptr<Executor> executor;  // for asynchronous calls
  std::shared_ptr<CallTools> tools;    // null for a call without tools

  /// The consumer blocks, and may be the thread that runs the executor.
  void use_no_executor() {
    executor = nullptr;
    if (tools) tools->executor = nullptr;
  }
};

}  // namespace abstractllm
