// SPDX-License-Identifier: Apache-2.0
#include "drivers/event_loop.hpp"

#include <utility>

namespace abstractllm {

EventLoopDriver::EventLoopDriver(Exchange exchange, std::shared_ptr<Transport> transport, std::function<void()> wake,
                                 Reactor& reactor, Clock& clock)
    : exchange_(std::move(exchange)),
      transport_(std::move(transport)),
      wake_(std::move(wake)),
      clock_(clock),
      timer_(reactor, wake_) {}

bool EventLoopDriver::run_until_events(bool stop) {
  while (exchange_.decoded().events.empty()) {
    if (is_done()) return true;
    std::optional<Exchange::Input> input;
    if (stop) input = StopRequested{};
    else input = started_ ? perform() : Exchange::Input(Proceed{});
    if (!input) return false;
    started_ = true;
    action_ = exchange_.resume(*std::move(input), clock_.now());
    if (is_done()) close();
  }
  return true;
}

std::optional<Exchange::Input> EventLoopDriver::perform() {
  switch (action_.kind) {
    case Action::Kind::open: return open();
    case Action::Kind::read: return read();
    case Action::Kind::sleep:
      threaded_.reset();
      channel_.reset();
      return wait_for_deadline();
    case Action::Kind::done: break;
  }
  return std::nullopt;
}

Exchange::Input EventLoopDriver::open() {
  threaded_.reset();
  channel_.reset();
  auto channel = transport_->open(exchange_.request());
  if (!channel) return std::move(channel).error();
  channel_ = *std::move(channel);
  if (!channel_->notify(wake_)) threaded_ = std::make_unique<ThreadedWait>(*channel_, wake_);
  return Proceed{};
}

std::optional<Exchange::Input> EventLoopDriver::read() {
  if (threaded_ && threaded_->is_waiting()) return wait_for_deadline();
  if (auto came = channel_->poll())
    return std::visit([](auto& what) -> Exchange::Input { return std::move(what); }, *came);
  if (threaded_) threaded_->begin();
  return wait_for_deadline();
}

std::optional<Exchange::Input> EventLoopDriver::wait_for_deadline() {
  if (clock_.now() >= action_.deadline) return DeadlinePassed{};
  timer_.set(action_.deadline);
  return std::nullopt;
}

void EventLoopDriver::close() {
  timer_.cancel();
  threaded_.reset();
  channel_.reset();
}

}  // namespace abstractllm
