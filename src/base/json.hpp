// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// JSON for writing, and for reading small texts where speed does not matter. It keeps the order of members, so that
/// the same value gives the same bytes. simdjson reads the bytes of a stream.
///
/// Its own parser and its operator[] search all members for a key, which takes quadratic time, and its recursion is
/// unbounded. So the functions below read text from outside.
using Json = nlohmann::ordered_json;

/// Reads one JSON value that a user wrote. It may have 256 levels, so that recursion over the result is safe. Takes
/// linear time. If members have the same name, the last one counts.
///
/// `what` names the text in the error, for example "extra_body". Errors: invalid_argument with the byte offset (from 0)
/// of the error and the beginning of the text. A number that does not fit a 64-bit type is an error too, because
/// reading would change it.
Result<Json> parse_json(std::string_view text, std::string_view what);

/// Reads a value that a server sent. NaN, Infinity and numbers that do not fit a 64-bit type become null. Errors:
/// protocol; Error::provider_message is the beginning of the text.
Result<Json> parse_server_json(std::string_view text, std::string_view what);

/// Writes one line of JSON text. Never fails: invalid UTF-8 becomes U+FFFD.
std::string dump_json(const Json& value);

}  // namespace abstractllm
