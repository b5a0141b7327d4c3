// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/engine.hpp"

#include <algorithm>
#include <utility>

#include "engines/llama_cpp/backends.hpp"
#include "engines/llama_cpp/chat_request.hpp"
#include "engines/llama_cpp/engine_registry.hpp"
#include "engines/llama_cpp/model_file.hpp"

namespace abstractllm {
namespace {

bool is_abandoned(const std::shared_ptr<Call>& call) { return call->abandoned(); }

Error shut_down() { return {ErrorKind::cancelled, "the local engine was shut down"}; }

}  // namespace

Engine::~Engine() { stop(); }

void Engine::submit(std::shared_ptr<Call> call) {
  std::lock_guard lock(mutex_);
  if (stopping_) return call->fail(shut_down());
  submitted_.push_back(std::move(call));
  if (!intake_.joinable()) {
    // Here and not on that thread: the process may end while it begins.
    start_backends();
    stop_engines_at_exit();
    intake_ = std::thread([this] { take_in(); });
  }
  submitted_changed_.notify_one();
}

void Engine::cancel(Call& call) {
  if (!answered_.exchange(true)) stop_engines_at_exit();
  if (!call.abandon()) return;
  std::lock_guard lock(mutex_);
  // Without a dispatcher the call is still with the intake, which looks before it hands a call on.
  if (dispatcher_) dispatcher_->look_for_abandoned();
  else if (first_ && first_->abandoned() && std::all_of(submitted_.begin(), submitted_.end(), is_abandoned))
    nobody_waits_.request_stop();
}

bool Engine::is_started() const {
  std::lock_guard lock(mutex_);
  return intake_.joinable();
}

void Engine::take_in() {
  while (const auto call = next_submitted()) {
    if (!call->abandoned() && ensure_loaded(call)) handle(call);
  }
}

std::shared_ptr<Call> Engine::next_submitted() {
  std::unique_lock lock(mutex_);
  submitted_changed_.wait(lock, [this] { return stopping_ || !submitted_.empty(); });
  if (stopping_) return nullptr;
  auto call = std::move(submitted_.front());
  submitted_.pop_front();
  return call;
}

bool Engine::ensure_loaded(const std::shared_ptr<Call>& first) {
  if (model_) return true;
  wait_for_dying_engines(stopping_);
  set_first(first);
  auto loaded = load();
  set_first(nullptr);
  // What was stopped because nobody waited is no failure for who has come since.
  if (!loaded && first->abandoned() && nobody_waits_.stop_requested()) return false;
  if (!loaded) {
    // Who waited for this load shares its failure; the next call tries again.
    // They are collected first: a reader who sees the failure may already submit that next call.
    const auto others = take_submitted();
    first->fail(loaded.error());
    for (const auto& call : others) call->fail(loaded.error());
    return false;
  }
  std::lock_guard lock(mutex_);
  model_ = *std::move(loaded);
  dispatcher_ = std::make_unique<Dispatcher>(*model_);
  stop_engines_at_exit();
  return true;
}

void Engine::set_first(std::shared_ptr<Call> first) {
  std::lock_guard lock(mutex_);
  first_ = std::move(first);
  if (first_ && nobody_waits_.stop_requested() && !stopping_) nobody_waits_ = std::stop_source();
}

Result<std::unique_ptr<LoadedModel>> Engine::load() {
  EngineSettings settings = settings_;
  if (settings.find_model) {
    auto file = settings.find_model(settings.model, nobody_waits_.get_token());
    if (!file) return std::move(file).error();
    settings.model = *std::move(file);
  }
  if (const auto checked = check_model_file(settings.model); !checked) return checked.error();
  return LoadedModel::load(settings, stopping_);
}

std::deque<std::shared_ptr<Call>> Engine::take_submitted() {
  std::lock_guard lock(mutex_);
  return std::exchange(submitted_, {});
}

void Engine::handle(const std::shared_ptr<Call>& call) {
  auto prepared = prepare(call, *model_);
  if (const auto* refusal = std::get_if<Refusal>(&prepared)) write_refusal(*call, *refusal);
  else dispatcher_->submit(std::move(std::get<PreparedCall>(prepared)));
}

void Engine::request_stop() {
  std::lock_guard lock(mutex_);
  nobody_waits_.request_stop();
  stopping_ = true;
  submitted_changed_.notify_all();
}

void Engine::stop() {
  std::lock_guard one_at_a_time(stop_mutex_);
  request_stop();
  if (intake_.joinable()) intake_.join();
  for (const auto& call : take_submitted()) call->fail(shut_down());
  std::unique_ptr<Dispatcher> dispatcher;
  {
    std::lock_guard lock(mutex_);
    dispatcher = std::move(dispatcher_);
  }
  dispatcher.reset();
  model_.reset();
}

}  // namespace abstractllm
