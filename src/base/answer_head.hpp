// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "abstractllm/transport.hpp"

namespace abstractllm {

/// "1", "0.5" or "34.4s" as a duration; nothing for anything else, or for more than 30 years.
std::optional<std::chrono::milliseconds> parse_seconds(std::string_view text);

/// What `retry-after-ms` says, else what `retry-after` says, in seconds or as a date (RFC 9110 §10.2.3). A date counts
/// from the answer's own `date` header, so that no clock is needed; without that header it says nothing.
std::optional<std::chrono::milliseconds> retry_after(const HttpHead& head);

/// The provider's id of the request, or "".
std::string request_id(const HttpHead& head);

/// Whether a Location says where to look instead.
bool is_redirect(int status);

}  // namespace abstractllm
