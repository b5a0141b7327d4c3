// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// JSON for writing and for small, cold reading. Keeps the order of members, so the same value gives the same bytes.
/// Bytes of a stream are read with simdjson instead.
///
/// Its own parser and its operator[] look for a key among all others: quadratic in an object's members, and recursion
/// in its depth is unbounded. Text from outside is read with the functions below instead.
using Json = nlohmann::ordered_json;

/// Reads one JSON value that a user wrote. At most 256 levels deep, so that what comes out can be walked by recursion.
/// Linear in the text. Of members with the same name the last one counts.
///
/// `what` names the text in the error: "extra_body". Errors: invalid_argument with the byte offset (from 0) of what is
/// wrong and the beginning of the text; also for a number that no 64-bit type holds, because it would be changed.
Result<Json> parse_json(std::string_view text, std::string_view what);

/// The same for a value that a server sent. Numbers that no 64-bit type holds, NaN and Infinity read as null. Errors:
/// protocol; Error::provider_message is the beginning of the text.
Result<Json> parse_server_json(std::string_view text, std::string_view what);

/// One line of JSON text. Never fails: bytes that are not UTF-8 come out as U+FFFD.
std::string dump_json(const Json& value);

}  // namespace abstractllm
