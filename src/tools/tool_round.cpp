// SPDX-License-Identifier: Apache-2.0
#include "tools/tool_round.hpp"

#include <algorithm>
#include <utility>

#include "base/thrown.hpp"
#include "tools/task_run.hpp"
#include "tools/tool_impl.hpp"
#include "tools/tool_pool.hpp"

namespace abstractllm {
namespace {

/// A server can put millions of calls into one answer. Each keeps some memory until the end of the call.
constexpr std::size_t most_calls = 1000;

Error refusal(std::string message) { return {ErrorKind::tool_failed, std::move(message)}; }

std::string seconds_text(std::chrono::milliseconds time) {
  std::string text = std::to_string(time.count() / 1000);
  const auto rest = time.count() % 1000;
  if (rest == 0) return text;
  text += "." + std::to_string(1000 + rest).substr(1);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

}  // namespace

ToolLimits tool_limits_from(const Options& options) {
  ToolLimits limits;
  limits.timeout = options.tool_timeout().value_or(limits.timeout);
  limits.at_once = static_cast<std::size_t>(options.max_parallel_tools().value_or(8));
  limits.result_bytes = static_cast<std::size_t>(options.max_tool_result_bytes().value_or(1 << 20));
  limits.round_bytes = std::max(limits.round_bytes, limits.result_bytes);
  return limits;
}

ToolRound::ToolRound(Setup setup, Clock& clock)
    : setup_(std::move(setup)), clock_(clock), slots_(setup_.calls.size()), bytes_(setup_.limits.round_bytes) {
  for (std::size_t index = 0; index < slots_.size(); ++index) slots_[index].planned = std::move(setup_.calls[index]);
  setup_.calls.clear();
  for (std::size_t index = most_calls; index < slots_.size(); ++index)
    slots_[index].refused =
        refusal("the call was not run: at most " + std::to_string(most_calls) + " calls of one answer are run");
}

void ToolRound::ask() {
  {
    const std::lock_guard lock(mutex_);
    ++running_;
  }
  const Result<void> begun = guarded([this]() -> Result<void> {
    ToolPool::of_the_process().run([self = shared_from_this()] { self->ask_all(); });
    return {};
  });
  if (begun) return;
  {
    const std::lock_guard lock(mutex_);
    --running_;
    asked_ = true;
    for (Slot& slot : slots_) slot.refused = refusal("nobody could be asked for approval: " + begun.error().message);
  }
  tell();
}

void ToolRound::ask_all() {
  for (std::size_t index = 0; index < slots_.size(); ++index) {
    {
      const std::lock_guard lock(mutex_);
      if (stopped_) break;
    }
    ask_one(index);
    if (is_inherited()) return;
  }
  {
    const std::lock_guard lock(mutex_);
    --running_;
    asked_ = true;
  }
  tell();
}

/// Until run() is called, this is the only thread that changes the slots.
void ToolRound::ask_one(std::size_t index) {
  Slot& slot = slots_[index];
  if (!slot.refused) check(slot, slot.planned.call.arguments_json);
  if (slot.refused) return;
  ToolContext context(slot.planned.call.id, asking_.get_token(), setup_.conversation);
  const Result<Approval> approval =
      guarded([&]() -> Result<Approval> { return setup_.approve(slot.planned.call, context); });
  if (!approval) {
    slot.refused = refusal("the call was denied, because the approval failed: " + approval.error().message);
  } else if (!approval->is_allowed()) {
    slot.refused = refusal("the call was denied: " + approval->reason());
    if (approval->ends_call()) {
      const std::lock_guard lock(mutex_);
      ends_call_ = true;
    }
  } else if (approval->arguments_json()) {
    check(slot, *approval->arguments_json());
  }
}

/// Sets the arguments, or why the tool cannot run.
void ToolRound::check(Slot& slot, const std::string& arguments) const {
  if (slot.planned.call.incomplete) {
    slot.refused = refusal("the call was cut off, so it was not run: send it again, whole");
  } else if (!slot.planned.tool) {
    slot.refused = refusal("there is no tool '" + slot.planned.call.name + "'; the tools are: " + setup_.known_tools);
  } else {
    auto accepted = guarded([&] { return slot.planned.tool->schema()->accept(arguments); });
    if (accepted) slot.arguments = *std::move(accepted);
    else slot.refused = refusal("invalid arguments: " + accepted.error().message);
  }
}

void ToolRound::run() {
  start_more();
  tell();
}

/// Returns the next slot whose tool a worker must run, if there is a place for it. Slots before it that cannot run end.
/// Call it under the lock.
std::optional<std::size_t> ToolRound::begin_next() {
  while (!stopped_ && next_ < slots_.size()) {
    Slot& slot = slots_[next_];
    if (!slot.refused && !setup_.places->take()) {
      if (!active_.empty()) return std::nullopt;
      slot.refused = refusal("the tool was not run: earlier tools do not return and hold all places");
    }
    const std::size_t index = next_++;
    if (slot.refused) {
      end_slot(outcome_for(index, *slot.refused), clock_.now());
      slot.refused.reset();
      continue;
    }
    slot.state = State::running;
    slot.started = clock_.now();
    slot.stop = std::stop_source();
    slot.has_worker = true;
    active_.push_back(index);
    ++running_;
    return index;
  }
  return std::nullopt;
}

/// Starts as many workers as there are places. A worker goes on with the next slot itself, so that tools which end at
/// once do not need a thread each.
void ToolRound::start_more() {
  for (;;) {
    std::size_t index = 0;
    {
      const std::lock_guard lock(mutex_);
      if (workers_ == setup_.limits.at_once) return;
      const std::optional<std::size_t> next = begin_next();
      if (!next) return;
      ++workers_;
      index = *next;
    }
    const Result<void> begun = guarded([&]() -> Result<void> {
      ToolPool::of_the_process().run([self = shared_from_this(), index] { self->work(index); });
      return {};
    });
    if (begun) continue;
    note_end(index, refusal("the tool was not run: " + begun.error().message));
    const std::lock_guard lock(mutex_);
    if (std::exchange(slots_[index].has_worker, false)) --workers_;
  }
}

/// Runs on a thread of the pool.
void ToolRound::work(std::size_t index) {
  for (std::optional<std::size_t> next = index; next;) {
    run_one(*next);
    if (is_inherited()) return;
    next = go_on_after(*next);
    tell();
  }
}

/// Returns the next slot for a worker, or nothing if it is no longer needed.
std::optional<std::size_t> ToolRound::go_on_after(std::size_t index) {
  const std::lock_guard lock(mutex_);
  // After a late tool another worker may have taken the place.
  if (std::exchange(slots_[index].has_worker, false)) --workers_;
  if (workers_ == setup_.limits.at_once) return std::nullopt;
  const std::optional<std::size_t> next = begin_next();
  if (next) ++workers_;
  return next;
}

void ToolRound::run_one(std::size_t index) {
  Slot& slot = slots_[index];
  const auto is_wanted = [&] {
    const std::lock_guard lock(mutex_);
    return !stopped_ && slot.state == State::running;
  };
  if (!is_wanted()) return note_end(index, refusal("the call was stopped"));
  if (!slot.arguments) check(slot, slot.planned.call.arguments_json);
  if (slot.refused) return note_end(index, *slot.refused);
  const Tool::Impl& tool = slot.planned.tool->impl();
  ToolContext context(slot.planned.call.id, slot.stop.get_token(), setup_.conversation);
  if (tool.run_later) {
    const auto end = [self = shared_from_this(), index](const Result<std::string>& outcome) {
      if (self->is_inherited()) return;
      self->note_end(index, outcome);
      self->start_more();
      self->tell();
    };
    return begin_task_run(*slot.planned.tool, *slot.arguments, std::move(context), setup_.executor, end);
  }
  const Result<std::string> outcome = outcome_of([&] { return tool.run(*slot.arguments, context); });
  if (is_inherited()) return;  // the tool has forked, and this is the child
  note_end(index, outcome);
}

/// A function has returned, or will never run.
void ToolRound::note_end(std::size_t index, const Result<std::string>& result) {
  ToolOutcome outcome = outcome_for(index, result);
  const std::lock_guard lock(mutex_);
  --running_;
  // Under the lock: whoever sees no active tool must also see the free place.
  setup_.places->give_back();
  if (slots_[index].state != State::running) return;
  std::erase(active_, index);
  end_slot(std::move(outcome), clock_.now());
}

/// Returns what the model will read.
ToolOutcome ToolRound::outcome_for(std::size_t index, const Result<std::string>& result) const {
  const ToolCall& call = slots_[index].planned.call;
  ToolOutcome outcome;
  outcome.index = index;
  outcome.result = ToolResult(call.id, call.name, result ? *result : result.error().message, !result);
  fit_result(outcome.result.text, call.name, setup_.limits.result_bytes, outcome.warnings);
  return outcome;
}

/// Call it under the lock.
void ToolRound::end_slot(ToolOutcome outcome, TimePoint now) {
  Slot& slot = slots_[outcome.index];
  const auto taken = slot.state == State::running ? now - slot.started : TimePoint::duration::zero();
  outcome.result.duration = std::chrono::duration_cast<std::chrono::microseconds>(taken);
  slot.state = State::ended;
  ++ended_;
  bytes_.fit(outcome.result.text, outcome.warnings);
  outcomes_.push_back(std::move(outcome));
}

/// Ends what has run for too long. Returns what tells those tools. Call it under the lock.
std::vector<std::stop_source> ToolRound::expire(TimePoint now) {
  std::vector<std::stop_source> late;
  for (const std::size_t index : active_)
    if (now >= slots_[index].started + setup_.limits.timeout) late.push_back(slots_[index].stop);
  if (late.empty()) return late;
  const Error too_late = refusal("the tool took longer than " + seconds_text(setup_.limits.timeout) +
                                 " s (tool_timeout) and was given up");
  std::erase_if(active_, [&](std::size_t index) {
    if (now < slots_[index].started + setup_.limits.timeout) return false;
    end_slot(outcome_for(index, too_late), now);
    if (std::exchange(slots_[index].has_worker, false)) --workers_;
    return true;
  });
  return late;
}

void ToolRound::notify(std::function<void()> news) {
  if (is_inherited()) return;  // a thread of the parent may hold the lock
  const std::lock_guard lock(tell_mutex_);
  tell_ = std::move(news);
}

void ToolRound::tell() {
  wake();
  const std::lock_guard lock(tell_mutex_);
  if (tell_) tell_();
}

bool ToolRound::has_outcomes() {
  std::vector<std::stop_source> late;
  {
    const std::lock_guard lock(mutex_);
    late = expire(clock_.now());
  }
  for (std::stop_source& each : late) each.request_stop();
  if (!late.empty()) start_more();  // those that wait for the place of a tool that does not return are given up
  const std::lock_guard lock(mutex_);
  return !outcomes_.empty();
}

std::vector<ToolOutcome> ToolRound::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(outcomes_, {});
}

bool ToolRound::is_asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

bool ToolRound::is_done() const {
  const std::lock_guard lock(mutex_);
  return ended_ == slots_.size() && outcomes_.empty();
}

bool ToolRound::ends_call() const {
  const std::lock_guard lock(mutex_);
  return ends_call_;
}

TimePoint ToolRound::deadline() const {
  const std::lock_guard lock(mutex_);
  TimePoint first = TimePoint::max();
  for (const std::size_t index : active_) first = std::min(first, slots_[index].started + setup_.limits.timeout);
  return first;
}

void ToolRound::wait(TimePoint until) {
  const TimePoint first = std::min(until, deadline());
  std::unique_lock lock(mutex_);
  // wait_until() with the largest time would overflow.
  if (first == TimePoint::max()) changed_.wait(lock, [this] { return has_news_; });
  else changed_.wait_until(lock, first, [this] { return has_news_; });
  has_news_ = false;
}

void ToolRound::wake() {
  const std::lock_guard lock(mutex_);
  has_news_ = true;
  changed_.notify_all();
}

void ToolRound::stop() {
  if (is_inherited()) return;
  std::vector<std::stop_source> running;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(stopped_, true)) return;
    for (const std::size_t index : active_) running.push_back(slots_[index].stop);
    running.push_back(asking_);
  }
  for (std::stop_source& each : running) each.request_stop();
}

void ToolRound::wait_for_tools(TimePoint until) {
  if (is_inherited()) return;
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, until, [this] { return running_ == 0; });
}

}  // namespace abstractllm
