// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "abstractllm/options.hpp"

namespace abstractllm {

/// What Chat Completions of OpenAI accepts for reasoning_effort in a request with function tools.
enum class EffortWithTools {
  any,
  unset,      ///< it must not be sent
  none_only,  ///< it must be sent as "none"
  refused,    ///< no request with tools is reported to succeed
};

/// What OpenAI's own models accept, beyond what their wire formats can express.
struct OpenaiModelRules {
  bool reasoning = false;  ///< role "developer", max_completion_tokens
  bool sampling = true;    ///< temperature, top_p, penalties, logit_bias, logprobs
  EffortWithTools effort_with_tools = EffortWithTools::any;
  std::string_view why_no_sampling = "this model does not take it";
};

/// Returns the rules for these options, which depend on model and reasoning_effort. An unknown model accepts
/// everything.
OpenaiModelRules openai_model_rules(const Options& options);

}  // namespace abstractllm
