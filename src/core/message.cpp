// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/message.hpp"

#include <nlohmann/json.hpp>
#include <optional>

namespace abstractllm {
namespace {

using Json = nlohmann::ordered_json;

Error unfit(std::size_t index, const std::string& problem) {
  return {ErrorKind::invalid_argument, "messages[" + std::to_string(index) + "] " + problem};
}

std::optional<Role> role_from(const std::string& name) {
  for (Role role : {Role::system, Role::user, Role::assistant})
    if (name == to_string(role)) return role;
  return std::nullopt;
}

Result<Message> message_from(const Json& json, std::size_t index) {
  if (!json.is_object()) return unfit(index, "is not an object; it must be {\"role\": …, \"content\": …}");
  for (const auto& [name, value] : json.items())
    if (name != "role" && name != "content")
      return unfit(index, "has an unknown field '" + name + "'; known are role and content");
  if (!json.contains("role") || !json["role"].is_string())
    return unfit(index, "has no role; it must be system, user or assistant");
  if (!json.contains("content") || !json["content"].is_string())
    return unfit(index, "has no content; it must be a string");
  const auto role = role_from(json["role"].get<std::string>());
  if (!role)
    return unfit(index, "has the role '" + json["role"].get<std::string>() + "'; it must be system, user or assistant");
  return Message(*role, json["content"].get<std::string>());
}

}  // namespace

Result<std::vector<Message>> messages_from_json(std::string_view text) {
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error& problem) {
    return Error(ErrorKind::invalid_argument, "messages are not valid JSON: at byte " + std::to_string(problem.byte));
  }
  if (!json.is_array())
    return Error(ErrorKind::invalid_argument,
                 "messages must be a JSON list, like [{\"role\": \"user\", \"content\": \"…\"}]");
  std::vector<Message> messages;
  for (std::size_t i = 0; i < json.size(); ++i) {
    auto message = message_from(json[i], i);
    if (!message) return std::move(message).error();
    messages.push_back(std::move(*message));
  }
  return messages;
}

}  // namespace abstractllm
