// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hub/import/architecture.hpp"

namespace abstractllm {

/// Which ways to scale rotary positions the engine has for an architecture.
struct RopeSupport {
  bool llama3 = false;      ///< reads rope_freqs.weight
  bool always_base = true;  ///< false: rope.freq_base is written only if it is not the engine's 10000
};

/// Adds the keys and tensors of the rotary positions: `rope_parameters`, or `rope_scaling` with `rope_theta`. Refuses a
/// kind that the engine would not apply. https://huggingface.co/docs/transformers/internal/rope_utils, read 2026-11.
void add_rope(ImportDraft& draft, const RopeSupport& support);

/// The same from given parameters, an object, without rope.freq_base.
void add_rope_scaling(ImportDraft& draft, const Json& parameters, double base, const RopeSupport& support);

/// The stored parameters, an empty object if there are none. Refuses what is no object.
const Json& rope_parameters(ImportDraft& draft);

/// The kind of scaling, "default" if none is named.
std::string rope_type(const Json& parameters);

/// Warns if config.json has a sliding window that is shorter than the context, because the engine does not apply one to
/// this architecture.
void warn_sliding_window(ImportDraft& draft);

/// A tensor of numbers that are kept in memory.
GgufTensor constant_tensor(std::string name, std::vector<float> values);

}  // namespace abstractllm
