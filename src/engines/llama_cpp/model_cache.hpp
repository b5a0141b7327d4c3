// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "abstractllm/model_cache.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

class ModelRunner;

/// Keeps track of the runners with a model in memory, and decides which model is unloaded. It holds the runners, so
/// that a model outlives its last handle. Thread-safe. Never calls an runner while it holds its own lock.
class ModelCache {
 public:
  static ModelCache& instance();

  /// Finds room for a model of `bytes`, on the thread that will load it. It unloads idle models, the least recently
  /// used one first, and otherwise waits. The room is reserved until loaded() or not_loaded(). Errors: engine_failed
  /// (the model is larger than the limit, or no model was released in time; the message names the models in memory);
  /// cancelled after `stopping`.
  Result<void> make_room(std::int64_t bytes, const std::string& model, const std::function<bool()>& stopping);
  /// Null if the runner is being stopped, which also unloads its model.
  void loaded(std::shared_ptr<ModelRunner> runner, ModelInMemory info);
  void not_loaded(std::int64_t bytes);
  /// Notes a call to a model in memory.
  void hit();
  /// The runner has unloaded its model itself.
  void forget(const ModelRunner& runner);
  /// One of its calls has ended, so it may be idle now.
  void released(const ModelRunner& runner);
  /// Wakes waiting loads, because one may have to stop.
  void wake();

  void set_limits(const ModelCacheLimits& limits);
  ModelCacheLimits limits() const;
  ModelCacheStats stats() const;
  bool evict(const std::string& key);
  int clear();
  /// Tells who has asked by on_model_loading().
  static void report_loading(const LoadProgress& progress);

 private:
  using Clock = std::chrono::steady_clock;

  struct Entry {
    std::shared_ptr<ModelRunner> runner;
    ModelInMemory info;
    Clock::time_point last_used;
  };

  void take_settings(const ModelCache& parent);
  std::int64_t bytes_in_use() const;
  std::int64_t most_bytes() const;
  bool has_room(std::int64_t bytes) const;
  std::vector<Entry>::iterator find(const ModelRunner& runner);
  bool evict_least_recent(std::unique_lock<std::mutex>& lock);
  bool unload(std::vector<Entry>::iterator entry, std::unique_lock<std::mutex>& lock);
  ModelInMemory info_of(const Entry& entry) const;
  Error nothing_idle(const std::string& model) const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  ModelCacheLimits limits_;
  std::vector<Entry> loaded_;  // the least recently used one is first
  int loading_ = 0;
  std::int64_t loading_bytes_ = 0;
  std::int64_t loads_ = 0;
  std::int64_t hits_ = 0;
  std::int64_t evictions_ = 0;
};

}  // namespace abstractllm
