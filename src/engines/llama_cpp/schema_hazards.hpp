// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "server-common.h"

namespace abstractllm {

/// Why the engine would crash, hang or mix up rules over a schema in the request: of a tool, or of the answer. Its
/// recursion follows references, it copies a schema for each of its types, and a rule nests for each letter of a
/// property. Nullopt if it would not. `body` must nest at most 200 levels.
std::optional<std::string> why_bad_schema(const json& body);

/// Leaves out of the schemas in the request every pattern for which the engine has no grammar. It would accept any
/// string and write the pattern to standard error.
void drop_unsupported_patterns(json& body);

}  // namespace abstractllm
