// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/tool.hpp"
#include "protocols/body_writer.hpp"
#include "protocols/tool_rules.hpp"

namespace abstractllm {

/// What Options::tool_choice says.
enum class ToolChoice { unset, automatic, none, required, named };

/// The tools of a request, checked against the rules of the server. What the server refuses is an error of the writer:
/// a name, too many tools, a schema that is no object, a tool_choice that names no tool. Keywords of schemas that the
/// server refuses are left out, with one Warning "schema_keyword_removed". Without tools, tool_choice (but for `none`,
/// which asks for just that) and parallel_tool_calls give a Warning "option_ignored".
class OfferedTools {
 public:
  /// `why_none_hosted` says why the server takes no hosted tools, or is empty if it may take some. If it takes none,
  /// they are left out, with a Warning "option_ignored".
  OfferedTools(BodyWriter& writer, const Options& options, const ToolRules& rules,
               std::string_view why_none_hosted = {});

  /// Whether the request has no tools. Then nothing about tools is sent.
  bool empty() const { return functions_.empty() && hosted_.empty(); }

  ToolChoice choice() const { return choice_; }
  /// The name of the tool that the model must call, or empty.
  const std::string& chosen() const { return chosen_; }
  /// Whether the model must call a tool.
  bool is_forced() const { return choice_ == ToolChoice::required || choice_ == ToolChoice::named; }
  /// Options::parallel_tool_calls is false.
  bool one_at_a_time() const { return one_at_a_time_; }

  /// Takes away all tools but the chosen one.
  void keep_only_the_chosen();

  /// Returns the list of tools as JSON. `write` writes one function.
  using WriteFunction = void (*)(const Tool& tool, const AdaptedSchema& schema, std::string& json);
  Json list(BodyWriter& writer, WriteFunction write) const;

 private:
  struct Function {
    const Tool* tool;
    const AdaptedSchema* schema;
  };

  void take_function(BodyWriter& writer, const Tool& tool, const ToolRules& rules);
  void take_hosted(BodyWriter& writer, const Tool& tool);
  void drop_hosted(BodyWriter& writer, std::string_view why);
  void take_choice(BodyWriter& writer, const Options& options);
  void warn_of_removed(BodyWriter& writer, const ToolRules& rules) const;

  std::vector<Function> functions_;
  std::vector<const Tool*> hosted_;
  ToolChoice choice_ = ToolChoice::unset;
  std::string chosen_;
  bool one_at_a_time_ = false;
};

/// Appends a string to JSON text, with its quotes. The text must be UTF-8.
void append_json_string(std::string& json, std::string_view text);

/// Appends `"name":…,"description":…,` of a tool. An empty description is left out.
void append_name_and_description(std::string& json, const Tool& tool);

/// Appends a function in the form of Chat Completions, which Ollama shares.
void append_chat_function(const Tool& tool, const AdaptedSchema& schema, std::string& json);

}  // namespace abstractllm
