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

/// "250" or "250.5" as a duration, at most 30 years; nothing for anything else.
std::optional<std::chrono::milliseconds> parse_milliseconds(std::string_view text);

/// How long the server asks its client to wait: `retry-after`, in seconds or as a date (RFC 9110 §10.2.3), else the end
/// of the window that `ratelimit` names (draft-ietf-httpapi-ratelimit-headers; huggingface.co/docs/hub/rate-limits,
/// 2026-11). The one such reader for calls, images and the hub. A date counts from the answer's own `date` header, so
/// that no clock is needed here: a transport adds that header where the server sends none (RFC 9110 §6.6.1).
std::optional<std::chrono::milliseconds> retry_after(const HttpHead& head);

/// The date in the form of RFC 9110 §5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(std::chrono::sys_seconds time);

/// Adds the current time as `Date` if the server sent none. Other dates in the head count from it, and a recording is
/// replayed at another time.
void add_missing_date(HttpHead& head);

}  // namespace abstractllm
