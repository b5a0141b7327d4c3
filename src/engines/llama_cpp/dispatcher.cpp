// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/dispatcher.hpp"

#include <algorithm>

namespace abstractllm {
namespace {

struct WakeUp : server_task_result {
  json to_json() override { return {}; }
};

std::size_t slots_of(const PreparedCall& call) { return 1 + call.task.child_tasks.size(); }

}  // namespace

Dispatcher::Dispatcher(LoadedModel& model) : model_(model), control_id_(model.tasks().get_new_id()) {
  expected_.insert(control_id_);
  model_.results().add_waiting_task_id(control_id_);
  thread_ = std::thread([this] { run(); });
}

Dispatcher::~Dispatcher() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake();
  thread_.join();
}

void Dispatcher::submit(PreparedCall call) {
  {
    std::lock_guard lock(mutex_);
    inbox_.push_back(std::move(call));
  }
  wake();
}

void Dispatcher::look_for_abandoned() { wake(); }

void Dispatcher::wake() {
  {
    std::lock_guard lock(mutex_);
    if (std::exchange(woken_, true)) return;
  }
  auto wake_up = std::make_unique<WakeUp>();
  wake_up->id = control_id_;
  model_.results().send(std::move(wake_up));
}

void Dispatcher::run() {
  for (;;) {
    try {
      if (!run_once()) break;
    } catch (const std::exception& failure) {
      fail_running({ErrorKind::engine_failed, std::string("the local engine cannot go on: ") + failure.what()});
    }
  }
  close_all();
}

/// Returns false if it must stop.
bool Dispatcher::run_once() {
  constexpr int long_time_seconds = 3600;  // every event comes as a result
  auto result = model_.results().recv_with_timeout(expected_, long_time_seconds);
  if (result == nullptr) return true;
  if (result->id != control_id_) {
    deliver(std::move(result));
    return true;
  }
  {
    std::lock_guard lock(mutex_);
    woken_ = false;
    if (stopping_) return false;
  }
  take_inbox();
  drop_abandoned();
  start_waiting();
  return true;
}

void Dispatcher::take_inbox() {
  std::lock_guard lock(mutex_);
  std::move(inbox_.begin(), inbox_.end(), std::back_inserter(waiting_));
  inbox_.clear();
}

void Dispatcher::drop_abandoned() {
  std::erase_if(waiting_, [](const PreparedCall& waiting) { return waiting.call->abandoned(); });
  for (auto answer = running_.begin(); answer != running_.end();) {
    const auto next = std::next(answer);
    if (answer->call()->abandoned()) forget(answer, true);
    answer = next;
  }
}

void Dispatcher::start_waiting() {
  while (!waiting_.empty() && has_room_for(waiting_.front())) {
    PreparedCall next = std::move(waiting_.front());
    waiting_.pop_front();
    start(std::move(next));
  }
}

bool Dispatcher::has_room_for(const PreparedCall& call) const {
  if (running_.empty()) return true;
  // The engine does not put them into one batch, and would let some of them wait as long as others come.
  if (call.task.params.lora != running_.front().adapters()) return false;
  const std::size_t busy_slots = expected_.size() - 1;
  return busy_slots + slots_of(call) <= static_cast<std::size_t>(model_.params().n_parallel) &&
         reserved_tokens_ + tokens_to_reserve(call) <= model_.context_tokens();
}

// The slots share one context. If it is full, the engine fails all of them at once. So calls with long prompts do not
// run together. For the answer, the likely length counts and not the possible one.
std::int64_t Dispatcher::tokens_to_reserve(const PreparedCall& call) const {
  const std::int64_t likely = model_.context_tokens() / (2 * model_.params().n_parallel);
  const std::int64_t wanted = call.task.params.n_predict;
  const std::int64_t answer = wanted < 0 ? likely : std::min(wanted, likely);
  return call.task.n_tokens() + answer * static_cast<std::int64_t>(slots_of(call));
}

void Dispatcher::start(PreparedCall call) {
  EngineAnswer& answer = running_.emplace_back(call);
  answer.reserved_tokens = tokens_to_reserve(call);
  reserved_tokens_ += answer.reserved_tokens;
  expected_.insert(answer.task_ids().begin(), answer.task_ids().end());
  model_.results().add_waiting_task_ids(answer.task_ids());
  model_.tasks().post(std::move(call.task));
  if (const auto failure = model_.failure()) fail_running(*failure);
}

void Dispatcher::fail_running(const Error& error) {
  while (!running_.empty()) {
    running_.front().call()->fail(error);
    forget(running_.begin(), false);
  }
}

void Dispatcher::deliver(server_task_result_ptr result) {
  // A decode that ended early because the engine stops is not a failure of a call.
  if (model_.stopping()) return;
  if (const auto failure = model_.failure()) return fail_running(*failure);
  const int id = result->id;
  const auto answer = std::find_if(running_.begin(), running_.end(),
                                   [id](const EngineAnswer& each) { return each.task_ids().contains(id); });
  if (answer == running_.end()) return;
  const bool failed = result->is_error();
  if (!answer->take(std::move(result))) return;
  forget(answer, failed);
  start_waiting();
}

void Dispatcher::forget(Answers::iterator answer, bool cancel) {
  for (const int id : answer->task_ids()) {
    expected_.erase(id);
    model_.results().remove_waiting_task_id(id);
    if (!cancel) continue;
    server_task stop(SERVER_TASK_TYPE_CANCEL);
    stop.id = model_.tasks().get_new_id();
    stop.id_target = id;
    // At the front, so that the slot is free before the engine sees any later task.
    model_.tasks().post(std::move(stop), true);
  }
  reserved_tokens_ -= answer->reserved_tokens;
  running_.erase(answer);
}

void Dispatcher::close_all() {
  take_inbox();
  const Error error(ErrorKind::cancelled, "the local engine was shut down");
  for (const PreparedCall& each : waiting_) each.call->fail(error);
  for (const EngineAnswer& each : running_) each.call()->fail(error);
}

}  // namespace abstractllm
