// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

struct llama_model;
struct common_params_sampling;

namespace abstractllm {

/// What a model's makers recommend; unset: they do not say.
struct SamplingDefaults {
  std::optional<float> temperature;
  std::optional<float> top_p;
  std::optional<int> top_k;
  std::optional<float> min_p;
};

/// The row of sampling_defaults.def for a model with these names; without any value where there is none.
SamplingDefaults sampling_defaults_of(const std::string& names);

/// Sets what requests get that say nothing themselves: the table's values for this model, those of its file before
/// them, and those of engine arguments before both.
void set_sampling_defaults(const llama_model* model, const std::string& file, common_params_sampling& sampling);

}  // namespace abstractllm
