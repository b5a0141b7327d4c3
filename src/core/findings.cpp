// SPDX-License-Identifier: Apache-2.0
#include "core/findings.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "abstractllm/options.hpp"
#include "core/json_writer.hpp"

namespace abstractllm {
namespace {

/// The codes of Warnings about something that is sent in another form. All others are about something that is not sent.
constexpr std::string_view codes_of_changes[] = {"file_inlined", "schema_keyword_removed", "tools_prompted",
                                                 "tls_not_verified"};

/// How texts about tools begin. Most name the tool and not the option, which is not among Options::fields().
constexpr std::string_view subjects_of_tools[] = {
    "tool '",
    "a tool has no name",
    "a hosted tool ",
    "the description of tool '",
    "the name of a tool",
    "the schema of tool '",
    "two tools are called '",
    "option tools",
};

/// Codes of Warnings that are always about tools.
constexpr std::string_view codes_of_tools[] = {"schema_keyword_removed", "tools_prompted", "tools_refused_by_chat"};

bool concerns_tools(const Finding& finding) {
  return std::find(std::begin(codes_of_tools), std::end(codes_of_tools), finding.code) != std::end(codes_of_tools) ||
         std::any_of(std::begin(subjects_of_tools), std::end(subjects_of_tools),
                     [&](std::string_view subject) { return finding.message.starts_with(subject); });
}

/// Returns the option that a text begins with, or after "option ".
std::string option_in(std::string_view text) {
  if (text.substr(0, 7) == "option ") text.remove_prefix(7);
  const std::string_view word = text.substr(0, text.find_first_of(" :,'"));
  const auto fields = Options::fields();
  const bool known =
      std::any_of(fields.begin(), fields.end(), [&](const OptionField& field) { return field.name == word; });
  return known ? std::string(word) : std::string();
}

/// Returns N of a text that begins with "messages[N]" or "message N".
std::optional<std::size_t> message_in(std::string_view text) {
  if (text == "the prompt is empty") return 0;  // check_messages() says so of the only message
  for (const std::string_view beginning : {"messages[", "message "}) {
    if (text.substr(0, beginning.size()) != beginning) continue;
    std::size_t index = 0;
    const char* const first = text.data() + beginning.size();
    if (std::from_chars(first, text.data() + text.size(), index).ec == std::errc()) return index;
  }
  return std::nullopt;
}

Finding located(Finding finding) {
  finding.option = concerns_tools(finding) ? "tools" : option_in(finding.message);
  finding.message_index = message_in(finding.message);
  return finding;
}

}  // namespace

std::string_view to_string(FindingAction action) noexcept {
  switch (action) {
    case FindingAction::dropped: return "dropped";
    case FindingAction::changed: return "changed";
    case FindingAction::refused: break;
  }
  return "refused";
}

Finding finding_of(const Warning& warning) {
  const auto* const end = std::end(codes_of_changes);
  const bool changes = std::find(std::begin(codes_of_changes), end, warning.code) != end;
  return located({changes ? FindingAction::changed : FindingAction::dropped, warning.code, warning.message});
}

Finding finding_of(const Error& error) {
  return located({FindingAction::refused, std::string(to_string(error.kind)), error.message});
}

std::string to_json(const Finding& finding) {
  JsonWriter json;
  json.add("action", to_string(finding.action));
  json.add("code", finding.code);
  json.add("message", finding.message);
  json.add_known("option", finding.option);
  json.add_known("message_index", finding.message_index);
  return std::move(json).finish();
}

}  // namespace abstractllm
