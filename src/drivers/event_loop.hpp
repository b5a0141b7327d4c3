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
#include "exchange/exchange.hpp"

namespace abstractllm {

/// Runs one Exchange on the reactor's thread, among any number of others, without ever waiting there. All of it,
/// construction and destruction too, on that thread.
class EventLoopDriver {
 public:
  /// `wake` is called, from any thread, when run_until_events() should be called again.
  EventLoopDriver(Exchange exchange, std::shared_ptr<Transport> transport, std::function<void()> wake,
                  Reactor& reactor = Reactor::shared(), Clock& clock = Clock::system());
  EventLoopDriver(const EventLoopDriver&) = delete;
  EventLoopDriver& operator=(const EventLoopDriver&) = delete;

  /// Goes as far as it can without keeping others waiting. True: the exchange has events, or is done. False: it waits,
  /// and `wake` will be called.
  /// `stop`: the caller wants no more.
  bool run_until_events(bool stop);

  bool is_done() const { return started_ && action_.kind == Action::Kind::done; }
  Exchange& exchange() { return exchange_; }

 private:
  void resume(Exchange::Input input);
  std::optional<Exchange::Input> perform();
  Exchange::Input open();
  std::optional<Exchange::Input> read();
  std::optional<Exchange::Input> wait_for_deadline();
  std::nullopt_t yield();
  void close();
  void close_channel();

  Exchange exchange_;
  std::shared_ptr<Transport> transport_;
  std::function<void()> wake_;
  Clock& clock_;
  Action action_;
  bool started_ = false;
  bool handed_out_ = false;        // events, at the end of the last run
  bool has_looked_ = false;        // the loop has looked at its sockets since the deadline passed
  std::size_t bytes_of_turn_ = 0;  // read since others had their turn
  std::unique_ptr<Channel> channel_;
  Piecewise pieces_;
  std::unique_ptr<ThreadedWait> threaded_;
  Reactor::Timer timer_;
};

}  // namespace abstractllm
