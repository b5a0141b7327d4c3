// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/model_runner.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "base/machine.hpp"
#include "engines/llama_cpp/backends.hpp"
#include "engines/llama_cpp/chat_request.hpp"
#include "engines/llama_cpp/embedding_request.hpp"
#include "engines/llama_cpp/model_cache.hpp"
#include "engines/llama_cpp/model_metadata.hpp"
#include "engines/llama_cpp/runner_registry.hpp"

namespace abstractllm {
namespace {

bool is_abandoned(const std::shared_ptr<Call>& call) { return call->abandoned(); }

Error no_thread(const std::system_error& failure) {
  return {ErrorKind::engine_failed, std::string("the system has no thread for the local engine: ") + failure.what() +
                                        " (see the limits of this process: ulimit -u, ulimit -v)"};
}

Error shut_down() { return {ErrorKind::cancelled, "the local engine was shut down"}; }

}  // namespace

ModelRunner::ModelRunner(ModelSettings settings)
    : settings_(std::move(settings)), keep_alive_(settings_.keep_alive), auto_warmup_(settings_.auto_warmup) {}

ModelRunner::~ModelRunner() { stop(); }

void ModelRunner::submit(std::shared_ptr<Call> call) {
  ++calls_;
  std::lock_guard lock(mutex_);
  if (stopping_) return call->fail(shut_down());
  if (!intake_.joinable()) {
    // Here and not on that thread, because the process may end while the thread starts.
    start_backends();
    stop_runners_at_exit();
    try {
      intake_ = std::thread([this] { take_in(); });
    } catch (const std::system_error& failure) {
      return call->fail(no_thread(failure));
    }
  }
  submitted_.push_back(std::move(call));
  submitted_changed_.notify_one();
}

void ModelRunner::cancel(Call& call) {
  if (is_inherited()) return;  // the parent's runner works on it
  if (!answered_.exchange(true)) stop_runners_at_exit();
  if (call.abandon()) look_for_abandoned();
  if (--calls_ > 0) return;
  {
    std::lock_guard lock(mutex_);
    if (keep_alive_) submitted_changed_.notify_one();  // its time starts now
  }
  ModelCache::instance().released(*this);
}

void ModelRunner::look_for_abandoned() {
  {
    std::lock_guard lock(mutex_);
    // While the adapters of a call are looked for, other calls only wait.
    if (model_ && first_ && first_->abandoned()) nobody_waits_.request_stop();
    // Without a dispatcher the call is still with the intake, which checks before it passes a call on.
    if (dispatcher_) return dispatcher_->look_for_abandoned();
    if (model_ && model_->embeddings() != nullptr) return model_->embeddings()->look_for_abandoned();
    if (!first_ || !first_->abandoned() || !std::all_of(submitted_.begin(), submitted_.end(), is_abandoned)) return;
    nobody_waits_.request_stop();
  }
  ModelCache::instance().wake();  // it may wait there for room
}

bool ModelRunner::is_started() const {
  std::lock_guard lock(mutex_);
  return intake_.joinable();
}

void ModelRunner::take_in() {
  while (const auto call = next_submitted()) {
    try {
      if (!call->abandoned() && ensure_loaded(call)) handle(call);
    } catch (const std::exception& failure) {
      call->fail({ErrorKind::engine_failed, std::string("the local engine cannot take the call: ") + failure.what()});
    }
  }
}

/// Returns nullopt if the thread must end, because the runner is stopped or has neither a model nor work. The next call
/// starts another thread.
std::shared_ptr<Call> ModelRunner::next_submitted() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (!model_ && !stopping_ && submitted_.empty()) {
      unload_wanted_ = false;
      unload_done_.notify_all();
      std::thread self = std::move(intake_);
      lock.unlock();
      retire_thread(std::move(self));
      return nullptr;
    }
    const auto called = [this] { return stopping_ || unload_wanted_ || !submitted_.empty(); };
    if (keep_alive_ && is_idle() && !called()) {
      if (submitted_changed_.wait_for(lock, *keep_alive_) == std::cv_status::timeout && is_idle() && !called()) {
        free_model(lock);
        lock.unlock();
        ModelCache::instance().forget(*this);
        lock.lock();
      }
      continue;
    }
    if (!called()) {
      submitted_changed_.wait(lock);
      continue;
    }
    if (stopping_) return nullptr;
    if (unload_wanted_) {
      free_model(lock);
      continue;
    }
    auto call = std::move(submitted_.front());
    submitted_.pop_front();
    return call;
  }
}

void ModelRunner::free_model(std::unique_lock<std::mutex>& lock) {
  auto dispatcher = std::move(dispatcher_);
  auto model = std::move(model_);
  freeing_ = true;
  lock.unlock();
  dispatcher.reset();
  model.reset();
  release_freed_memory();
  lock.lock();
  freeing_ = false;
  unload_wanted_ = false;
  unload_done_.notify_all();
}

bool ModelRunner::unload() {
  std::unique_lock lock(mutex_);
  unload_done_.wait(lock, [this] { return !freeing_; });
  if (!model_) return true;
  if (!is_idle() || stopping_) return false;
  unload_wanted_ = true;
  submitted_changed_.notify_all();
  unload_done_.wait(lock, [this] { return !unload_wanted_ || stopping_; });
  return !unload_wanted_;
}

void ModelRunner::adopt(const ModelSettings& latest) {
  std::lock_guard lock(mutex_);
  auto_warmup_ = latest.auto_warmup;
  if (keep_alive_ == latest.keep_alive) return;
  keep_alive_ = latest.keep_alive;
  submitted_changed_.notify_all();
}

ModelSettings ModelRunner::latest_settings() const {
  ModelSettings settings = settings_;
  std::lock_guard lock(mutex_);
  settings.auto_warmup = auto_warmup_;
  return settings;
}

/// Whether another file has replaced the model's file, and only the call that is about to start uses the model. A
/// deleted file is no reason to unload the model.
bool ModelRunner::was_replaced() const {
  if (calls_ > 1) return false;
  const auto now = file_identity(file_);
  return now && identity_ && *now != *identity_;
}

Result<std::string> ModelRunner::find_adapter(const std::string& adapter, const AdapterFinder& find) {
  std::error_code failure;
  if (!find || std::filesystem::is_regular_file(adapter, failure)) return adapter;
  if (!shape_) {
    auto shape = describe_model(file_);
    if (!shape) return std::move(shape).error();
    shape_ = *std::move(shape);
  }
  return find(adapter, *shape_, nobody_waits_.get_token());
}

/// The call's adapters, with the engine's file of each. Other calls to this model wait meanwhile, as while it is
/// loaded.
Result<std::vector<AdapterUse>> ModelRunner::find_adapters(const std::shared_ptr<Call>& call) {
  std::vector<AdapterUse> uses = call->adapters();
  if (uses.empty()) return uses;
  set_first(call);
  // Whoever gives up from here on finds the call.
  if (call->abandoned()) nobody_waits_.request_stop();
  for (AdapterUse& use : uses) {
    auto file = find_adapter(use.file, call->find_adapter());
    if (!file) {
      set_first(nullptr);
      return std::move(file).error();
    }
    use.file = *std::move(file);
  }
  set_first(nullptr);
  return uses;
}

void ModelRunner::forget_model() {
  {
    std::unique_lock lock(mutex_);
    free_model(lock);
  }
  ModelCache::instance().forget(*this);
}

bool ModelRunner::ensure_loaded(const std::shared_ptr<Call>& first) {
  if (model_ && !model_->failure() && !was_replaced()) {
    ModelCache::instance().hit();
    return true;
  }
  if (model_) forget_model();
  wait_for_dying_runners(stopping_);
  set_first(first);
  auto placed = place_model(latest_settings(), stopping_, nobody_waits_.get_token());
  set_first(nullptr);
  if (placed) {
    const auto used = use(*std::move(placed), *first);
    if (!used) fail_load(first, used.error());
    return used.has_value();
  }
  // A load that was stopped because nobody waited is not a failure for a later call.
  if (first->abandoned() && nobody_waits_.stop_requested()) return false;
  fail_load(first, placed.error());
  return false;
}

void ModelRunner::fail_load(const std::shared_ptr<Call>& first, const Error& error) {
  // Calls that waited for this load share its failure. The next call tries again. They are collected first, because a
  // reader that sees the failure may submit that next call at once.
  const auto others = take_submitted();
  first->fail(error);
  for (const auto& call : others) call->fail(error);
}

Result<void> ModelRunner::use(PlacedModel placed, Call& first) {
  ModelInMemory info;
  info.key = placed.key;
  info.model = settings_.model;
  info.bytes = placed.bytes;
  info.load_time = placed.model->load_time();
  info.warmup_time = placed.model->warmup_time();
  first.set_load_time(info.load_time);
  std::unique_ptr<Dispatcher> dispatcher;
  try {
    if (placed.model->embeddings() == nullptr) dispatcher = std::make_unique<Dispatcher>(*placed.model);
  } catch (const std::system_error& failure) {
    placed.model.reset();
    ModelCache::instance().not_loaded(info.bytes);
    return no_thread(failure);
  }
  file_ = std::move(placed.file);
  shape_.reset();
  identity_ = placed.identity;
  {
    std::lock_guard lock(mutex_);
    model_ = std::move(placed.model);
    dispatcher_ = std::move(dispatcher);
    makes_embeddings_ = dispatcher_ == nullptr;
    stop_runners_at_exit();
  }
  add_model_key(info.key, weak_from_this());
  ModelCache::instance().loaded(weak_from_this().lock(), std::move(info));
  return {};
}

void ModelRunner::set_first(std::shared_ptr<Call> first) {
  std::lock_guard lock(mutex_);
  first_ = std::move(first);
  if (first_ && nobody_waits_.stop_requested() && !stopping_) nobody_waits_ = std::stop_source();
}

std::deque<std::shared_ptr<Call>> ModelRunner::take_submitted() {
  std::lock_guard lock(mutex_);
  return std::exchange(submitted_, {});
}

void ModelRunner::handle(const std::shared_ptr<Call>& call) {
  const auto uses = find_adapters(call);
  if (!uses) return call->fail(uses.error());
  // Adapters leave the memory only together with the model.
  if (calls_ == 1 && model_->adapters().is_full_for(*uses)) {
    forget_model();
    if (!ensure_loaded(call)) return;
  }
  const auto adapters = model_->adapters().find(*uses);
  if (!adapters) return call->fail(adapters.error());
  if (model_->embeddings() != nullptr) return handle_texts(call, *adapters);
  auto prepared = tokenise_chat(call, *model_, *adapters);
  if (const auto* answer = std::get_if<DirectAnswer>(&prepared)) write_directly(*call, *answer);
  else dispatcher_->submit(std::move(std::get<PreparedCall>(prepared)));
}

void ModelRunner::handle_texts(const std::shared_ptr<Call>& call, const AdapterScales& adapters) {
  auto prepared = tokenise_texts(call, *model_, adapters);
  if (const auto* answer = std::get_if<DirectAnswer>(&prepared)) write_directly(*call, *answer);
  else model_->embeddings()->submit(std::move(std::get<PreparedTexts>(prepared)));
}

void ModelRunner::request_stop() {
  std::lock_guard lock(mutex_);
  nobody_waits_.request_stop();
  stopping_ = true;
  submitted_changed_.notify_all();
  unload_done_.notify_all();
}

void ModelRunner::stop() {
  std::lock_guard one_at_a_time(stop_mutex_);
  request_stop();
  ModelCache::instance().wake();
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
