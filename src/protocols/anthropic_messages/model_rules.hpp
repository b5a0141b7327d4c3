// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace abstractllm::anthropic_messages {

/// How a request sets the amount of thinking.
enum class ThinkingControl {
  none,    ///< it cannot, or this is not known
  budget,  ///< thinking.budget_tokens
  effort,  ///< output_config.effort
};

/// What a model accepts, beyond what the wire format can express.
struct AnthropicModelRules {
  bool claude = true;              ///< one of Anthropic's own
  bool sampling = false;           ///< temperature, top_p, top_k, under the version 2023-06-01
  bool temperature_alone = false;  ///< temperature and top_p cannot be used together
  ThinkingControl thinking = ThinkingControl::effort;
  bool can_stop_thinking = false;  ///< accepts thinking.type "disabled"
  bool forced_tools = false;       ///< accepts tool_choice any and tool, unless it thinks
};

/// Returns the rules for this model name, which may have a vendor ("anthropic/", "us.anthropic.") before it. An unknown
/// claude-* follows the newest rules. A model of another name accepts all sampling options and has no known control of
/// thinking.
AnthropicModelRules anthropic_model_rules(std::string_view model);

}  // namespace abstractllm::anthropic_messages
