// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "abstractllm/provider.hpp"
#include "abstractllm/stream.hpp"
#include "base/clock.hpp"
#include "core/data_stamp.hpp"
#include "core/fold.hpp"

namespace abstractllm {

/// Numbers the calls of this process, from 1. It is thread-safe.
std::int64_t next_call_id();

/// Facts about a call, for errors, answers and log records.
struct CallInfo {
  std::string provider;
  std::string model;
  std::string protocol;
  Delivery delivery = Delivery::stream;
  std::int64_t id = next_call_id();  ///< the field that all its log records share
};

/// What an exchange knows besides its events.
struct CallFacts {
  std::shared_ptr<const HttpRequest> request;  ///< the request that was sent last: its keys are masked in the answer
  std::string request_id;
  int attempts = 0;
};

/// The consumer's end of a call, with either driver. It delivers events one by one, folds the answer, takes times,
/// completes errors and logs the end.
class CallReader {
 public:
  /// `warnings` are delivered before the first event.
  CallReader(CallInfo info, std::shared_ptr<const HttpRequest> request, std::vector<Warning> warnings, Clock& clock);

  /// Takes new facts. Call it before the events that came with them are delivered.
  void note(const Decoded& decoded, const CallFacts& facts);

  /// Moves the next event out of the list. When all are delivered, it returns nothing and the list is empty. PartEnded
  /// is for the answer's parts and is not delivered.
  std::optional<StreamEvent> next(Decoded& decoded);

  /// The call ended with this error. Returns the error that the consumer gets.
  Error fail(Error error, Decoded& decoded);

  /// Whether Finished was delivered.
  bool has_ended() const { return ended_; }
  const Response& response() const { return response_; }
  /// Moves the answer out. Call it once, when Finished was delivered.
  Response take_response() { return std::move(response_); }

 private:
  StreamEvent* next_event(Decoded& decoded);
  StreamEvent deliver(StreamEvent& event, Decoded& decoded);
  void fold(const StreamEvent& event);
  void begin_step();
  void end_step(const StepFinished& finished);
  void add_open_step();
  void take_lists(Decoded& decoded);

  CallInfo info_;
  std::shared_ptr<const HttpRequest> request_;
  std::shared_ptr<const HttpRequest> first_request_;  // not signed or redirected
  Clock& clock_;
  Response response_;
  Fold fold_;
  std::vector<Warning> warnings_;  // not yet delivered
  DataStamp stamp_;
  std::optional<StreamEvent> held_back_;  // Finished, while a Warning is delivered before it
  TimePoint started_;
  std::size_t taken_ = 0;  // events that are already delivered
  int delivered_events_ = 0;
  bool ended_ = false;

  // These are for calls with tools.
  std::vector<ToolResult> results_;  // of the current step
  Usage usage_of_steps_;             // of those that have ended
  bool step_ended_ = false;          // the next content belongs to a new step
};

}  // namespace abstractllm
