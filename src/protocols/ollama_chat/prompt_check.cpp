// SPDX-License-Identifier: Apache-2.0
#include "protocols/ollama_chat/prompt_check.hpp"

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace abstractllm::ollama_chat {
namespace {

constexpr std::int64_t most_bytes_of_token = 8;

/// Returns the context size that was sent, or 0 for the server's default.
std::int64_t context_asked_for(std::string_view body) {
  constexpr std::string_view field = "\"num_ctx\":";
  const std::size_t at = body.rfind(field);
  std::int64_t tokens = 0;
  if (at != body.npos) std::from_chars(body.data() + at + field.size(), body.data() + body.size(), tokens);
  return tokens;
}

bool is_just_below(std::int64_t count, std::int64_t context) { return count <= context && count >= context / 8 * 7; }

bool fills_context(std::int64_t count, std::int64_t asked) {
  if (asked > 0) return is_just_below(count, asked);
  // The server's defaults are powers of two and depend on the memory of the machine.
  for (std::int64_t context = 2048; context <= 1 << 18; context *= 2)
    if (is_just_below(count, context)) return true;
  return false;
}

}  // namespace

std::optional<Warning> find_truncated_prompt(const HttpRequest& request, const Usage& usage) {
  if (!usage.input_tokens.known()) return std::nullopt;
  const std::int64_t counted = usage.input_tokens.value_or(0);
  const auto sent = static_cast<std::int64_t>(request.body.size());
  if (sent / most_bytes_of_token <= counted || !fills_context(counted, context_asked_for(request.body)))
    return std::nullopt;
  return Warning{"prompt_truncated", "the server read only " + std::to_string(counted) + " tokens of a request of " +
                                         std::to_string(sent) +
                                         " bytes: it has cut the prompt to its context; raise context_size"};
}

}  // namespace abstractllm::ollama_chat
