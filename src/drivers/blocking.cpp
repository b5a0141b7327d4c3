// SPDX-License-Identifier: Apache-2.0
#include "drivers/blocking.hpp"

#include <utility>

namespace abstractllm {

BlockingDriver::BlockingDriver(Sequence sequence, std::stop_token stop, Clock& clock)
    : sequence_(std::move(sequence)), stop_(std::move(stop)), clock_(clock) {
  if (stop_.stop_possible()) on_stop_.emplace(stop_, [this] { wake(); });
}

bool BlockingDriver::run_until_output() {
  if (!std::exchange(started_, true)) resume(stop_.stop_requested() ? Exchange::Input(StopRequested{}) : Proceed{});
  else if (action_.kind == Action::Kind::read) resume(Proceed{});
  while (!sequence_.has_output() || sequence_.is_late()) {
    if (action_.kind == Action::Kind::done) break;
    resume(perform());
  }
  if (action_.kind == Action::Kind::done) set_channel(nullptr);
  return sequence_.has_output();  // the last of it arrives together with the end
}

/// The time is taken here, after the wait for `input`.
void BlockingDriver::resume(Exchange::Input input) { action_ = sequence_.resume(std::move(input), clock_.now()); }

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
  set_channel(nullptr);
  const Inquiry& inquiry = sequence_.inquiry();
  auto channel = inquiry.transport()->open(inquiry.request());
  if (!channel) return std::move(channel).error();
  if (!*channel) return Error(ErrorKind::internal, "the transport opened no channel");
  set_channel(std::move(*channel));
  return Proceed{};
}

Exchange::Input BlockingDriver::read() {
  for (;;) {
    if (stop_.stop_requested()) return StopRequested{};
    if (auto came = pieces_.poll(*channel_)) return *std::move(came);
    const bool late = clock_.now() >= action_.deadline;
    channel_->wait(action_.deadline);  // late: only checks what has arrived while the caller was busy
    if (!late) continue;
    if (auto came = pieces_.poll(*channel_)) return *std::move(came);
    return DeadlinePassed{};
  }
}

void BlockingDriver::set_channel(std::unique_ptr<Channel> channel) {
  pieces_.clear();
  {
    const std::lock_guard lock(channel_mutex_);
    channel_.swap(channel);
  }
  // The old channel ends here, without the lock: a tool that is told to stop may stop the call, which wakes the
  // channel.
  channel.reset();
}

void BlockingDriver::wake() {
  const std::lock_guard lock(channel_mutex_);
  try {
    if (channel_) channel_->wake();
  } catch (...) {  // NOLINT(bugprone-empty-catch): a stop request must not end the process; the wait may end by itself
  }
}

}  // namespace abstractllm
