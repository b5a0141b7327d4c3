// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/model_adapters.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "engines/llama_cpp/adapter_hook.hpp"
#include "engines/llama_cpp/engine_log.hpp"

namespace abstractllm {
namespace {

/// All models of the process. Leaked on purpose, because models are freed while the process exits.
class AdaptersByModel {
 public:
  static AdaptersByModel& instance() {
    static auto& all = *new AdaptersByModel;
    return all;
  }
  void add(const llama_model* model, ModelAdapters* adapters) {
    const std::lock_guard lock(mutex_);
    by_model_[model] = adapters;
  }
  void remove(const llama_model* model) {
    const std::lock_guard lock(mutex_);
    by_model_.erase(model);
  }
  ModelAdapters* find(const llama_model* model) {
    const std::lock_guard lock(mutex_);
    const auto found = by_model_.find(model);
    return found == by_model_.end() ? nullptr : found->second;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<const llama_model*, ModelAdapters*> by_model_;
};

bool find_for_engine(const llama_model* model, const std::map<int, float>& task_adapters,
                     std::vector<common_adapter_lora_info>& found, std::string& failure) {
  ModelAdapters* adapters = AdaptersByModel::instance().find(model);
  if (adapters == nullptr) return true;
  auto loaded = adapters->load(task_adapters);
  if (loaded) found = *std::move(loaded);
  else failure = loaded.error().message;
  return loaded.has_value();
}

std::string architecture_of(const llama_model* model) {
  std::array<char, 128> name{};
  return llama_model_meta_val_str(model, "general.architecture", name.data(), name.size()) < 0 ? "" : name.data();
}

}  // namespace

ModelAdapters::ModelAdapters(llama_model* model) : model_(model) {
  AdapterHook::find = &find_for_engine;
  AdaptersByModel::instance().add(model, this);
}

ModelAdapters::~ModelAdapters() { AdaptersByModel::instance().remove(model_); }

const ModelAdapters::Adapter* ModelAdapters::known(const std::string& file, const FileIdentity& identity) const {
  const auto same = [&](const Adapter& each) { return each.file == file && each.identity == identity; };
  const auto found = std::find_if(adapters_.begin(), adapters_.end(), same);
  return found == adapters_.end() ? nullptr : &*found;
}

bool ModelAdapters::is_full_for(const std::vector<AdapterUse>& uses) const {
  const std::lock_guard lock(mutex_);
  if (adapters_.size() + uses.size() <= most_adapters) return false;
  std::size_t unknown = 0;
  for (const AdapterUse& use : uses) {
    const auto identity = file_identity(use.file);
    if (!identity || known(use.file, *identity) == nullptr) ++unknown;
  }
  return adapters_.size() + unknown > most_adapters;
}

Result<AdapterScales> ModelAdapters::find(const std::vector<AdapterUse>& uses) {
  const std::lock_guard lock(mutex_);
  AdapterScales scales;
  for (const AdapterUse& use : uses) {
    const auto number = number_of(use.file);
    if (!number) return number.error();
    scales[*number] += use.scale;
  }
  std::erase_if(scales, [](const auto& each) { return each.second == 0; });
  return scales;
}

Result<int> ModelAdapters::number_of(const std::string& file) {
  const auto identity = file_identity(file);
  if (identity)
    if (const Adapter* adapter = known(file, *identity)) return static_cast<int>(adapter - adapters_.data());
  if (const auto checked = check_adapter_file(file, architecture_of(model_)); !checked) return checked.error();
  if (adapters_.size() >= most_adapters)
    return Error{ErrorKind::engine_failed, "adapter '" + file + "' cannot be used: the model has " +
                                               std::to_string(most_adapters) +
                                               " adapters, and calls use it; try again when they have ended"};
  adapters_.push_back({file, identity.value_or(FileIdentity{})});
  return static_cast<int>(adapters_.size() - 1);
}

Result<std::vector<common_adapter_lora_info>> ModelAdapters::load(const AdapterScales& scales) {
  const std::lock_guard lock(mutex_);
  std::vector<common_adapter_lora_info> loaded;
  for (const auto& [number, scale] : scales) {
    if (number < 0 || static_cast<std::size_t>(number) >= adapters_.size()) continue;
    const auto adapter = load_one(number);
    if (!adapter) return adapter.error();
    loaded.push_back({adapters_[static_cast<std::size_t>(number)].file, scale, "", "", *adapter});
  }
  return loaded;
}

Result<llama_adapter_lora*> ModelAdapters::load_one(int number) {
  Adapter& adapter = adapters_[static_cast<std::size_t>(number)];
  if (adapter.loaded != nullptr) return adapter.loaded;
  EngineLogCapture said;
  adapter.loaded = llama_adapter_lora_init(model_, adapter.file.c_str());
  if (adapter.loaded != nullptr) return adapter.loaded;
  return Error{ErrorKind::engine_failed, "adapter '" + adapter.file + "' cannot be used: " + said.first_error()};
}

}  // namespace abstractllm
