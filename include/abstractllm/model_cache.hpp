// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "abstractllm/export.hpp"

/// Models in the memory of this process: loaded at their first call, shared by all handles with equal options, kept
/// when the last handle is gone, and unloaded when others need their place; the one that was used least recently first.
namespace abstractllm {

/// How much may be in memory.
class ModelCacheLimits {
 public:
  ModelCacheLimits() {}

  int max_models = 3;                      ///< at once, at least 1
  std::int64_t max_bytes = 0;              ///< of all model files together; 0: three quarters of the machine's memory
  std::chrono::milliseconds wait{60'000};  ///< how long a load waits while all that is in memory is in use
};

/// One model in memory.
struct ModelInMemory {
  std::string key;                           ///< what evict_model takes: the file and all options of loading
  std::string model;                         ///< as it was asked for
  std::int64_t bytes = 0;                    ///< of its files
  int calls = 0;                             ///< that use it now
  std::chrono::milliseconds idle{0};         ///< since its last call ended; 0 while it is used
  std::chrono::microseconds load_time{0};    ///< from the file into memory, warm-up included
  std::chrono::microseconds warmup_time{0};  ///< of that, the short inference of Options::auto_warmup; 0: none
};

/// How far the load of a model is.
struct LoadProgress {
  std::string model;  ///< the file
  double share = 0;   ///< of the model's tensors, 0 to 1
};

/// What the cache has done so far.
struct ModelCacheStats {
  std::vector<ModelInMemory> models;  ///< the one used most recently first
  std::int64_t loads = 0;
  std::int64_t hits = 0;  ///< calls whose model was in memory
  std::int64_t evictions = 0;
};

/// From the next load on. Values below 1 (wait: below 0) count as that. Thread-safe, as all of this.
ABSTRACTLLM_API void set_model_cache_limits(const ModelCacheLimits& limits);
ABSTRACTLLM_API ModelCacheLimits model_cache_limits();

ABSTRACTLLM_API ModelCacheStats model_cache_stats();

/// Unloads the model of that key; blocks until its memory is free. False: there is none, or it is in use.
ABSTRACTLLM_API bool evict_model(const std::string& key);

/// Unloads all that are not in use; how many.
ABSTRACTLLM_API int clear_model_cache();

/// A function that is told of models, for as long as this object lives. Move-only. Whoever drops it waits for a call of
/// the function by another thread to end; the function may drop it itself. After that it is not called again.
class ABSTRACTLLM_API ModelObserver {
 public:
  ModelObserver() = default;
  ModelObserver(ModelObserver&&) noexcept = default;
  ModelObserver& operator=(ModelObserver&&) noexcept = default;
  explicit ModelObserver(std::shared_ptr<void> registration) : registration_(std::move(registration)) {}

 private:
  std::shared_ptr<void> registration_;
};

/// Calls `told` after each model that was unloaded, on some thread of the library. It must be quick and must not call
/// the model cache. Any number of observers may be there; they are called in the order in which they came. What one
/// throws is logged. A forked child keeps them. Without the engine nobody is ever called.
[[nodiscard]] ABSTRACTLLM_API ModelObserver on_model_evicted(std::function<void(const ModelInMemory&)> told);

/// Calls `told` while a model is loaded: when it begins, a few times a second, and at the end; else as
/// on_model_evicted. Two models may be loaded at once, on two threads.
[[nodiscard]] ABSTRACTLLM_API ModelObserver on_model_loading(std::function<void(const LoadProgress&)> told);

}  // namespace abstractllm
