// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "schema/json_pieces.hpp"

namespace abstractllm {

/// Returns the schema for OpenAI's strict mode, or nothing if it cannot be expressed there, or if it is not certain
/// that the server accepts it. `keywords` are those that strict mode takes.
///
/// Each object must be closed and gets all its properties as `required`; the optional ones may be null. A bound that is
/// the limit of an integer type of 64 bits is left out. At most 5000 properties, 10 levels of objects and 1000 values
/// of enumerations (https://developers.openai.com/api/docs/guides/structured-outputs, "Supported schemas", 2026-11).
std::optional<std::string> strict_schema(const JsonPiece& schema, std::span<const std::string_view> keywords);

}  // namespace abstractllm
