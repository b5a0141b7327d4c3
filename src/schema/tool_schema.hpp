// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/result.hpp"
#include "schema/adapted_schemas.hpp"

namespace abstractllm {

class SchemaNode;

/// Where a value does not match its schema.
struct SchemaFault {
  std::string path;     ///< of the value: "" for the whole, else "city" or "stops[3].name"
  std::string message;  ///< what was expected and what came, for a model to read: "must be an integer, not \"three\""
};

/// A JSON Schema that was read once. It is immutable and thread-safe. Work is linear in the size of the value times the
/// schema's own alternatives, with a budget; depth is at most 200.
class ToolSchema {
 public:
  /// Reads a schema. Errors: invalid_argument for text that is not a JSON object of at most 200 levels, a keyword that
  /// this library does not check, or a value of the wrong type. The message names the place as a JSON pointer.
  static Result<std::shared_ptr<const ToolSchema>> read(std::string_view json);
  ~ToolSchema();

  /// The schema in its own spelling, without blanks between the tokens.
  const std::string& json() const noexcept { return json_; }

  /// Returns the schema as a server with these rules accepts it. It is made once for each set of rules, which must have
  /// static storage. The result is valid as long as this object.
  const AdaptedSchema& adapted(const SchemaRules& rules) const { return adapted_.of(json_, rules); }

  /// Returns the first fault of a value, given as JSON text of any origin.
  std::optional<SchemaFault> check(std::string_view value) const;

  /// Returns the arguments of a call for a tool to read, or what is wrong with them, as an Error of kind
  /// schema_mismatch whose message names the argument and what was expected. Empty text is `{}`. Members that are null,
  /// not required, and not allowed to be null are left out: strict mode makes models write them. The rest keeps its
  /// spelling.
  Result<std::string> accept(std::string_view arguments) const;

 private:
  ToolSchema();

  std::string json_;
  std::unique_ptr<const SchemaNode> root_;
  AdaptedSchemas adapted_;
};

}  // namespace abstractllm
