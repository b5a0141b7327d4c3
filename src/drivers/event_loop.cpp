// SPDX-License-Identifier: Apache-2.0
#include "drivers/event_loop.hpp"

#include <utility>

namespace abstractllm {
namespace {

// This is usually the work of a fraction of a millisecond.
constexpr std::size_t most_bytes_a_turn = std::size_t{256} << 10;

}  // namespace

EventLoopDriver::EventLoopDriver(Sequence sequence, std::function<void()> wake, Reactor& reactor, Clock& clock)
    : sequence_(std::move(sequence)), wake_(std::move(wake)), clock_(clock), timer_(reactor, wake_) {}

bool EventLoopDriver::run_until_output(bool stop) {
  // A caller that took long to handle the events has not waited any longer for the server.
  if (std::exchange(handed_out_, false) && action_.kind == Action::Kind::read && !stop) resume(Proceed{});
  while (!sequence_.has_output() || sequence_.is_late()) {
    if (is_done()) return true;
    std::optional<Exchange::Input> input;
    if (stop) input = StopRequested{};
    else input = started_ ? perform() : Exchange::Input(Proceed{});
    if (!input) return false;
    started_ = true;
    resume(*std::move(input));
  }
  handed_out_ = true;
  return true;
}

void EventLoopDriver::resume(Exchange::Input input) {
  has_looked_ = false;
  if (const auto* body = std::get_if<BodyBytes>(&input)) bytes_of_turn_ += body->bytes.size();
  action_ = sequence_.resume(std::move(input), clock_.now());
  if (is_done()) close();
}

std::optional<Exchange::Input> EventLoopDriver::perform() {
  switch (action_.kind) {
    case Action::Kind::open: return open();
    case Action::Kind::read: return read();
    case Action::Kind::sleep: close_channel(); return wait_for_deadline();
    case Action::Kind::done: break;
  }
  return std::nullopt;
}

Exchange::Input EventLoopDriver::open() {
  close_channel();
  const Inquiry& inquiry = sequence_.inquiry();
  auto channel = inquiry.transport()->open(inquiry.request());
  if (!channel) return std::move(channel).error();
  if (!*channel) return Error(ErrorKind::internal, "the transport opened no channel");
  channel_ = *std::move(channel);
  if (!channel_->notify(wake_)) threaded_ = std::make_unique<ThreadedWait>(*channel_, wake_);
  return Proceed{};
}

std::optional<Exchange::Input> EventLoopDriver::read() {
  if (bytes_of_turn_ >= most_bytes_a_turn) return yield();
  if (threaded_ && threaded_->is_waiting()) return wait_for_deadline();
  if (auto came = pieces_.poll(*channel_)) return came;
  if (threaded_) threaded_->begin();
  return wait_for_deadline();
}

std::optional<Exchange::Input> EventLoopDriver::wait_for_deadline() {
  if (clock_.now() >= action_.deadline) {
    if (std::exchange(has_looked_, true)) return DeadlinePassed{};
    return yield();  // bytes may be in the socket already: the loop reads them between two turns
  }
  bytes_of_turn_ = 0;
  timer_.set(action_.deadline);
  return std::nullopt;
}

/// Gives the other calls a turn, then continues.
std::nullopt_t EventLoopDriver::yield() {
  bytes_of_turn_ = 0;
  wake_();
  return std::nullopt;
}

void EventLoopDriver::close() {
  timer_.cancel();
  close_channel();
}

void EventLoopDriver::close_channel() {
  pieces_.clear();
  threaded_.reset();
  channel_.reset();
}

}  // namespace abstractllm
