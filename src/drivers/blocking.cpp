// SPDX-License-Identifier: Apache-2.0
#include "drivers/blocking.hpp"

#include <utility>

namespace abstractllm {

BlockingDriver::BlockingDriver(Exchange exchange, std::shared_ptr<Transport> transport, std::stop_token stop,
                               Clock& clock)
    : exchange_(std::move(exchange)), transport_(std::move(transport)), stop_(std::move(stop)), clock_(clock) {
  if (stop_.stop_possible()) on_stop_.emplace(stop_, [this] { wake(); });
}

bool BlockingDriver::run_until_events() {
  while (exchange_.decoded().events.empty()) {
    if (!started_) {
      started_ = true;
      action_ = exchange_.resume(stop_.stop_requested() ? Exchange::Input(StopRequested{}) : Proceed{}, clock_.now());
    } else if (action_.kind != Action::Kind::done) {
      action_ = exchange_.resume(perform(), clock_.now());
    }
    if (action_.kind == Action::Kind::done) {
      set_channel(nullptr);
      return !exchange_.decoded().events.empty();  // the last events come together with the end
    }
  }
  return true;
}

Exchange::Input BlockingDriver::perform() {
  switch (action_.kind) {
    case Action::Kind::open: return open();
    case Action::Kind::read: return read();
    case Action::Kind::sleep:
      set_channel(nullptr);
      clock_.sleep_until(action_.deadline, stop_);
      break;
    case Action::Kind::done: break;
  }
  if (stop_.stop_requested()) return StopRequested{};
  return DeadlinePassed{};
}

Exchange::Input BlockingDriver::open() {
  auto channel = transport_->open(exchange_.request());
  if (!channel) return std::move(channel).error();
  set_channel(std::move(*channel));
  return Proceed{};
}

Exchange::Input BlockingDriver::read() {
  for (;;) {
    if (stop_.stop_requested()) return StopRequested{};
    if (auto came = channel_->poll())
      return std::visit([](auto& what) -> Exchange::Input { return std::move(what); }, *came);
    if (clock_.now() >= action_.deadline) return DeadlinePassed{};
    channel_->wait(action_.deadline);
  }
}

void BlockingDriver::set_channel(std::unique_ptr<Channel> channel) {
  const std::lock_guard lock(channel_mutex_);
  channel_ = std::move(channel);
}

void BlockingDriver::wake() {
  const std::lock_guard lock(channel_mutex_);
  if (channel_) channel_->wake();
}

}  // namespace abstractllm
