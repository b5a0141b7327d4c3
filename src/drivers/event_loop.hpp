// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "abstractllm/transport.hpp"
#include "base/clock.hpp"
#include "base/reactor.hpp"
#include "drivers/piecewise.hpp"
#include "drivers/threaded_wait.hpp"
#include "exchange/sequence.hpp"

namespace abstractllm {

/// Runs one call on the reactor's thread, among any number of other calls, and never blocks there. Construct, use and
/// destroy it on that thread.
class EventLoopDriver {
 public:
  /// `wake` is called, from any thread, when run_until_output() should be called again.
  EventLoopDriver(Sequence sequence, std::function<void()> wake, Reactor& reactor = Reactor::shared(),
                  Clock& clock = Clock::system());
  EventLoopDriver(const EventLoopDriver&) = delete;
  EventLoopDriver& operator=(const EventLoopDriver&) = delete;

  /// Continues as far as it can without delaying the other calls. Returns true if there is something to deliver or the
  /// call is done. Returns false if it waits; then `wake` will be called. `stop` means that the caller wants no more.
  bool run_until_output(bool stop);

  bool is_done() const { return started_ && action_.kind == Action::Kind::done; }
  const Sequence& sequence() const { return sequence_; }

 private:
  void resume(Exchange::Input input);
  std::optional<Exchange::Input> perform();
  Exchange::Input open();
  std::optional<Exchange::Input> read();
  std::optional<Exchange::Input> wait_for_deadline();
  std::nullopt_t yield();
  void close();
  void close_channel();

  Sequence sequence_;
  std::function<void()> wake_;
  Clock& clock_;
  Action action_;
  bool started_ = false;
  bool handed_out_ = false;        // the last run ended with something to deliver
  bool has_looked_ = false;        // the loop has looked at its sockets since the deadline passed
  std::size_t bytes_of_turn_ = 0;  // bytes read since the other calls had a turn
  std::unique_ptr<Channel> channel_;
  Piecewise pieces_;
  std::unique_ptr<ThreadedWait> threaded_;
  Reactor::Timer timer_;
};

}  // namespace abstractllm
