// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "abstractllm/registry.hpp"
#include "amounts.hpp"
#include "commands/commands.hpp"
#include "commands/listing.hpp"
#include "render.hpp"

namespace abstractllm::cli {
namespace {

JsonObject as_json(const ModelInfo& model) {
  JsonObject object;
  object.text("id", model.id);
  if (!model.description.empty()) object.text("description", model.description);
  if (model.size_bytes) object.integer("size_bytes", *model.size_bytes);
  if (model.context_tokens) object.integer("context_tokens", *model.context_tokens);
  const Capabilities& can = model.capabilities;
  JsonObject capabilities;
  if (can.vision) capabilities.boolean("vision", *can.vision);
  if (can.hearing) capabilities.boolean("hearing", *can.hearing);
  if (can.vision || can.hearing) object.object("capabilities", capabilities);
  return object;
}

std::vector<std::string> as_row(const ModelInfo& model) {
  return {model.id, model.size_bytes ? bytes_text(*model.size_bytes) : "-",
          model.context_tokens ? std::to_string(*model.context_tokens) : "-",
          model.description.empty() ? "-" : model.description};
}

}  // namespace

int list_provider_models(Words words) {
  return run_listing("models", words, [](const ListArgs& args) -> Result<std::string> {
    const Result<std::vector<ModelInfo>> models = list_models(args.provider, args.options);
    if (!models) return models.error();
    std::vector<JsonObject> objects;
    std::vector<std::vector<std::string>> rows = {{"MODEL", "SIZE", "CONTEXT TOKENS", "DESCRIPTION"}};
    for (const ModelInfo& model : *models) {
      objects.push_back(as_json(model));
      rows.push_back(as_row(model));
    }
    return args.format == Format::json ? json_list(objects) : table(rows);
  });
}

}  // namespace abstractllm::cli
