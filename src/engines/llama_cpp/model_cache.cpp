// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/model_cache.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "base/machine.hpp"
#include "base/observers.hpp"
#include "base/process.hpp"
#include "base/thrown.hpp"
#include "engines/llama_cpp/model_runner.hpp"

namespace abstractllm {
namespace {

/// Of the program, as the limits are: a forked child has them, too. Never destroyed, because models are unloaded while
/// the process exits.
template <class What>
Observers<What>& observers() {
  static auto& all = *new Observers<What>;
  return all;
}

/// The callers are threads of the runners. Nobody there would catch an exception of a program's callback.
template <class What>
void tell(const What& what) {
  observers<What>().tell(what, [] {
    log({LogLevel::error, "callback_threw", "a callback of the model cache threw: " + thrown_error().message, {}});
  });
}

}  // namespace

ModelCache& ModelCache::instance() {
  static constinit PerProcess<ModelCache> cache;
  return cache.get([] {
    auto made = std::make_unique<ModelCache>();
    if (const ModelCache* parent = cache.inherited()) made->take_settings(*parent);
    return made;
  });
}

/// Limits are the program's; models in memory, and the lock, are the parent's.
void ModelCache::take_settings(const ModelCache& parent) { limits_ = parent.limits_; }

std::int64_t ModelCache::most_bytes() const {
  return limits_.max_bytes > 0 ? limits_.max_bytes : memory_of_this_machine() / 4 * 3;
}

std::int64_t ModelCache::bytes_in_use() const {
  std::int64_t sum = loading_bytes_;
  for (const Entry& entry : loaded_) sum += entry.info.bytes;
  return sum;
}

bool ModelCache::has_room(std::int64_t bytes) const {
  return static_cast<int>(loaded_.size()) + loading_ < limits_.max_models && bytes_in_use() + bytes <= most_bytes();
}

Result<void> ModelCache::make_room(std::int64_t bytes, const std::string& model,
                                   const std::function<bool()>& stopping) {
  std::unique_lock lock(mutex_);
  if (bytes > most_bytes())
    return Error(ErrorKind::engine_failed, "model '" + model + "' has " + std::to_string(bytes) +
                                               " bytes; all models together may have " + std::to_string(most_bytes()) +
                                               " (ModelCacheLimits::max_bytes)");
  const auto deadline = Clock::now() + limits_.wait;
  while (!has_room(bytes)) {
    if (stopping()) return Error(ErrorKind::cancelled, "the engine was stopped while it waited for memory");
    if (evict_least_recent(lock)) continue;
    if (changed_.wait_until(lock, deadline) == std::cv_status::timeout && !has_room(bytes)) return nothing_idle(model);
  }
  ++loading_;
  loading_bytes_ += bytes;
  return {};
}

Error ModelCache::nothing_idle(const std::string& model) const {
  std::string holders;
  for (const Entry& entry : loaded_) {
    const ModelInMemory info = info_of(entry);
    holders += (holders.empty() ? "" : ", ") + info.model + " (" + std::to_string(info.bytes) + " bytes, " +
               std::to_string(info.calls) + " calls)";
  }
  if (loading_ > 0) holders += (holders.empty() ? "" : ", ") + std::to_string(loading_) + " that are being loaded";
  return {ErrorKind::engine_failed, "no memory for model '" + model + "' within " +
                                        std::to_string(limits_.wait.count() / 1000) + " s: in use are " + holders +
                                        " (ModelCacheLimits)"};
}

void ModelCache::loaded(std::shared_ptr<ModelRunner> runner, ModelInMemory info) {
  if (!runner) return not_loaded(info.bytes);
  const std::lock_guard lock(mutex_);
  --loading_;
  loading_bytes_ -= info.bytes;
  ++loads_;
  loaded_.push_back({std::move(runner), std::move(info), Clock::now()});
}

void ModelCache::not_loaded(std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  --loading_;
  loading_bytes_ -= bytes;
  changed_.notify_all();
}

void ModelCache::hit() {
  const std::lock_guard lock(mutex_);
  ++hits_;
}

std::vector<ModelCache::Entry>::iterator ModelCache::find(const ModelRunner& runner) {
  return std::find_if(loaded_.begin(), loaded_.end(), [&](const Entry& each) { return each.runner.get() == &runner; });
}

void ModelCache::released(const ModelRunner& runner) {
  const std::lock_guard lock(mutex_);
  const auto entry = find(runner);
  if (entry == loaded_.end()) return;
  entry->last_used = Clock::now();
  std::rotate(entry, entry + 1, loaded_.end());
  changed_.notify_all();
}

void ModelCache::wake() {
  const std::lock_guard lock(mutex_);
  changed_.notify_all();
}

bool ModelCache::evict_least_recent(std::unique_lock<std::mutex>& lock) {
  for (auto entry = loaded_.begin(); entry != loaded_.end(); ++entry)
    if (entry->runner->calls() == 0) return unload(entry, lock);
  return false;
}

/// Returns false if a call came in between; then the model stays.
bool ModelCache::unload(std::vector<Entry>::iterator at, std::unique_lock<std::mutex>& lock) {
  Entry entry = std::move(*at);
  loaded_.erase(at);
  // Its memory counts until it is freed.
  ++loading_;
  loading_bytes_ += entry.info.bytes;
  lock.unlock();
  const bool unloaded = entry.runner->unload();
  lock.lock();
  --loading_;
  loading_bytes_ -= entry.info.bytes;
  changed_.notify_all();
  if (!unloaded) {
    // Unless it was loaded again meanwhile.
    if (find(*entry.runner) == loaded_.end()) loaded_.push_back(std::move(entry));
    return false;
  }
  ++evictions_;
  const ModelInMemory info = info_of(entry);
  lock.unlock();
  tell(info);
  entry.runner.reset();  // perhaps the last who held it
  lock.lock();
  return true;
}

void ModelCache::forget(const ModelRunner& runner) {
  std::unique_lock lock(mutex_);
  const auto found = find(runner);
  if (found == loaded_.end()) return;
  Entry entry = std::move(*found);
  loaded_.erase(found);
  ++evictions_;
  changed_.notify_all();
  lock.unlock();
  tell(info_of(entry));
}

ModelInMemory ModelCache::info_of(const Entry& entry) const {
  ModelInMemory info = entry.info;
  info.calls = entry.runner->calls();
  if (info.calls == 0)
    info.idle = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - entry.last_used);
  return info;
}

void ModelCache::set_limits(const ModelCacheLimits& limits) {
  const ForkHold hold;
  const std::lock_guard lock(mutex_);
  limits_ = limits;
  limits_.max_models = std::max(limits.max_models, 1);
  limits_.max_bytes = std::max<std::int64_t>(limits.max_bytes, 0);
  // A year is long enough to mean "for ever", and a clock can represent it.
  limits_.wait =
      std::clamp<std::chrono::milliseconds>(limits.wait, std::chrono::milliseconds(0), std::chrono::hours(24 * 365));
  changed_.notify_all();
}

ModelCacheLimits ModelCache::limits() const {
  const std::lock_guard lock(mutex_);
  return limits_;
}

ModelCacheStats ModelCache::stats() const {
  const std::lock_guard lock(mutex_);
  ModelCacheStats stats;
  for (auto entry = loaded_.rbegin(); entry != loaded_.rend(); ++entry) stats.models.push_back(info_of(*entry));
  stats.loads = loads_;
  stats.hits = hits_;
  stats.evictions = evictions_;
  return stats;
}

bool ModelCache::evict(const std::string& key) {
  std::unique_lock lock(mutex_);
  for (auto entry = loaded_.begin(); entry != loaded_.end(); ++entry)
    if (entry->info.key == key) return entry->runner->calls() == 0 && unload(entry, lock);
  return false;
}

int ModelCache::clear() {
  std::unique_lock lock(mutex_);
  int count = 0;
  while (evict_least_recent(lock)) ++count;
  return count;
}

void ModelCache::report_loading(const LoadProgress& progress) { tell(progress); }

void set_model_cache_limits(const ModelCacheLimits& limits) { ModelCache::instance().set_limits(limits); }
ModelCacheLimits model_cache_limits() { return ModelCache::instance().limits(); }
ModelCacheStats model_cache_stats() { return ModelCache::instance().stats(); }
bool evict_model(const std::string& key) { return ModelCache::instance().evict(key); }
int clear_model_cache() { return ModelCache::instance().clear(); }

ModelObserver on_model_evicted(std::function<void(const ModelInMemory&)> told) {
  return ModelObserver(observers<ModelInMemory>().add(std::move(told)));
}

ModelObserver on_model_loading(std::function<void(const LoadProgress&)> told) {
  return ModelObserver(observers<LoadProgress>().add(std::move(told)));
}

}  // namespace abstractllm
