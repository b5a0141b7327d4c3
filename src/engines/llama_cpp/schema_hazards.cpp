// SPDX-License-Identifier: Apache-2.0
//
// The limits are those of common/json-schema.cpp and common/json-schema-to-grammar.cpp of llama.cpp v0.5.0.
#include "engines/llama_cpp/schema_hazards.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include "base/utf8.hpp"
#include "engines/llama_cpp/prompted_tools.hpp"
#include "json-schema-to-grammar.h"

namespace abstractllm {
namespace {

constexpr std::size_t longest_name = 200;        // a group of the grammar for each letter
constexpr std::size_t longest_reference = 1000;  // read by std::regex, which is recursive
constexpr std::size_t most_reference_levels = 2000;
constexpr std::size_t most_hops = 100;
constexpr int most_steps = 20'000;
constexpr std::uint64_t most_schemas = 100'000;

/// What a reference leads to, as the engine resolves it, or null.
const json* target_of(const json& root, const std::string& reference) {
  const json* target = &root;
  const auto steps = string_split<std::string>(reference, '/');
  for (std::size_t i = 1; i < steps.size(); ++i) {
    const std::string& step = steps[i];
    if (target->is_object() && target->contains(step)) {
      target = &target->at(step);
    } else {
      std::size_t index = 0;
      const auto read = std::from_chars(step.data(), step.data() + step.size(), index);
      if (read.ec != std::errc() || !target->is_array() || index >= target->size()) return nullptr;
      target = &target->at(index);
    }
  }
  return target;
}

bool is_reference(const json& schema) {
  return schema.is_object() && schema.contains("$ref") && schema.at("$ref").is_string();
}

/// Reads one schema of at most 200 levels.
class HazardReader {
 public:
  explicit HazardReader(const json& root) : root_(root) { read(root, 1, 1); }
  const std::optional<std::string>& why() const { return why_; }

 private:
  void refuse(std::string reason) {
    if (!why_) why_ = std::move(reason);
  }

  void read(const json& value, std::size_t depth, std::uint64_t copies) {
    if (why_) return;
    if (value.is_array())
      for (const json& item : value) read(item, depth + 1, copies);
    if (!value.is_object()) return;
    if (value.contains("type") && value.at("type").is_array())
      copies *= std::max<std::uint64_t>(value.at("type").size(), 1);
    schemas_ += copies;
    if (schemas_ > most_schemas) return refuse("lists of types multiply too often");
    if (is_reference(value)) read_reference(value.at("$ref").get<std::string>(), depth);
    for (const auto& [name, member] : value.items()) {
      if (name.size() > longest_name)
        return refuse("the name '" + escaped_start(name, 20) + "' is longer than " + std::to_string(longest_name) +
                      " bytes");
      read(member, depth + 1, copies);
    }
  }

  void read_reference(const std::string& reference, std::size_t depth) {
    reference_levels_ += depth;
    if (reference.size() > longest_reference || reference_levels_ > most_reference_levels)
      return refuse("there are too many or too long references ($ref)");
    const json* const target = target_in_document(reference);
    const End end = target == nullptr ? End::value : end_of(*target);
    const std::string shown = "the reference '" + escaped_start(reference, 100) + "'";
    if (end == End::itself) return refuse(shown + " leads to itself without a value in between");
    if (end == End::too_far)
      return refuse(shown + " leads to a value only after more than " + std::to_string(most_hops) +
                    " references and alternatives");
    if (end == End::too_many)
      return refuse("there are too many references ($ref) that lead to alternatives (anyOf, oneOf, allOf)");
    if (reference == "#")
      refuse(shown +
             " means the whole schema, which a local model cannot refer to: write that schema under \"$defs\", " +
             "and refer to it there");
  }

  /// Where a reference to this document leads to, or null. The engine refuses other ones, and those to nowhere.
  const json* target_in_document(const std::string& reference) const {
    return reference == "#" || reference.starts_with("#/") ? target_of(root_, reference) : nullptr;
  }

  /// What comes after references and alternatives. Without a value, the engine's rules begin with themselves.
  enum class End : std::uint8_t { value, itself, too_far, too_many };

  End end_of(const json& schema) {
    if (std::find(path_.begin(), path_.end(), &schema) != path_.end()) return End::itself;
    if (path_.size() > most_hops) return End::too_far;
    if (++steps_ > most_steps) return End::too_many;
    path_.push_back(&schema);
    const End end = end_after(schema);
    path_.pop_back();
    return end;
  }

  End end_after(const json& schema) {
    if (is_reference(schema)) {
      const json* const target = target_in_document(schema.at("$ref").get<std::string>());
      return target == nullptr ? End::value : end_of(*target);
    }
    if (!schema.is_object()) return End::value;
    for (const char* kind : {"oneOf", "anyOf", "allOf"})
      for (const json& alternative : list_in(schema, kind))
        if (const End end = end_of(alternative); end != End::value) return end;
    return End::value;
  }

  const json& root_;
  std::size_t reference_levels_ = 0;
  std::uint64_t schemas_ = 0;
  int steps_ = 0;
  std::vector<const json*> path_;  // the schemas that end_of() is in
  std::optional<std::string> why_;
};

std::optional<std::string> why_bad_for(const json& schema, const std::string& owner) {
  if (!schema.is_object()) return std::nullopt;  // the engine refuses it, or there is none
  const HazardReader reader(schema);
  if (!reader.why()) return std::nullopt;
  return "the JSON schema of " + owner + ": " + *reader.why();
}

std::optional<std::string> why_bad_tool(const json& tool, std::set<std::string>& rules) {
  const json function = json_value(tool, "function", json::object());
  std::string name = json_value(function, "name", std::string());
  if (name.size() > longest_name) return "the name of a tool is longer than " + std::to_string(longest_name) + " bytes";
  const std::string owner = "the tool '" + escaped_start(name, longest_name) + "'";
  // The engine writes a rule for each name, without the difference between '_' and '-'.
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '-');
  if (!rules.insert(name).second) return owner + " has the same name as another one, or only '_' and '-' differ";
  const json parameters = json_value(function, "parameters", json());
  if (auto why = why_bad_for(parameters, owner)) return why;
  try {
    if (parameters.is_object()) json_schema_to_grammar(common_chat_tool_parameters(function));
  } catch (const std::exception& failure) {
    return owner + ": " + failure.what();
  }
  return std::nullopt;
}

/// Whether the engine can make a grammar of a pattern. May say no where it could.
class PatternReader {
 public:
  explicit PatternReader(const std::string& pattern) : inner_(pattern) {}

  bool is_supported() {
    constexpr std::size_t longest = 500;
    if (inner_.size() < 2 || inner_.size() > longest || inner_.front() != '^' || inner_.back() != '$') return false;
    inner_ = inner_.substr(1, inner_.size() - 2);
    while (at_ < inner_.size())
      if (!take()) return false;
    return !in_class_;
  }

 private:
  bool take() {
    const char c = inner_[at_++];
    if (c == '\\') return take_escape();
    if (in_class_) {
      if (c == ']') in_class_ = false;
      return true;
    }
    if (c == '[') in_class_ = true;
    if (c == '(' && at_ < inner_.size() && inner_[at_] == '?') return at_ + 1 < inner_.size() && inner_[at_ + 1] == ':';
    if (c == '(' && ++groups_ > most_groups) return false;
    if (c == '{') return take_braces();
    return c != '^' && c != '$';
  }
  bool take_escape() {
    constexpr std::string_view in_classes = "trn\\\"[]-";
    constexpr std::string_view elsewhere = "^$.[]()|{}*+?trn\\";
    return at_ < inner_.size() && (in_class_ ? in_classes : elsewhere).find(inner_[at_++]) != std::string_view::npos;
  }
  bool take_braces() {
    const auto end = inner_.find('}', at_);
    if (end == std::string_view::npos) return false;
    const std::string_view counts = inner_.substr(at_, end - at_);
    at_ = end + 1;
    constexpr std::size_t longest_counts = 9;
    return !counts.empty() && counts.size() <= longest_counts &&
           counts.find_first_not_of("0123456789,") == std::string_view::npos &&
           std::count(counts.begin(), counts.end(), ',') <= 1 && counts.front() != ',';
  }

  static constexpr int most_groups = 100;
  std::string_view inner_;
  std::size_t at_ = 0;
  bool in_class_ = false;
  int groups_ = 0;
};

void drop_patterns(json& schema) {
  if (schema.is_array())
    for (json& item : schema) drop_patterns(item);
  if (!schema.is_object()) return;
  if (schema.contains("pattern") && schema.at("pattern").is_string()) {
    const auto pattern = schema.at("pattern").get<std::string>();
    if (!PatternReader(pattern).is_supported()) schema.erase("pattern");
  }
  for (const auto& [name, member] : schema.items())
    if (name != "const" && name != "enum" && name != "default" && name != "examples") drop_patterns(member);
}

}  // namespace

std::optional<std::string> why_bad_schema(const json& body) {
  std::set<std::string> rules;
  for (const json& tool : json_value(body, "tools", json::array()))
    if (auto why = why_bad_tool(tool, rules)) return why;
  const json format = json_value(body, "response_format", json::object());
  const json wrapper = json_value(format, "json_schema", json::object());
  for (const json& schema : {json_value(body, "json_schema", json()), json_value(format, "schema", json()),
                             json_value(wrapper, "schema", json())})
    if (auto why = why_bad_for(schema, "the answer")) return why;
  return std::nullopt;
}

void drop_unsupported_patterns(json& body) {
  for (const char* key : {"tools", "response_format", "json_schema"})
    if (body.contains(key)) drop_patterns(body.at(key));
}

}  // namespace abstractllm
