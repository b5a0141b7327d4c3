// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/message.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "base/json.hpp"
#include "base/thrown.hpp"

namespace abstractllm {
namespace {

Error unfit(std::size_t index, const std::string& problem) {
  return {ErrorKind::invalid_argument, "messages[" + std::to_string(index) + "] " + problem};
}

std::optional<Role> role_from(const std::string& name) {
  for (Role role : {Role::system, Role::user, Role::assistant})
    if (name == to_string(role)) return role;
  return std::nullopt;
}

Result<std::string> text_at(const Json& json, const char* name, std::size_t index) {
  if (json.contains(name) && json[name].is_string()) return json[name].get<std::string>();
  return unfit(index, std::string("has a part without the string '") + name + "'");
}

Result<Part> image_from(const Json& json, const char* name, std::size_t index) {
  auto source = text_at(json, name, index);
  if (!source) return std::move(source).error();
  Image image(*std::move(source));
  if (!json.contains("detail")) return Part(std::move(image));
  auto detail = text_at(json, "detail", index);
  if (!detail) return std::move(detail).error();
  image.detail(*std::move(detail));
  return Part(std::move(image));
}

Result<void> check_fields(const Json& json, std::initializer_list<std::string_view> known, std::size_t index) {
  for (const auto& [name, value] : json.items())
    if (std::find(known.begin(), known.end(), name) == known.end())
      return unfit(index, "has a part with an unknown field '" + name + "'");
  return {};
}

Result<Part> part_from(const Json& json, std::size_t index) {
  if (!json.is_object()) return unfit(index, "has a part that is no object");
  const auto type = text_at(json, "type", index);
  if (!type) return type.error();
  Result<void> fits;
  if (*type == "text") {
    if (fits = check_fields(json, {"type", "text"}, index); !fits) return std::move(fits).error();
    auto text = text_at(json, "text", index);
    if (!text) return std::move(text).error();
    return Part(*std::move(text));
  }
  if (*type == "image") {
    if (fits = check_fields(json, {"type", "image", "detail"}, index); !fits) return std::move(fits).error();
    return image_from(json, "image", index);
  }
  if (*type == "image_url" && json.contains("image_url") && json["image_url"].is_object()) {
    if (fits = check_fields(json["image_url"], {"url", "detail"}, index); !fits) return std::move(fits).error();
    return image_from(json["image_url"], "url", index);
  }
  return unfit(index, "has a part of type '" + *type + "'; known are text, image and image_url");
}

Result<Message> message_of_parts(Role role, const Json& list, std::size_t index) {
  std::vector<Part> parts;
  for (const Json& each : list) {
    auto part = part_from(each, index);
    if (!part) return std::move(part).error();
    parts.push_back(*std::move(part));
  }
  return Message(role, std::move(parts));
}

Result<Message> message_from(const Json& json, std::size_t index) {
  if (!json.is_object()) return unfit(index, "is not an object; it must be {\"role\": …, \"content\": …}");
  for (const auto& [name, value] : json.items())
    if (name != "role" && name != "content")
      return unfit(index, "has an unknown field '" + name + "'; known are role and content");
  if (!json.contains("role") || !json["role"].is_string())
    return unfit(index, "has no role; it must be system, user or assistant");
  const bool has_content = json.contains("content") && (json["content"].is_string() || json["content"].is_array());
  if (!has_content) return unfit(index, "has no content; it must be a string or a list of parts");
  const auto role = role_from(json["role"].get<std::string>());
  if (!role)
    return unfit(index, "has the role '" + json["role"].get<std::string>() + "'; it must be system, user or assistant");
  if (json["content"].is_array()) return message_of_parts(*role, json["content"], index);
  return Message(*role, json["content"].get<std::string>());
}

}  // namespace

Message::Message(Role role, std::vector<Part> parts) : role_(role), parts_(std::move(parts)) {
  for (const Part& part : parts_)
    if (const auto* text = std::get_if<std::string>(&part)) text_ += *text;
  const auto is_text = [](const Part& part) { return std::holds_alternative<std::string>(part); };
  if (std::all_of(parts_.begin(), parts_.end(), is_text)) parts_.clear();
}

Result<std::vector<Message>> messages_from_json(std::string_view text) {
  return guarded([&]() -> Result<std::vector<Message>> {
    const Result<Json> json = parse_json(text, "the list of messages");
    if (!json) return json.error();
    if (!json->is_array())
      return Error(ErrorKind::invalid_argument,
                   "messages must be a JSON list, like [{\"role\": \"user\", \"content\": \"…\"}]");
    std::vector<Message> messages;
    for (std::size_t i = 0; i < json->size(); ++i) {
      auto message = message_from((*json)[i], i);
      if (!message) return std::move(message).error();
      messages.push_back(std::move(*message));
    }
    return messages;
  });
}

}  // namespace abstractllm
