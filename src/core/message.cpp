// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/message.hpp"

#include <algorithm>
#include <iterator>

#include "abstractllm/response.hpp"
#include "core/part_json.hpp"

namespace abstractllm {
namespace {

bool is_plain_text(const Part& part) {
  const auto* text = std::get_if<Text>(&part);
  return text != nullptr && text->provider_data.empty();
}

std::string message_json(const Message& message) {
  JsonWriter json;
  json.add("role", to_string(message.role()));
  if (message.parts().empty()) {
    json.add("content", message.text());
    return std::move(json).finish();
  }
  JsonWriter parts("[]");
  for (const Part& part : message.parts()) {
    JsonWriter object;
    add_part(object, part, JsonSpelling::exact);
    parts.add_element(std::move(object).finish());
  }
  json.add_json("content", std::move(parts).finish());
  return std::move(json).finish();
}

}  // namespace

Message::Message(Role role, std::vector<Part> parts) : role_(role), parts_(std::move(parts)) {
  for (const Part& part : parts_)
    if (const auto* text = std::get_if<Text>(&part)) text_ += text->text;
  if (std::all_of(parts_.begin(), parts_.end(), is_plain_text)) parts_.clear();
}

Message Message::assistant(const Response& response) {
  return response.parts.empty() ? assistant(response.text) : assistant(response.parts);
}

Message Message::tool(std::vector<ToolResult> results) {
  return {Role::tool,
          std::vector<Part>(std::make_move_iterator(results.begin()), std::make_move_iterator(results.end()))};
}

Message Message::tool_result(std::string id, std::string text, bool is_error) {
  return tool({ToolResult(std::move(id), {}, std::move(text), is_error)});
}

Message Message::tool_result(std::string id, std::vector<ResultPart> parts, bool is_error) {
  return tool({ToolResult(std::move(id), {}, std::move(parts), is_error)});
}

std::string to_json(const Message& message) { return message_json(message); }

std::string to_json(const std::vector<Message>& messages) {
  JsonWriter list("[]");
  for (const Message& message : messages) list.add_element(message_json(message));
  return std::move(list).finish();
}

}  // namespace abstractllm
