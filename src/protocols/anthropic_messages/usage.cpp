// SPDX-License-Identifier: Apache-2.0
#include "protocols/anthropic_messages/usage.hpp"

namespace abstractllm::anthropic_messages {
namespace {

TokenCount count_of(const std::optional<JsonElement>& element) {
  constexpr std::int64_t plausible = 1'000'000'000'000;  // keeps sums in range
  const std::optional<std::int64_t> count = integer_of(element);
  return count && *count >= 0 && *count <= plausible ? TokenCount(*count) : TokenCount();
}

Usage read_wire(JsonElement usage) {
  const auto [input, output, read, written, details] =
      members(usage, std::array<std::string_view, 5>{"input_tokens", "output_tokens", "cache_read_input_tokens",
                                                     "cache_creation_input_tokens", "output_tokens_details"});
  Usage counts;
  counts.input_tokens = count_of(input);
  counts.output_tokens = count_of(output);
  counts.cached_input_tokens = count_of(read);
  counts.cache_write_tokens = count_of(written);
  if (details) counts.reasoning_tokens = count_of(member(*details, "thinking_tokens"));
  return counts;
}

constexpr TokenCount Usage::*all_counts[] = {&Usage::input_tokens, &Usage::output_tokens, &Usage::cached_input_tokens,
                                             &Usage::cache_write_tokens, &Usage::reasoning_tokens};

/// Returns `strong`, completed with the counts of `weak` that it does not know.
Usage over(Usage strong, const Usage& weak) {
  for (const auto count : all_counts)
    if (!(strong.*count).known()) strong.*count = weak.*count;
  return strong;
}

}  // namespace

void MessagesUsage::replace(JsonElement usage) { wire_ = over(read_wire(usage), wire_); }

void MessagesUsage::complete(JsonElement usage) { wire_ = over(wire_, read_wire(usage)); }

Usage MessagesUsage::counts() const {
  Usage counts = wire_;
  if (counts.input_tokens.known()) {
    counts.input_tokens = counts.input_tokens.value_or(0) + counts.cached_input_tokens.value_or(0) +
                          counts.cache_write_tokens.value_or(0);
  }
  return counts;
}

}  // namespace abstractllm::anthropic_messages
