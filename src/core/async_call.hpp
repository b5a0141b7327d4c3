// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "core/call_parts.hpp"
#include "core/loop_call.hpp"

namespace abstractllm {

/// A chat call on the event loop: fills a bounded list of events. A consumer that takes nothing stops the transfer
/// until he does. In a forked child, a call of the parent ends in `cancelled` for whoever asks.
class AsyncCall final : public LoopCall {
 public:
  /// Held by a shared_ptr.
  explicit AsyncCall(CallParts parts, Clock& clock = Clock::system());

  // The consumer's side; one thread at a time.

  /// An event, the end, or an error, as Stream::next(); nothing: not yet.
  std::optional<Result<std::optional<StreamEvent>>> next() noexcept;
  /// Blocks until next() has something. Not on the loop thread.
  Result<std::optional<StreamEvent>> wait();
  const Response& response() const { return reader_.response(); }

 private:
  std::optional<Result<std::optional<StreamEvent>>> take_next();
  Result<std::optional<StreamEvent>> fail(std::unique_ptr<Error> error);
  bool has_output() const override { return !ready_.events.empty(); }
  bool is_full() const override { return full_; }
  void take_output(const Sequence& sequence, bool done) override;

  CallReader reader_;
  std::shared_ptr<ChatInquiry> chat_;         // the loop's
  Decoded taken_;                             // the consumer's: events that the loop has handed over
  std::unique_ptr<const Error> error_given_;  // on the heap: few calls have one

  // Under the lock.
  Decoded ready_;  // from the loop to the consumer
  CallFacts facts_;
  bool full_ = false;  // the loop waits for the consumer
};

}  // namespace abstractllm
