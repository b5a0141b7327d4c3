// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_responses/usage.hpp"

namespace abstractllm::openai_responses {
namespace {

TokenCount count_of(const std::optional<JsonElement>& number) {
  const std::optional<std::int64_t> count = integer_of(number);
  return count && *count >= 0 ? TokenCount(*count) : TokenCount();
}

TokenCount count_in(const std::optional<JsonElement>& object, std::string_view name) {
  return object ? count_of(member(*object, name)) : TokenCount();
}

}  // namespace

Usage read_usage(JsonElement usage) {
  const auto [input, output, input_details, output_details] =
      members(usage, std::array<std::string_view, 4>{"input_tokens", "output_tokens", "input_tokens_details",
                                                     "output_tokens_details"});
  Usage counts;
  counts.input_tokens = count_of(input);
  counts.output_tokens = count_of(output);
  counts.cached_input_tokens = count_in(input_details, "cached_tokens");
  counts.cache_write_tokens = count_in(input_details, "cache_write_tokens");
  counts.reasoning_tokens = count_in(output_details, "reasoning_tokens");
  return counts;
}

}  // namespace abstractllm::openai_responses
