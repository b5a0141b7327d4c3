// SPDX-License-Identifier: Apache-2.0
#include "core/blocking_call.hpp"

#include <utility>

#include "base/thrown.hpp"
#include "core/inherited_call.hpp"
#include "core/loop_call.hpp"

namespace abstractllm {

BlockingCall::BlockingCall(CallParts parts, Clock& clock)
    : reader_(std::move(parts.info), parts.chat->request(), std::move(parts.warnings), clock),
      chat_(std::move(parts.chat)),
      tools_(std::move(parts.tools)),
      driver_(std::move(parts.sequence), std::move(parts.stop), clock) {}

Result<std::optional<StreamEvent>> BlockingCall::next() {
  if (error_) return *error_;
  try {
    auto came = advance();
    if (!came) error_ = came.error();
    return came;
  } catch (...) {
    // An object that threw is not used again.
    error_ = thrown_error();
    try {
      error_ = reader_.fail(*error_, chat_->decoded());
    } catch (...) {  // NOLINT(bugprone-empty-catch): no memory to complete the error with
    }
    return *error_;
  }
}

Result<std::optional<StreamEvent>> BlockingCall::advance() {
  if (reader_.has_ended()) return std::optional<StreamEvent>();
  const Sequence& sequence = driver_.sequence();
  if (is_inherited()) {
    error_ = reader_.fail(inherited_call(), chat_->decoded());
    return *error_;
  }
  // A Task of this call would wait for ever for the thread that waits for it.
  if (tools_)
    if (auto can = LoopCall::can_wait(); !can) return reader_.fail(std::move(can).error(), chat_->decoded());
  for (;;) {
    if (auto event = reader_.next(chat_->decoded())) return event;
    const bool has_events = driver_.run_until_output();
    const int attempts = tools_ ? chat_->attempts() : sequence.attempts();
    reader_.note(chat_->decoded(), {chat_->request(), sequence.request_id(), attempts});
    if (has_events) continue;
    if (tools_) wait_for_tools();
    // The exchange ensures that an answer without Finished is an error.
    return reader_.fail(sequence.error().value_or(Error(ErrorKind::internal, "the exchange ended without an outcome")),
                        chat_->decoded());
  }
}

/// A tool may use what its caller owns. Whoever has stopped the call must be able to let go of that afterwards.
void BlockingCall::wait_for_tools() {
  const std::optional<Error>& error = driver_.sequence().error();
  if (error && error->kind == ErrorKind::cancelled && tools_->round)
    tools_->round->wait_for_tools(Clock::system().now() + tools_->timeout);
}

}  // namespace abstractllm
