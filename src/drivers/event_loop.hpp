// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "abstractllm/transport.hpp"
#include "base/clock.hpp"
#include "base/reactor.hpp"
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

  /// Goes as far as it can. True: the exchange has events, or is done. False: it waits, and `wake` will be called.
  /// `stop`: the caller wants no more.
  bool run_until_events(bool stop);

  bool is_done() const { return started_ && action_.kind == Action::Kind::done; }
  Exchange& exchange() { return exchange_; }

 private:
  std::optional<Exchange::Input> perform();
  Exchange::Input open();
  std::optional<Exchange::Input> read();
  std::optional<Exchange::Input> wait_for_deadline();
  void close();

  Exchange exchange_;
  std::shared_ptr<Transport> transport_;
  std::function<void()> wake_;
  Clock& clock_;
  Action action_;
  bool started_ = false;
  std::unique_ptr<Channel> channel_;
  std::unique_ptr<ThreadedWait> threaded_;
  Reactor::Timer timer_;
};

}  // namespace abstractllm
