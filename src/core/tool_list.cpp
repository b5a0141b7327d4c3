// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/tool_list.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <unordered_set>

#include "base/json.hpp"
#include "base/json_text.hpp"
#include "base/thrown.hpp"
#include "core/kept_spellings.hpp"

namespace abstractllm {
namespace {

constexpr std::string_view no_arguments = R"({"type":"object","properties":{}})";

/// One entry of the list, as JSON and as it is spelled.
class ToolEntry {
 public:
  ToolEntry(std::size_t index, const Json& json, std::string_view text) : index_(index), json_(json), text_(text) {}

  Result<ListedTool> read() {
    if (!json_.is_object()) return wrong("is not an object; it must be {\"name\": …, \"parameters\": …}");
    const auto type = json_.find("type");
    if (type == json_.end()) return read_function(json_, text_, false);
    if (!type->is_string()) return wrong("has a type that is not a string; leave it out, or write \"function\"");
    if (*type != "function") return read_hosted();
    const auto inner = json_.find("function");
    if (inner == json_.end()) return read_function(json_, text_, true);
    if (!inner->is_object()) return wrong("has a function that is not an object");
    if (auto known = check_fields(json_, {"type", "function", "command", "env"}); !known)
      return std::move(known).error();
    return read_function(*inner, spelled_member(text_, "function"), true);
  }

 private:
  Error wrong(const std::string& problem) const {
    std::string place = "tools[" + std::to_string(index_) + "]";
    if (!name_.empty()) place += " ('" + name_ + "')";
    return {ErrorKind::invalid_argument, place + " " + problem};
  }

  Result<void> check_fields(const Json& json, std::initializer_list<std::string_view> known) const {
    for (const auto& [name, value] : json.items())
      if (std::find(known.begin(), known.end(), name) == known.end())
        return wrong("has an unknown field '" + name + "'; known are name, description, parameters, command and env");
    return {};
  }

  /// `is_openai`: it is written as for OpenAI, which has the field `strict`. The provider's rules decide about that.
  Result<ListedTool> read_function(const Json& json, std::string_view text, bool is_openai) {
    const bool is_inner = &json != &json_;
    auto known = is_inner ? check_fields(json, {"name", "description", "parameters", "strict"})
                 : is_openai
                     ? check_fields(json, {"type", "name", "description", "parameters", "strict", "command", "env"})
                     : check_fields(json, {"name", "description", "parameters", "command", "env"});
    if (!known) return std::move(known).error();
    const auto name = json.find("name");
    if (name == json.end() || !name->is_string() || name->get<std::string>().empty())
      return wrong("has no name; write \"name\": \"what_it_does\"");
    name_ = name->get<std::string>();
    const auto description = json.find("description");
    const bool described = description != json.end() && !description->is_null();
    if (described && !description->is_string()) return wrong("has a description that is not a string");
    const auto parameters = json.find("parameters");
    const bool has_parameters = parameters != json.end() && !parameters->is_null();
    if (has_parameters && !parameters->is_object())
      return wrong("has parameters that are not an object; write a JSON Schema, like " + std::string(no_arguments));
    ListedTool listed(Tool::declared(name_, described ? description->get<std::string>() : "",
                                     std::string(has_parameters ? spelled_member(text, "parameters") : no_arguments)));
    if (const auto& fault = listed.tool.fault()) return wrong("cannot be used: " + fault->message);
    return with_command(std::move(listed));
  }

  Result<ListedTool> read_hosted() const {
    for (const char* field : {"command", "env"})
      if (json_.contains(field))
        return wrong(std::string("has a ") + field + ", but its type is not \"function\", so the provider runs it");
    return ListedTool(Tool::hosted(compact_json(text_)));
  }

  Result<ListedTool> with_command(ListedTool listed) const {
    auto command = read_words("command", R"(["program", "argument"])");
    if (!command) return std::move(command).error();
    auto env = read_words("env", R"(["NAME"])");
    if (!env) return std::move(env).error();
    listed.command = (*std::move(command)).value_or(std::vector<std::string>());
    listed.env = (*std::move(env)).value_or(std::vector<std::string>());
    if (json_.contains("command") && listed.command.empty())
      return wrong("has an empty command; write [\"program\", \"argument\"], or leave it out to get the calls");
    if (!listed.command.empty() && listed.command.front().empty()) return wrong("has a command without a program");
    if (listed.command.empty() && json_.contains("env")) return wrong("has env but no command");
    for (const std::string& variable : listed.env)
      if (variable.empty() || variable.find('=') != std::string::npos)
        return wrong("has '" + variable + "' in env, which is not the name of a variable");
    return listed;
  }

  /// Reads a list of strings that the system can take as words, or nullopt where there is none.
  Result<std::optional<std::vector<std::string>>> read_words(const char* field, const char* example) const {
    const auto found = json_.find(field);
    if (found == json_.end()) return std::optional<std::vector<std::string>>();
    const Error problem =
        wrong(std::string("has a field ") + field + " that is not a list of strings; write " + example);
    if (!found->is_array()) return problem;
    std::vector<std::string> words;
    words.reserve(found->size());
    for (const Json& each : *found) {
      if (!each.is_string()) return problem;
      words.push_back(each.get<std::string>());
      if (words.back().find('\0') != std::string::npos)
        return wrong(std::string("has a NUL character in its ") + field + "; no program can get one");
    }
    return std::optional(std::move(words));
  }

  std::size_t index_;
  const Json& json_;
  std::string_view text_;
  std::string name_;  // for errors, once it is known
};

}  // namespace

Result<std::vector<ListedTool>> tools_from_json(std::string_view text) {
  return guarded([&]() -> Result<std::vector<ListedTool>> {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    const Result<Json> json = parse_json(text, "the list of tools");
    if (!json) return json.error();
    if (!json->is_array())
      return Error(ErrorKind::invalid_argument,
                   R"(tools must be a JSON list, like [{"name": "…", "description": "…", "parameters": {…}}])");
    const std::vector<std::string_view> spelled = elements_of_list(text);
    if (spelled.size() != json->size())
      return Error(ErrorKind::invalid_argument, "the list of tools has bytes before or after it that are not JSON");
    std::vector<ListedTool> tools;
    tools.reserve(json->size());
    std::unordered_set<std::string> names;
    for (std::size_t i = 0; i < json->size(); ++i) {
      auto tool = ToolEntry(i, (*json)[i], spelled.at(i)).read();
      if (!tool) return std::move(tool).error();
      if (!tool->tool.is_hosted() && !names.insert(tool->tool.name()).second)
        return Error(ErrorKind::invalid_argument, "tools[" + std::to_string(i) + "] has the name '" +
                                                      tool->tool.name() +
                                                      "', which another tool has; each needs its own");
      tools.push_back(*std::move(tool));
    }
    return tools;
  });
}

}  // namespace abstractllm
