// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_models.hpp"

namespace abstractllm {
namespace {

enum class Sampling { always, with_effort_none, never };

struct ModelRow {
  std::string_view prefix;  ///< of the model's name, after a "vendor/"
  bool reasoning;
  Sampling sampling;
  EffortWithTools effort_with_tools = EffortWithTools::any;
};

// The first row that matches decides. Source of all rows: docs/wire-formats.md#openai-reasoning-models and
// #openai-tools-on-chat.
constexpr ModelRow model_rows[] = {
    {"gpt-5-chat", false, Sampling::always},
    {"gpt-5.1", true, Sampling::with_effort_none},
    {"gpt-5.2", true, Sampling::with_effort_none},
    {"gpt-5.3", true, Sampling::with_effort_none},
    {"gpt-5.4", true, Sampling::with_effort_none, EffortWithTools::unset},
    {"gpt-5.5", true, Sampling::with_effort_none, EffortWithTools::unset},
    {"gpt-5.6", true, Sampling::with_effort_none, EffortWithTools::none_only},
    {"gpt-6-luna", true, Sampling::with_effort_none, EffortWithTools::refused},
    {"gpt-6-sol", true, Sampling::with_effort_none, EffortWithTools::refused},
    {"gpt-6.1-terra", true, Sampling::with_effort_none, EffortWithTools::refused},
    {"gpt-5", true, Sampling::never},
    {"gpt-6", true, Sampling::never, EffortWithTools::refused},
    {"o1", true, Sampling::never},
    {"o3", true, Sampling::never},
    {"o4", true, Sampling::never},
};

/// "gpt-5" matches "gpt-5" and "gpt-5-mini", but not "gpt-50"; "o3" does not match "o3x".
bool fits(std::string_view model, std::string_view prefix) {
  if (!model.starts_with(prefix)) return false;
  return model.size() == prefix.size() || model[prefix.size()] == '-' || model[prefix.size()] == '.';
}

}  // namespace

OpenaiModelRules openai_model_rules(const Options& options) {
  OpenaiModelRules rules;
  if (!options.model()) return rules;
  std::string_view model = *options.model();
  if (const std::size_t slash = model.rfind('/'); slash != std::string_view::npos) model.remove_prefix(slash + 1);
  for (const ModelRow& row : model_rows) {
    if (!fits(model, row.prefix)) continue;
    rules.reasoning = row.reasoning;
    rules.effort_with_tools = row.effort_with_tools;
    const bool effort_none = options.reasoning_effort() == "none";
    rules.sampling = row.sampling == Sampling::always || (row.sampling == Sampling::with_effort_none && effort_none);
    if (row.sampling == Sampling::with_effort_none)
      rules.why_no_sampling = "this model takes it only with reasoning_effort none";
    return rules;
  }
  return rules;
}

}  // namespace abstractllm
