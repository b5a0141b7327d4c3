// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "abstractllm/options.hpp"
#include "abstractllm/stream.hpp"
#include "base/clock.hpp"
#include "drivers/blocking.hpp"

namespace abstractllm {

/// What a call is about, for errors, answers and log records.
struct CallInfo {
  std::string provider;
  std::string model;
  std::string protocol;
  Delivery delivery = Delivery::stream;
};

/// One call as its consumer sees it: events out, the answer folded beside them, times taken, both ends logged.
class RunningCall {
 public:
  /// `warnings` go out before the first event.
  RunningCall(CallInfo info, Exchange exchange, std::shared_ptr<Transport> transport, std::stop_token stop,
              std::vector<Warning> warnings = {}, Clock& clock = Clock::system());

  /// See Stream::next().
  Result<std::optional<StreamEvent>> next();
  const Response& response() const { return response_; }

 private:
  /// Folds, and moves out of, `event`.
  Result<std::optional<StreamEvent>> delivered(StreamEvent& event);
  void take_facts();
  void take_lists();
  Error fail(Error error);

  CallInfo info_;
  Clock& clock_;
  BlockingDriver driver_;
  Response response_;
  std::vector<Warning> warnings_;  // not yet handed out
  std::optional<Error> error_;
  std::optional<StreamEvent> held_back_;  // Finished, while a Warning goes out before it
  TimePoint started_{};
  std::size_t taken_ = 0;  // events of the driver's list that are handed out already
  int delivered_events_ = 0;
  bool ended_ = false;
};

}  // namespace abstractllm
