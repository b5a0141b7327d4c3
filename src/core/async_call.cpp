// SPDX-License-Identifier: Apache-2.0
#include "core/async_call.hpp"

#include <iterator>
#include <utility>

#include "base/thrown.hpp"
#include "core/inherited_call.hpp"

namespace abstractllm {
namespace {

// The limit of events that nobody has taken. One read of the socket may exceed it by its own events.
constexpr std::size_t most_ready_events = 64;

}  // namespace

AsyncCall::AsyncCall(CallParts parts, Clock& clock)
    : LoopCall(std::move(parts.sequence), std::move(parts.stop), std::move(parts.executor), clock),
      reader_(std::move(parts.info), parts.chat->request(), std::move(parts.warnings), clock),
      chat_(std::move(parts.chat)),
      has_tools_(parts.tools != nullptr) {}

void AsyncCall::take_output(const Sequence& sequence, bool done) {
  Decoded& decoded = chat_->decoded();
  if (ready_.events.empty()) ready_.events.swap(decoded.events);
  else std::move(decoded.events.begin(), decoded.events.end(), std::back_inserter(ready_.events));
  decoded.events.clear();
  ready_.facts() = decoded.facts();
  facts_.request = chat_->request();
  if (facts_.request_id.empty()) facts_.request_id = sequence.request_id();
  facts_.attempts = has_tools_ ? chat_->attempts() : sequence.attempts();
  full_ = ready_.events.size() >= most_ready_events;
  if (done) ready_.lists() = std::move(decoded.lists());
}

std::optional<Result<std::optional<StreamEvent>>> AsyncCall::next() noexcept {
  using Next = Result<std::optional<StreamEvent>>;
  try {
    return take_next();
  } catch (...) {
    abandon();
    return Next(thrown_error());
  }
}

std::optional<Result<std::optional<StreamEvent>>> AsyncCall::take_next() {
  using Next = Result<std::optional<StreamEvent>>;
  if (error_given_) return Next(*error_given_);
  if (reader_.has_ended()) return Next(std::optional<StreamEvent>());
  if (is_inherited()) return fail(std::make_unique<Error>(inherited_call()));
  for (;;) {
    // Some events are not delivered.
    if (auto event = reader_.next(taken_)) return Next(std::move(event));
    bool was_full = false;
    std::unique_ptr<Error> error;
    {
      const std::lock_guard lock(mutex_);
      if (!has_something()) return std::nullopt;
      // Both objects keep the facts. Events and lists are moved.
      taken_.events.swap(ready_.events);
      taken_.facts() = ready_.facts();
      reader_.note(taken_, facts_);
      was_full = std::exchange(full_, false);
      if (is_done()) taken_.lists() = std::move(ready_.lists());
      if (taken_.events.empty()) {
        error = take_error();
        if (!error) error = std::make_unique<Error>(ErrorKind::internal, "the exchange ended without an outcome");
      }
    }
    if (was_full) go_on();
    if (error) return fail(std::move(error));
  }
}

Result<std::optional<StreamEvent>> AsyncCall::fail(std::unique_ptr<Error> error) {
  error_given_ = std::make_unique<const Error>(reader_.fail(std::move(*error), taken_));
  return *error_given_;
}

Result<std::optional<StreamEvent>> AsyncCall::wait() {
  if (auto can = can_wait(); !can) return std::move(can).error();
  for (;;) {
    if (auto came = next()) return *std::move(came);
    wait_for_something();
  }
}

}  // namespace abstractllm
