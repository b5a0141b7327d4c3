// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/prompted_tools.hpp"

#include <stdexcept>
#include <utility>

namespace abstractllm {
namespace {

json text_part(std::string text) { return json{{"type", "text"}, {"text", std::move(text)}}; }

/// A message's content as a list of parts.
json parts_of(const json& content) {
  if (content.is_array()) return content;
  json parts = json::array();
  if (content.is_string()) parts.push_back(text_part(content.get<std::string>()));
  return parts;
}

/// Appends content to content. Text stays text; parts make it a list.
void append_content(json& content, const json& more, const char* separator) {
  if (content.is_null() || (content.is_string() && content.get<std::string>().empty())) {
    content = more;
  } else if (content.is_string() && more.is_string()) {
    content = content.get<std::string>() + separator + more.get<std::string>();
  } else {
    json parts = parts_of(content);
    for (const json& part : parts_of(more)) parts.push_back(part);
    content = std::move(parts);
  }
}

/// Text before and after any content.
json wrapped_content(const char* before, const json& content, const char* after) {
  if (!content.is_array()) return before + (content.is_string() ? content.get<std::string>() : std::string()) + after;
  json parts = json::array();
  parts.push_back(text_part(before));
  for (const json& part : content) parts.push_back(part);
  parts.push_back(text_part(after));
  return parts;
}

bool is_valid_json(const std::string& text) {
  try {
    json::parse(text);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

/// Arguments keep their spelling. If they are not JSON, the model reads them as a string.
std::string spelled_call(const json& call) {
  const json function = json_value(call, "function", json::object());
  const json arguments = json_value(function, "arguments", json());
  std::string spelled = arguments.is_string() ? arguments.get<std::string>() : arguments.dump();
  if (spelled.empty() || arguments.is_null()) spelled = "{}";
  else if (!is_valid_json(spelled)) spelled = json(spelled).dump();
  return std::string(call_start) + "\n{\"name\": " + json(json_value(function, "name", std::string())).dump() +
         ", \"arguments\": " + spelled + "}\n" + call_end;
}

json without_calls(const json& message) {
  json plain = message;
  plain.erase("tool_calls");
  json content = json_value(message, "content", json());
  for (const json& call : message.at("tool_calls")) append_content(content, json(spelled_call(call)), "\n");
  plain["content"] = content.is_null() ? json("") : std::move(content);
  return plain;
}

bool has_calls(const json& message) {
  return message.is_object() && message.contains("tool_calls") && message.at("tool_calls").is_array() &&
         !message.at("tool_calls").empty();
}

std::string role_of(const json& message) {
  return message.is_object() ? json_value(message, "role", std::string()) : std::string();
}

json rewritten(const json& messages) {
  json plain = json::array();
  bool follows_result = false;
  for (const json& message : messages) {
    const std::string role = role_of(message);
    const bool is_result = role == "tool";
    json written = message;
    if (is_result)
      written = {{"role", "user"},
                 {"content",
                  wrapped_content("<tool_response>\n", json_value(message, "content", json()), "\n</tool_response>")}};
    else if (has_calls(message)) written = without_calls(message);
    if (follows_result && role_of(written) == "user")
      append_content(plain.at(plain.size() - 1)["content"], json_value(written, "content", json()),
                     is_result ? "\n" : "\n\n");
    else plain.push_back(std::move(written));
    follows_result = is_result;
  }
  return plain;
}

std::string description_of(const json& tools) {
  std::string text =
      "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
      "You are provided with function signatures within <tools></tools> XML tags:\n<tools>\n";
  for (const json& tool : tools) (text += tool.dump()) += '\n';
  text +=
      "</tools>\n\nFor each function call, return a json object with function name and arguments within "
      "<tool_call></tool_call> XML tags:\n<tool_call>\n"
      "{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call>";
  return text;
}

void describe_tools(json& messages, const json& tools, bool has_system_role) {
  const std::string text = description_of(tools);
  const char* role = has_system_role ? "system" : "user";
  for (json& message : messages) {
    if (role_of(message) != role && !(has_system_role && role_of(message) == "developer")) {
      if (has_system_role) break;  // only a system message at the start is one
      continue;
    }
    json described(text);
    json& content = message["content"];
    if (has_system_role) return append_content(content, json("\n\n" + text), "");
    append_content(described, content, "\n\n");
    content = std::move(described);
    return;
  }
  json with_system = json::array();
  with_system.push_back(json{{"role", role}, {"content", text}});
  for (json& message : messages) with_system.push_back(std::move(message));
  messages = std::move(with_system);
}

std::string name_in(const json& tool) {
  return json_value(json_value(tool, "function", json::object()), "name", std::string());
}

}  // namespace

const json& list_in(const json& object, const char* key) {
  static const json empty = json::array();
  return object.is_object() && object.contains(key) && object.at(key).is_array() ? object.at(key) : empty;
}

void choose_named_tool(json& body) {
  if (!body.contains("tool_choice") || body.at("tool_choice").is_string() || body.at("tool_choice").is_null()) return;
  const std::string name = name_in(body.at("tool_choice"));
  if (name.empty())
    throw std::invalid_argument(
        "tool_choice must be \"auto\", \"none\", \"required\", or an object with the name of a "
        "function");
  json chosen = json::array();
  for (const json& tool : list_in(body, "tools"))
    if (name_in(tool) == name) chosen.push_back(tool);
  if (chosen.empty()) throw std::invalid_argument("tool_choice names '" + name + "', which is not among the tools");
  body["tools"] = std::move(chosen);
  body["tool_choice"] = "required";
}

bool offers_tools(const json& body) {
  return !list_in(body, "tools").empty() && json_value(body, "tool_choice", std::string("auto")) != "none";
}

bool speaks_of_tools(const json& body) {
  if (offers_tools(body)) return true;
  for (const json& message : list_in(body, "messages"))
    if (role_of(message) == "tool" || has_calls(message)) return true;
  return false;
}

PromptedTools write_tools_into_messages(json& body, bool has_system_role) {
  PromptedTools offered;
  const std::string choice = json_value(body, "tool_choice", std::string("auto"));
  common_chat_tool_choice_parse_oaicompat(choice);  // throws
  if (offers_tools(body)) {
    if (body.contains("grammar")) throw std::invalid_argument("Cannot use custom grammar constraints with tools.");
    common_chat_tools_parse_oaicompat(body.at("tools"));  // throws
    offered.tools = body.at("tools");
  }
  offered.required = choice == "required";
  offered.parallel = json_value(body, "parallel_tool_calls", true);
  const json& messages = list_in(body, "messages");
  if (!messages.empty() && has_calls(messages.at(messages.size() - 1)))
    throw std::invalid_argument("Cannot continue an assistant message that contains tool calls.");
  json plain = rewritten(messages);
  if (!offered.tools.empty()) describe_tools(plain, offered.tools, has_system_role);
  body["messages"] = std::move(plain);
  for (const char* key : {"tools", "tool_choice", "parallel_tool_calls"}) body.erase(key);
  return offered;
}

}  // namespace abstractllm
