// SPDX-License-Identifier: Apache-2.0
#include "protocols/offered_tools.hpp"

#include <algorithm>

#include "base/json_text.hpp"
#include "base/nearest.hpp"
#include "schema/tool_schema.hpp"

namespace abstractllm {
namespace {

std::string quoted_tool(const Tool& tool) { return "tool '" + tool.name() + "'"; }

void warn_of_choices_without_tools(BodyWriter& writer, const Options& options) {
  constexpr std::string_view why = "the call has no tools";
  const std::string choice = options.tool_choice().value_or("");
  if (!choice.empty() && choice != "none") writer.ignore("tool_choice", why);
  if (options.parallel_tool_calls()) writer.ignore("parallel_tool_calls", why);
}

}  // namespace

OfferedTools::OfferedTools(BodyWriter& writer, const Options& options, const ToolRules& rules,
                           std::string_view why_none_hosted) {
  static const std::vector<Tool> none;
  const std::vector<Tool>& tools = options.tools() ? *options.tools() : none;
  functions_.reserve(tools.size());
  for (const Tool& tool : tools) {
    if (tool.is_hosted()) take_hosted(writer, tool);
    else take_function(writer, tool, rules);
  }
  if (rules.tools > 0 && tools.size() > rules.tools)
    writer.fail("option tools has " + std::to_string(tools.size()) + " tools, and " + std::string(rules.owner) +
                " takes at most " + std::to_string(rules.tools) + ": offer fewer of them");
  if (!why_none_hosted.empty()) drop_hosted(writer, why_none_hosted);
  if (empty()) {
    warn_of_choices_without_tools(writer, options);
    return;
  }
  one_at_a_time_ = !options.parallel_tool_calls().value_or(true);
  take_choice(writer, options);
  warn_of_removed(writer, rules);
}

void OfferedTools::take_function(BodyWriter& writer, const Tool& tool, const ToolRules& rules) {
  if (tool.fault()) return writer.fail(tool.fault()->message);
  if (tool.schema() == nullptr) return writer.fail(quoted_tool(tool) + " has no schema");
  if (const auto fault = rules.fault_of_name(tool.name())) return writer.fail(quoted_tool(tool) + " " + *fault);
  writer.check(tool.name(), "the name of a tool");
  writer.check(tool.description(), "the description of " + quoted_tool(tool));
  const AdaptedSchema& schema = tool.schema()->adapted(rules.schemas);
  if (!schema.fault.empty()) return writer.fail("the schema of " + quoted_tool(tool) + " " + schema.fault);
  functions_.push_back({&tool, &schema});
}

void OfferedTools::take_hosted(BodyWriter& writer, const Tool& tool) {
  const std::string& json = tool.hosted_json();
  if (JsonTokens(json).next().kind != JsonToken::Kind::begin_object || find_json_fault(json, 200))
    return writer.fail("a hosted tool is not a JSON object of at most 200 levels");
  hosted_.push_back(&tool);
}

/// The four words win over a tool of the same name.
void OfferedTools::take_choice(BodyWriter& writer, const Options& options) {
  const std::string choice = options.tool_choice().value_or("");
  if (choice.empty()) return;
  if (choice == "auto") choice_ = ToolChoice::automatic;
  else if (choice == "none") choice_ = ToolChoice::none;
  else if (choice == "required") choice_ = ToolChoice::required;
  else choice_ = ToolChoice::named;
  if (choice_ != ToolChoice::named) return;
  std::vector<std::string_view> names = {"auto", "none", "required"};
  for (const Function& function : functions_) names.emplace_back(function.tool->name());
  if (std::find(names.begin(), names.end(), choice) != names.end()) {
    chosen_ = choice;
    return;
  }
  std::string message =
      "option tool_choice is '" + choice + "', which is no tool of this call, and not auto, none or required";
  if (const auto nearest = nearest_name(choice, names)) ((message += "; did you mean '") += *nearest) += "'?";
  writer.fail(std::move(message));
}

void OfferedTools::warn_of_removed(BodyWriter& writer, const ToolRules& rules) const {
  std::vector<std::string_view> keywords;
  for (const Function& function : functions_)
    for (const std::string& keyword : function.schema->removed)
      if (std::find(keywords.begin(), keywords.end(), keyword) == keywords.end()) keywords.emplace_back(keyword);
  if (keywords.empty()) return;
  std::string list;
  for (const std::string_view keyword : keywords) {
    if (!list.empty()) list += "; ";
    list += keyword;
    const char* before = " of ";
    for (const Function& function : functions_) {
      const std::vector<std::string>& removed = function.schema->removed;
      if (std::find(removed.begin(), removed.end(), keyword) == removed.end()) continue;
      (list += before) += quoted_tool(*function.tool);
      before = ", ";
    }
  }
  writer.warn("schema_keyword_removed",
              "keywords of schemas are not sent, because " + std::string(rules.owner) +
                  " does not take them there; arguments are still checked against them: " + list);
}

void OfferedTools::keep_only_the_chosen() {
  std::erase_if(functions_, [&](const Function& function) { return function.tool->name() != chosen_; });
  hosted_.clear();
}

void OfferedTools::drop_hosted(BodyWriter& writer, std::string_view why) {
  if (hosted_.empty()) return;
  writer.warn("option_ignored", "option tools: " + std::to_string(hosted_.size()) +
                                    (hosted_.size() == 1 ? " hosted tool is" : " hosted tools are") +
                                    " not sent: " + std::string(why));
  hosted_.clear();
}

Json OfferedTools::list(BodyWriter& writer, WriteFunction write) const {
  std::string json = "[";
  for (const Function& function : functions_) {
    if (json.size() > 1) json += ',';
    write(*function.tool, *function.schema, json);
  }
  for (const Tool* const tool : hosted_) {
    if (json.size() > 1) json += ',';
    json += compact_json(tool->hosted_json(), tool->hosted_json().find('{'));
  }
  json += ']';
  return writer.as_written(json);
}

void append_json_string(std::string& json, std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  json += '"';
  std::size_t copied = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    json += text.substr(copied, at - copied);
    copied = at + 1;
    json += '\\';
    if (byte == '"' || byte == '\\') json += text[at];
    else if (byte == '\n') json += 'n';
    else ((json += "u00") += hex[byte >> 4U]) += hex[byte & 15U];
  }
  (json += text.substr(copied)) += '"';
}

void append_name_and_description(std::string& json, const Tool& tool) {
  json += R"("name":)";
  append_json_string(json, tool.name());
  json += ',';
  if (tool.description().empty()) return;
  json += R"("description":)";
  append_json_string(json, tool.description());
  json += ',';
}

void append_chat_function(const Tool& tool, const AdaptedSchema& schema, std::string& json) {
  json += R"({"type":"function","function":{)";
  append_name_and_description(json, tool);
  (json += R"("parameters":)") += schema.json;
  if (schema.strict) json += R"(,"strict":true)";
  json += "}}";
}

}  // namespace abstractllm
