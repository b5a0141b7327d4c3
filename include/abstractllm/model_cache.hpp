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

/// Models in the memory of this process. A model is loaded at its first call, and all handles with equal options share
/// it. It stays when the last handle is gone, and is unloaded when other models need room. The least recently used
/// model is unloaded first.
namespace abstractllm {

/// Limits of the models in memory.
class ModelCacheLimits {
 public:
  ModelCacheLimits() {}

  int max_models = 3;          ///< models in memory at once, at least 1
  std::int64_t max_bytes = 0;  ///< size of all model files together; 0 means three quarters of the machine's memory
  std::chrono::milliseconds wait{60'000};  ///< how long a load waits while all models in memory are in use
};

/// One model in memory.
struct ModelInMemory {
  std::string key;                           ///< the argument of evict_model: opaque, with line breaks
  std::string model;                         ///< the name in the request
  std::int64_t bytes = 0;                    ///< size of its files
  int calls = 0;                             ///< calls that use it now
  std::chrono::milliseconds idle{0};         ///< time since its last call ended; 0 while it is used
  std::chrono::microseconds load_time{0};    ///< time to load it from the file, warm-up included
  std::chrono::microseconds warmup_time{0};  ///< the warm-up that Options::auto_warmup requests; 0 without one
};

/// Progress of the load of a model.
struct LoadProgress {
  std::string model;  ///< the file
  double share = 0;   ///< loaded share of the model's tensors, 0 to 1
};

/// Counters of the cache.
struct ModelCacheStats {
  std::vector<ModelInMemory> models;  ///< the most recently used one first
  std::int64_t loads = 0;
  std::int64_t hits = 0;  ///< calls whose model was in memory
  std::int64_t evictions = 0;
};

/// Sets the limits from the next load on. A max_models below 1 counts as 1, and a negative max_bytes or wait counts as
/// 0. All functions of this header are thread-safe.
ABSTRACTLLM_API void set_model_cache_limits(const ModelCacheLimits& limits);
/// Returns the current limits.
ABSTRACTLLM_API ModelCacheLimits model_cache_limits();

/// Returns the models in memory and the counters of this process. Without the engine the list is empty.
ABSTRACTLLM_API ModelCacheStats model_cache_stats();

/// Unloads the model of that key and blocks until its memory is free. Returns false if there is no such model, or if it
/// is in use.
ABSTRACTLLM_API bool evict_model(const std::string& key);

/// Unloads all models that are not in use, and returns their number.
ABSTRACTLLM_API int clear_model_cache();

/// Registers a function that is told of models, as long as this object exists. It is move-only. The destructor waits
/// for a call of the function on another thread to end. The function may destroy its own observer. After that it is not
/// called again.
class ABSTRACTLLM_API ModelObserver {
 public:
  ModelObserver() = default;
  ModelObserver(ModelObserver&&) noexcept = default;
  ModelObserver& operator=(ModelObserver&&) noexcept = default;
  explicit ModelObserver(std::shared_ptr<void> registration) : registration_(std::move(registration)) {}

 private:
  std::shared_ptr<void> registration_;
};

/// Calls `told` after each model that was unloaded, on some thread of the library. The function must be quick and must
/// not call the model cache. There may be any number of observers. They are called in the order of their registration.
/// An exception is logged. A forked child keeps the observers. Without the engine they are never called.
[[nodiscard]] ABSTRACTLLM_API ModelObserver on_model_evicted(std::function<void(const ModelInMemory&)> told);

/// Calls `told` while a model is loaded: at the beginning, a few times a second, and at its end if it
/// succeeds. Otherwise it is like on_model_evicted. Two models may be loaded at once, on two threads.
[[nodiscard]] ABSTRACTLLM_API ModelObserver on_model_loading(std::function<void(const LoadProgress&)> told);

}  // namespace abstractllm
