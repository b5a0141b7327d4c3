// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_chat/timings.hpp"

namespace abstractllm::openai_chat {
namespace {

using std::chrono::microseconds;

constexpr double most_milliseconds = 1e12;

std::optional<microseconds> time_at(JsonElement timings, std::string_view name) {
  const std::optional<JsonElement> element = member(timings, name);
  double milliseconds = 0;
  if (!element || element->get(milliseconds) != simdjson::SUCCESS) return std::nullopt;
  if (!(milliseconds >= 0 && milliseconds < most_milliseconds)) return std::nullopt;
  return microseconds(static_cast<microseconds::rep>(milliseconds * 1000.0));
}

std::optional<std::int64_t> count_at(JsonElement timings, std::string_view name) {
  const std::optional<std::int64_t> count = integer_of(member(timings, name));
  return count && *count >= 0 ? count : std::nullopt;
}

}  // namespace

ModelTiming read_timings(JsonElement timings) {
  ModelTiming timing;
  timing.load = time_at(timings, "load_ms");
  timing.prompt = time_at(timings, "prompt_ms");
  timing.generation = time_at(timings, "predicted_ms");
  timing.prompt_tokens = count_at(timings, "prompt_n");
  timing.cached_tokens = count_at(timings, "cache_n");
  timing.slot = count_at(timings, "slot");
  return timing;
}

}  // namespace abstractllm::openai_chat
