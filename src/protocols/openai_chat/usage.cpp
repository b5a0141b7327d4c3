// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_chat/usage.hpp"

namespace abstractllm::openai_chat {
namespace {

/// Where a count may be found. The first row whose count is present wins.
struct CountPath {
  TokenCount Usage::*count;
  std::string_view object;  ///< member of usage that holds it; empty for usage itself
  std::string_view name;
};

constexpr CountPath count_paths[] = {
    {&Usage::input_tokens, "", "prompt_tokens"},
    {&Usage::output_tokens, "", "completion_tokens"},
    {&Usage::cached_input_tokens, "prompt_tokens_details", "cached_tokens"},
    {&Usage::cached_input_tokens, "", "prompt_cache_hit_tokens"},  // DeepSeek
    {&Usage::cached_input_tokens, "", "cached_tokens"},            // Moonshot, Hugging Face router
    {&Usage::cached_input_tokens, "", "num_cached_tokens"},        // Mistral
    {&Usage::cache_write_tokens, "prompt_tokens_details", "cache_write_tokens"},
    {&Usage::reasoning_tokens, "completion_tokens_details", "reasoning_tokens"},
    {&Usage::reasoning_tokens, "", "reasoning_tokens"},  // Copilot
};

TokenCount count_at(JsonElement usage, const CountPath& path) {
  const std::optional<JsonElement> object = path.object.empty() ? std::optional(usage) : member(usage, path.object);
  if (!object) return {};
  const std::optional<std::int64_t> count = integer_of(member(*object, path.name));
  return count && *count >= 0 ? TokenCount(*count) : TokenCount();
}

/// The rest of the total, besides prompt and completion, is output too: xAI leaves reasoning out of completion_tokens,
/// and Gemini reports its thinking nowhere else.
void add_hidden_output(std::int64_t total, Usage& counts) {
  constexpr std::int64_t plausible = 1'000'000'000'000;  // keeps sums in range
  const std::int64_t input = counts.input_tokens.value_or(-1);
  const std::int64_t output = counts.output_tokens.value_or(0);
  const std::int64_t hidden = total - input - output;
  if (input < 0 || input > plausible || output > plausible || total > plausible || hidden <= 0) return;
  if (counts.reasoning_tokens.known() && counts.reasoning_tokens.value_or(0) != hidden) return;
  counts.output_tokens = output + hidden;
  counts.reasoning_tokens = hidden;
}

}  // namespace

Usage read_usage(JsonElement usage) {
  Usage counts;
  for (const CountPath& path : count_paths) {
    if (TokenCount& count = counts.*path.count; !count.known()) count = count_at(usage, path);
  }
  if (const std::optional<std::int64_t> total = integer_of(member(usage, "total_tokens")))
    add_hidden_output(*total, counts);
  return counts;
}

}  // namespace abstractllm::openai_chat
