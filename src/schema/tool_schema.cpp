// SPDX-License-Identifier: Apache-2.0
#include "schema/tool_schema.hpp"

#include "base/ascii.hpp"
#include "base/json_text.hpp"
#include "schema/json_tree.hpp"
#include "schema/schema_check.hpp"
#include "schema/schema_reader.hpp"

namespace abstractllm {
namespace {

/// The fault of the arguments as one sentence.
Error mismatch(const SchemaFault& fault) {
  std::string message;
  if (!fault.path.empty()) message = fault.path + ": " + fault.message;
  else if (fault.message.starts_with("is ")) message = "the arguments are " + fault.message.substr(3);
  else if (fault.message.starts_with("must ")) message = "the arguments " + fault.message;
  else message = fault.message;
  return Error(ErrorKind::schema_mismatch, std::move(message));
}

Error mismatch(const JsonTree& tree, const JsonTreeFault& fault) {
  if (fault.is_json) return mismatch(SchemaFault{tree.path(fault.node), fault.message});
  return Error(ErrorKind::schema_mismatch, "the arguments must be one JSON object, but the text " + fault.message);
}

/// Writes a value without some members of its objects. All else keeps its spelling. As deep as the tree.
class WithoutMembers {
 public:
  WithoutMembers(const JsonTree& tree, const std::vector<std::uint32_t>& members)
      : tree_(tree), left_out_(tree.size()) {
    for (const std::uint32_t member : members) left_out_[member] = true;
  }

  std::string text() {
    write(JsonTree::root);
    return std::move(text_);
  }

 private:
  void write(std::uint32_t value) {
    const JsonKind kind = tree_.kind(value);
    if (kind != JsonKind::object && kind != JsonKind::list) {
      text_ += tree_.spelled(value);
      return;
    }
    text_ += kind == JsonKind::object ? '{' : '[';
    bool is_first = true;
    tree_.each_child(value, [&](std::uint32_t child) {
      if (left_out_[child]) return true;
      if (!is_first) text_ += ',';
      is_first = false;
      if (kind == JsonKind::object) text_.append(tree_.spelled_name(child)).append(":");
      write(child);
      return true;
    });
    text_ += kind == JsonKind::object ? '}' : ']';
  }

  const JsonTree& tree_;
  std::vector<bool> left_out_;
  std::string text_;
};

}  // namespace

ToolSchema::ToolSchema() = default;
ToolSchema::~ToolSchema() = default;

Result<std::shared_ptr<const ToolSchema>> ToolSchema::read(std::string_view json) {
  // Before anything is copied.
  if (json.size() > SchemaReader::most_bytes)
    return Error(ErrorKind::invalid_argument, "the schema has more than 1 MiB");
  std::shared_ptr<ToolSchema> schema(new ToolSchema);
  schema->json_ = find_json_fault(json, JsonTree::most_levels) ? std::string(json) : compact_json(json);
  auto rules = std::make_unique<SchemaRules>(schema->json_);
  if (auto fault = SchemaReader(*rules).read()) return Error(ErrorKind::invalid_argument, *std::move(fault));
  schema->rules_ = std::move(rules);
  return std::shared_ptr<const ToolSchema>(std::move(schema));
}

std::optional<SchemaFault> ToolSchema::check(std::string_view value) const {
  const JsonTree tree(value);
  if (const auto& fault = tree.fault())
    return SchemaFault{fault->is_json ? tree.path(fault->node) : "", fault->message};
  return SchemaCheck(*rules_, tree, SchemaCheck::Nulls::check, "member").run();
}

Result<std::string> ToolSchema::accept(std::string_view arguments) const {
  constexpr std::string_view member = "argument";
  if (trimmed(arguments).empty()) arguments = "{}";
  const JsonTree tree(arguments);
  if (tree.fault()) return mismatch(tree, *tree.fault());
  if (tree.kind(JsonTree::root) != JsonKind::object)
    return Error(ErrorKind::schema_mismatch,
                 "the arguments must be an object, not " + shown_json(tree.spelled(JsonTree::root)));
  SchemaCheck strict(*rules_, tree, SchemaCheck::Nulls::check, member);
  const auto strict_fault = strict.run();
  if (!strict_fault) return std::string(arguments);
  if (strict.is_too_complex()) return mismatch(*strict_fault);
  SchemaCheck lenient(*rules_, tree, SchemaCheck::Nulls::skip, member);
  if (const auto fault = lenient.run()) return mismatch(*fault);
  // What one part of the schema skips, another may require: the rest is judged again.
  std::string rest = WithoutMembers(tree, lenient.skipped()).text();
  const JsonTree rest_tree(rest);
  if (const auto fault = SchemaCheck(*rules_, rest_tree, SchemaCheck::Nulls::check, member).run())
    return mismatch(*fault);
  return rest;
}

}  // namespace abstractllm
