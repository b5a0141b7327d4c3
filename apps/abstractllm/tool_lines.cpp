// SPDX-License-Identifier: Apache-2.0
#include "tool_lines.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <string_view>
#include <variant>

#include "visible.hpp"

namespace abstractllm::cli {
namespace {

constexpr std::size_t most_characters = 160;
constexpr std::size_t most_shown_bytes =
    8 * most_characters;  // enough for that many characters; escapes only make it longer

std::string shown(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return shortened(visible(text.substr(0, most_shown_bytes)), most_characters);
}

std::string in_seconds(std::chrono::microseconds duration) {
  std::array<char, 32> text{};
  const int size =
      std::snprintf(text.data(), text.size(), " (%.1f s)", std::chrono::duration<double>(duration).count());
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

std::optional<std::string> tool_line(const StreamEvent& event) {
  if (const auto* call = std::get_if<ToolCall>(&event)) {
    const std::string cut = call->incomplete ? " (cut)" : "";
    return "-> " + shown(call->name) + " " + shown(call->arguments_json) + cut;
  }
  if (const auto* call = std::get_if<HostedToolCall>(&event)) return "-> " + shown(call->name) + " (at the provider)";
  if (const auto* result = std::get_if<ToolResult>(&event))
    return "<- " + shown(result->name) + (result->is_error ? " error: " : " ") + shown(result->text) +
           (result->duration ? in_seconds(*result->duration) : "");
  return std::nullopt;
}

}  // namespace abstractllm::cli
