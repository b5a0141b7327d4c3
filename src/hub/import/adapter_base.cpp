// SPDX-License-Identifier: Apache-2.0
#include "hub/import/adapter_base.hpp"

#include "hub/import/model_class.hpp"
#include "hub/import/model_keys.hpp"

namespace abstractllm {

Result<AdapterBase> read_adapter_base(const ModelFolder& folder) {
  const Result<Json> whole = folder.json("config.json");
  if (!whole) return whole.error();
  const Result<ModelClass> model = class_of(*whole);
  if (!model) return model.error();
  const Architecture& architecture = model->architecture;
  ModelConfig config(model->settings, "config.json", architecture.defaults, architecture.aliases);
  AdapterBase base{architecture, {}, false};
  GgufModel none;
  std::vector<Warning> warnings;
  ImportDraft draft{config, base.sizes, none, warnings, model->name, architecture.name};
  read_sizes(architecture, draft);
  base.tied = config.flag("tie_word_embeddings");
  if (config.error()) return *config.error();
  return base;
}

void begin_adapter(const AdapterBase& base, const std::string& name, GgufModel& model) {
  model.add("general.architecture", std::string(base.architecture.name));
  model.add("general.type", std::string("adapter"));
  model.add("adapter.type", std::string("lora"));
  model.add("general.name", name);
}

}  // namespace abstractllm
