// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "abstractllm/error.hpp"
#include "abstractllm/transport.hpp"
#include "protocols/provider_error.hpp"

namespace abstractllm {

/// Returns the Error for an answer with a status of 400 or above, as Protocol::decode_error describes it.
Error decode_error(const HttpHead& head, std::string_view body);

/// Returns the provider's id of the request, by the header names of the known vendors, or "".
std::string provider_request_id(const HttpHead& head);

/// Returns the Error for a failure that came within an answer with status 200. Error::http_status stays 0.
Error error_within_answer(const ProviderError& said);

/// Returns the Error if this whole answer with status 200 is a JSON text that reports a failure.
std::optional<Error> error_in_body(std::string_view body);

}  // namespace abstractllm
