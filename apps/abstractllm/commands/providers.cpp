// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "abstractllm/registry.hpp"
#include "commands/commands.hpp"
#include "commands/listing.hpp"
#include "render.hpp"

namespace abstractllm::cli {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : ",") + word;
  return line;
}

JsonObject as_json(const ProviderInfo& provider) {
  JsonObject object;
  object.text("name", provider.name).text("description", provider.description).texts("protocols", provider.protocols);
  if (!provider.key_variable.empty()) object.text("key_variable", provider.key_variable);
  object.boolean("configured", provider.configured);
  if (!provider.default_model.empty()) object.text("default_model", provider.default_model);
  return object;
}

std::vector<std::string> as_row(const ProviderInfo& provider) {
  return {provider.name, joined(provider.protocols), provider.key_variable.empty() ? "none" : provider.key_variable,
          provider.configured ? "yes" : "no", provider.default_model.empty() ? "-" : provider.default_model};
}

}  // namespace

int list_providers(Words words) {
  return run_listing("providers", words, [](const ListArgs& args) -> Result<std::string> {
    std::vector<JsonObject> objects;
    std::vector<std::vector<std::string>> rows = {{"NAME", "PROTOCOL", "KEY", "CONFIGURED", "DEFAULT MODEL"}};
    for (const ProviderInfo& provider : providers()) {
      objects.push_back(as_json(provider));
      rows.push_back(as_row(provider));
    }
    return args.format == Format::json ? json_list(objects) : table(rows);
  });
}

}  // namespace abstractllm::cli
