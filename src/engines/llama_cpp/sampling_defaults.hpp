// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

struct llama_model;
struct common_params_sampling;

namespace abstractllm {

/// The values that a model's makers recommend. Unset: they do not recommend one.
struct SamplingDefaults {
  std::optional<float> temperature;
  std::optional<float> top_p;
  std::optional<int> top_k;
  std::optional<float> min_p;
};

/// The row of sampling_defaults.def for a model with these names. If there is none, no value is set.
SamplingDefaults sampling_defaults_of(const std::string& names);

/// Sets the values for requests that do not set them. Engine arguments come first, then the model's file, then the
/// table.
void set_sampling_defaults(const llama_model* model, const std::string& file, common_params_sampling& sampling);

}  // namespace abstractllm
