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
#include "core/fold.hpp"

namespace abstractllm {

/// Numbers the calls of this process, from 1. Thread-safe.
std::int64_t next_call_id();

/// What a call is about, for errors, answers and log records.
struct CallInfo {
  std::string provider;
  std::string model;
  std::string protocol;
  Delivery delivery = Delivery::stream;
  std::int64_t id = next_call_id();  ///< what its log records have in common
};

/// What an exchange knows besides its events.
struct CallFacts {
  std::shared_ptr<const HttpRequest> request;  ///< as it was sent last: its keys are masked in what comes back
  std::string request_id;
  int attempts = 0;
};

/// The consumer's end of a call, whichever driver runs it: hands events out one by one, folds the answer beside them,
/// takes times, completes errors, logs the end.
class CallReader {
 public:
  /// `warnings` go out before the first event.
  CallReader(CallInfo info, std::shared_ptr<const HttpRequest> request, std::vector<Warning> warnings, Clock& clock);

  /// Takes over what has become known; before the events that came with it.
  void note(const Decoded& decoded, const CallFacts& facts);

  /// The next of the events, which moves out of them; nothing where all are handed out, and the list is empty then.
  /// PartEnded is for the answer's parts and is not handed out.
  std::optional<StreamEvent> next(Decoded& decoded);

  /// The call ended with this error: gives it as the consumer sees it.
  Error fail(Error error, Decoded& decoded);

  /// Finished was handed out.
  bool has_ended() const { return ended_; }
  const Response& response() const { return response_; }

 private:
  StreamEvent* next_event(Decoded& decoded);
  StreamEvent deliver(StreamEvent& event, Decoded& decoded);
  ProviderData stamped(std::string json) const;
  void take_lists(Decoded& decoded);

  CallInfo info_;
  std::shared_ptr<const HttpRequest> request_;
  Clock& clock_;
  Response response_;
  Fold fold_;
  std::string host_;                      // of the server, for provider data
  std::vector<Warning> warnings_;         // not yet handed out
  std::optional<StreamEvent> held_back_;  // Finished, while a Warning goes out before it
  TimePoint started_;
  std::size_t taken_ = 0;  // events that are handed out already
  int delivered_events_ = 0;
  bool ended_ = false;
};

}  // namespace abstractllm
