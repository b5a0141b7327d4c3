// SPDX-License-Identifier: Apache-2.0
#include "core/fold.hpp"

namespace abstractllm {
namespace {

struct Fold {
  Response& response;

  void operator()(const TextDelta& delta) const { response.text += delta.text; }
  void operator()(const ReasoningDelta& delta) const { response.reasoning += delta.text; }
  // A call enters the answer whole, with its ToolCall event: half of one is nothing to act on.
  void operator()(const ToolCallStarted&) const {}
  void operator()(const ToolCallDelta&) const {}
  void operator()(const ToolCall& call) const { response.tool_calls.push_back(call); }
  void operator()(const Warning& warning) const { response.warnings.push_back(warning); }
  void operator()(const Finished& finished) const {
    response.finish_reason = finished.finish_reason;
    response.raw_finish_reason = finished.raw_finish_reason;
    response.usage = finished.usage;
  }
};

}  // namespace

void fold(const StreamEvent& event, Response& response) { std::visit(Fold{response}, event); }

}  // namespace abstractllm
