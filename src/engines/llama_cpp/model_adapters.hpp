// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "abstractllm/result.hpp"
#include "base/file_identity.hpp"
#include "common.h"
#include "engines/llama_cpp/adapter_file.hpp"

namespace abstractllm {

/// Numbers of adapters of one model, and how strongly each applies. Equal for calls that may share a batch.
using AdapterScales = std::map<int, float>;

/// The LoRA adapters of one model in memory. They stay as long as the model. Thread-safe, but for load().
class ModelAdapters {
 public:
  /// `model` must outlive it.
  explicit ModelAdapters(llama_model* model);
  ~ModelAdapters();
  ModelAdapters(const ModelAdapters&) = delete;
  ModelAdapters& operator=(const ModelAdapters&) = delete;

  /// Whether there is no room for these. Then the model must be loaded again.
  bool is_full_for(const std::vector<AdapterUse>& uses) const;

  /// The numbers for these uses. Those with scale 0 are left out, and those of the same file add up. Checks files that
  /// are new or have changed, but loads nothing. Errors: those of check_adapter_file().
  Result<AdapterScales> find(const std::vector<AdapterUse>& uses);

  /// Loads what is not loaded yet, on the thread of the model and not while it computes. Errors: engine_failed.
  Result<std::vector<common_adapter_lora_info>> load(const AdapterScales& scales);

 private:
  struct Adapter {
    std::string file;
    FileIdentity identity;
    llama_adapter_lora* loaded = nullptr;  // used by the thread of the model
  };

  const Adapter* known(const std::string& file, const FileIdentity& identity) const;
  Result<int> number_of(const std::string& file);
  Result<llama_adapter_lora*> load_one(int number);

  llama_model* const model_;
  mutable std::mutex mutex_;
  std::vector<Adapter> adapters_;  // by number; never shrinks
};

}  // namespace abstractllm
