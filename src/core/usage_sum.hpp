// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/usage.hpp"

namespace abstractllm {

/// Adds what is known of `more`. A field stays unknown as long as no summand is known.
inline void add_usage(Usage& total, const Usage& more) {
  const auto add = [](TokenCount& sum, const TokenCount& count) {
    if (count.known()) sum = sum.value_or(0) + count.value_or(0);
  };
  add(total.input_tokens, more.input_tokens);
  add(total.output_tokens, more.output_tokens);
  add(total.cached_input_tokens, more.cached_input_tokens);
  add(total.cache_write_tokens, more.cache_write_tokens);
  add(total.reasoning_tokens, more.reasoning_tokens);
}

}  // namespace abstractllm
