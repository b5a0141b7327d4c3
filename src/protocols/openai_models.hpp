// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "abstractllm/options.hpp"

namespace abstractllm {

/// What OpenAI's own models take, beyond what their wire formats can say.
struct OpenaiModelRules {
  bool reasoning = false;  ///< role "developer", max_completion_tokens
  bool sampling = true;    ///< temperature, top_p, penalties, logit_bias, logprobs
  std::string_view why_no_sampling = "this model does not take it";
};

/// The rules for these options: model and reasoning_effort decide. A model that is not known takes everything.
OpenaiModelRules openai_model_rules(const Options& options);

}  // namespace abstractllm
