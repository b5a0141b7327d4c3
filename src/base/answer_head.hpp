// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "abstractllm/transport.hpp"

namespace abstractllm {

/// Reads "1", "0.5" or "34.4s" as a duration of at most 30 years. Returns nullopt for any other text.
std::optional<std::chrono::milliseconds> parse_seconds(std::string_view text);

/// The wait from `retry-after-ms`, otherwise from `retry-after`, in seconds or as a date (RFC 9110 §10.2.3). A date
/// counts from the answer's own `date` header, so that no clock is needed here. If the server sends no such header, the
/// transport adds it (RFC 9110 §6.6.1).
std::optional<std::chrono::milliseconds> retry_after(const HttpHead& head);

/// The date in the form of RFC 9110 §5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(std::chrono::sys_seconds time);

/// Adds the current time as `Date` if the server sent none. Other dates in the head count from it, and a recording is
/// replayed at another time.
void add_missing_date(HttpHead& head);

/// The provider's id for the request, or "".
std::string request_id(const HttpHead& head);

/// Whether a Location header names another place.
bool is_redirect(int status);

}  // namespace abstractllm
