// SPDX-License-Identifier: Apache-2.0
#include "core/part_reader.hpp"

#include <algorithm>
#include <optional>

#include "base/json_text.hpp"
#include "base/thrown.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t deepest_json = 256;  // the limit of parse_json()

constexpr std::string_view known_roles = "system, user, assistant or tool";

std::optional<Role> role_from(std::string_view name) {
  for (Role role : {Role::system, Role::user, Role::assistant, Role::tool})
    if (name == to_string(role)) return role;
  return std::nullopt;
}

bool is_absent(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found == json.end() || found->is_null();
}

Result<void> check_fields(const Json& json, Role role, const PartReader& reader) {
  const bool assistant = role == Role::assistant;
  const bool tool = role == Role::tool;
  for (const auto& [name, value] : json.items()) {
    if (name == "role" || name == "content") continue;
    if (assistant && (name == "tool_calls" || (name == "refusal" && value.is_null()))) continue;
    if (tool && (name == "tool_call_id" || name == "name")) continue;
    return reader.wrong("has an unknown field '" + name + "'; known are role and content" +
                        (assistant ? ", and tool_calls"
                         : tool    ? ", and tool_call_id and name"
                                   : ""));
  }
  return {};
}

Result<Role> read_role(const Json& json, const PartReader& reader) {
  const auto found = json.find("role");
  if (found == json.end() || !found->is_string())
    return reader.wrong("has no role; it must be " + std::string(known_roles));
  const auto name = found->get<std::string>();
  if (const auto role = role_from(name)) return *role;
  return reader.wrong("has the role '" + name + "'; it must be " + std::string(known_roles));
}

Result<std::vector<Part>> read_parts(const Json& content, const PartReader& reader) {
  std::vector<Part> parts;
  if (content.is_string()) {
    if (auto text = content.get<std::string>(); !text.empty()) parts.emplace_back(std::move(text));
    return parts;
  }
  for (const Json& each : content) {
    auto part = reader.read(each);
    if (!part) return std::move(part).error();
    parts.push_back(*std::move(part));
  }
  return parts;
}

/// Reads OpenAI's form of an assistant's turn with calls. Its content is a string, a list or null.
Result<Message> read_calls(const Json& json, const PartReader& reader) {
  const Json& calls = json.at("tool_calls");
  if (!calls.is_array()) return reader.wrong("has tool_calls that are no list");
  const bool has_content = !is_absent(json, "content");
  auto parts = read_parts(has_content ? json.at("content") : Json::array(), reader);
  if (!parts) return std::move(parts).error();
  for (const Json& each : calls) {
    auto call = reader.read_openai_call(each);
    if (!call) return std::move(call).error();
    parts->push_back(*std::move(call));
  }
  return Message(Role::assistant, *std::move(parts));
}

/// Reads OpenAI's form of a result: {"role": "tool", "tool_call_id", "content"}.
Result<Message> read_result(const Json& json, const PartReader& reader) {
  const Json& id = json.at("tool_call_id");
  const bool has_name = !is_absent(json, "name");
  if (!id.is_string() || (has_name && !json.at("name").is_string()))
    return reader.wrong("has a tool_call_id or a name that is not a string");
  auto parts = reader.read_content(is_absent(json, "content") ? Json("") : json.at("content"));
  if (!parts) return std::move(parts).error();
  return Message::tool(
      {ToolResult(id.get<std::string>(), has_name ? json.at("name").get<std::string>() : "", *std::move(parts))});
}

Result<Message> message_from(const Json& json, const PartReader& reader) {
  if (!json.is_object()) return reader.wrong("is not an object; it must be {\"role\": …, \"content\": …}");
  const auto role = read_role(json, reader);
  if (!role) return role.error();
  if (auto fits = check_fields(json, *role, reader); !fits) return std::move(fits).error();
  const bool has_content = !is_absent(json, "content");
  if (has_content && !json.at("content").is_string() && !json.at("content").is_array())
    return reader.wrong("has no content; it must be a string or a list of parts");
  if (!is_absent(json, "tool_calls")) return read_calls(json, reader);
  if (!is_absent(json, "tool_call_id")) return read_result(json, reader);
  if (!has_content) return reader.wrong("has no content; it must be a string or a list of parts");
  if (json.at("content").is_string()) return Message(*role, json.at("content").get<std::string>());
  auto parts = read_parts(json.at("content"), reader);
  if (!parts) return std::move(parts).error();
  return Message(*role, *std::move(parts));
}

Result<Json> parse(std::string_view text, const KeptSpellings& spellings, bool is_json) {
  constexpr std::string_view what = "the list of messages";
  // An error in the text is reported with the text's own offsets.
  return parse_json(is_json ? std::string_view(spellings.text()) : text, what);
}

}  // namespace

Result<std::vector<Message>> messages_from_json(std::string_view text) {
  return guarded([&]() -> Result<std::vector<Message>> {
    const bool is_json = !find_json_fault(text, deepest_json);
    const KeptSpellings spellings(is_json ? text : std::string_view());
    const Result<Json> json = parse(text, spellings, is_json);
    if (!json) return json.error();
    if (!json->is_array())
      return Error(ErrorKind::invalid_argument,
                   "messages must be a JSON list, like [{\"role\": \"user\", \"content\": \"…\"}]");
    std::vector<Message> messages;
    for (std::size_t i = 0; i < json->size(); ++i) {
      auto message = message_from((*json)[i], PartReader(i, spellings));
      if (!message) return std::move(message).error();
      messages.push_back(std::move(*message));
    }
    return messages;
  });
}

}  // namespace abstractllm
