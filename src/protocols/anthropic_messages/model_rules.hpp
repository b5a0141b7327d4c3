// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace abstractllm::anthropic_messages {

/// How a model is told how much to think.
enum class ThinkingControl {
  none,    ///< not at all, or not known
  budget,  ///< thinking.budget_tokens
  effort,  ///< output_config.effort
};

/// What a model takes, beyond what the wire format can say.
struct AnthropicModelRules {
  bool claude = true;              ///< one of Anthropic's own
  bool sampling = false;           ///< temperature, top_p, top_k, under the version 2023-06-01
  bool temperature_alone = false;  ///< temperature and top_p not both
  ThinkingControl thinking = ThinkingControl::effort;
  bool can_stop_thinking = false;  ///< takes thinking.type "disabled"
};

/// The rules for this model name, with or without a vendor ("anthropic/", "us.anthropic.") before it. A claude-* that
/// is not known follows the newest rules; a model of another name takes all sampling and has no known control of
/// thinking.
AnthropicModelRules anthropic_model_rules(std::string_view model);

}  // namespace abstractllm::anthropic_messages
