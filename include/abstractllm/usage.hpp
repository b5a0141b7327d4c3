// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/token_count.hpp"

namespace abstractllm {

/// Tokens that a call used. The fields mean the same for every provider.
struct Usage {
  TokenCount input_tokens;         ///< all input, cached parts included
  TokenCount output_tokens;        ///< all output, reasoning included
  TokenCount cached_input_tokens;  ///< part of input_tokens that was read from a prompt cache
  TokenCount cache_write_tokens;   ///< part of input_tokens that was written to a prompt cache
  TokenCount reasoning_tokens;     ///< part of output_tokens that was reasoning

  bool operator==(const Usage&) const = default;
};

}  // namespace abstractllm
