// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// JSON for writing and for small, cold reading. Keeps the order of members, so the same value gives the same bytes.
/// Bytes of a stream are read with simdjson instead.
using Json = nlohmann::ordered_json;

/// Reads one JSON value. At most 256 levels deep, so that what comes out can be walked by recursion.
///
/// `what` names the text in the error: "extra_body". Errors: invalid_argument with the byte offset (from 0) of what is
/// wrong; the text itself is never quoted.
Result<Json> parse_json(std::string_view text, std::string_view what);

/// One line of JSON text. Never fails: bytes that are not UTF-8 come out as U+FFFD.
std::string dump_json(const Json& value);

}  // namespace abstractllm
