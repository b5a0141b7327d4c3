// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "abstractllm/tool.hpp"
#include "schema/tool_schema.hpp"

namespace abstractllm {

class Tool::Impl {
 public:
  Impl() {}

  std::string name;
  std::string description;
  std::string schema_json;
  std::string hosted_json;
  std::shared_ptr<const ToolSchema> schema;  ///< null for a hosted tool and for a schema with a fault
  std::optional<Error> fault;
  Raw run;            ///< empty unless it is a function
  RawTask run_later;  ///< empty unless it is a Task
};

}  // namespace abstractllm
