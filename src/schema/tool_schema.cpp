// SPDX-License-Identifier: Apache-2.0
#include "schema/tool_schema.hpp"

#include "base/json_text.hpp"

namespace abstractllm {

class SchemaNode {};

ToolSchema::ToolSchema() = default;
ToolSchema::~ToolSchema() = default;

Result<std::shared_ptr<const ToolSchema>> ToolSchema::read(std::string_view json) {
  if (find_json_fault(json, 200) || json.find('{') == std::string_view::npos)
    return Error(ErrorKind::invalid_argument, "is not a JSON object");
  std::shared_ptr<ToolSchema> schema(new ToolSchema);
  schema->json_ = compact_json(json, json.find('{'));
  return std::shared_ptr<const ToolSchema>(std::move(schema));
}

std::optional<SchemaFault> ToolSchema::check(std::string_view value) const {
  if (find_json_fault(value, 200)) return SchemaFault{"", "is not valid JSON"};
  return std::nullopt;
}

Result<std::string> ToolSchema::accept(std::string_view arguments) const {
  if (arguments.empty()) return std::string("{}");
  if (auto fault = check(arguments)) return Error(ErrorKind::schema_mismatch, fault->message);
  return std::string(arguments);
}

}  // namespace abstractllm
