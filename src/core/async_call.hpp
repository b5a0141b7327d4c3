// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "core/call_parts.hpp"
#include "core/loop_call.hpp"

namespace abstractllm {

/// A chat call on the event loop. It fills a bounded list of events. If the consumer takes nothing, the transfer stops
/// until it does. In a forked child, a call of the parent ends in `cancelled`.
class AsyncCall final : public LoopCall {
 public:
  /// The object must be held by a shared_ptr.
  explicit AsyncCall(CallParts parts, Clock& clock = Clock::system());

  // The consumer's side. Use it on one thread at a time.

  /// Returns an event, the end, or an error, as Stream::next() does. Returns nothing if there is none yet.
  std::optional<Result<std::optional<StreamEvent>>> next() noexcept;
  /// Blocks until next() has something. It must not be called on the loop thread.
  Result<std::optional<StreamEvent>> wait();
  const Response& response() const { return reader_.response(); }
  Response take_response() { return reader_.take_response(); }

 private:
  std::optional<Result<std::optional<StreamEvent>>> take_next();
  Result<std::optional<StreamEvent>> fail(std::unique_ptr<Error> error);
  bool has_output() const override { return !ready_.events.empty(); }
  bool is_full() const override { return full_; }
  void take_output(const Sequence& sequence, bool done) override;

  CallReader reader_;
  std::shared_ptr<ChatInquiry> chat_;  // belongs to the loop
  bool has_tools_;
  Decoded taken_;                             // belongs to the consumer: events that the loop has handed over
  std::unique_ptr<const Error> error_given_;  // on the heap, because few calls have one

  // These are protected by the lock.
  Decoded ready_;  // from the loop to the consumer
  CallFacts facts_;
  bool full_ = false;  // the loop waits for the consumer
};

}  // namespace abstractllm
