// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "abstractllm/error.hpp"
#include "abstractllm/transport.hpp"
#include "protocols/provider_error.hpp"

namespace abstractllm {

/// The Error for an answer with status 400 and above, as Protocol::decode_error describes it.
Error decode_error(const HttpHead& head, std::string_view body);

/// The provider's id of the request, by the header names of the known vendors, or "".
std::string provider_request_id(const HttpHead& head);

/// The Error for a failure that came inside an answer with status 200. Error::http_status stays 0.
Error error_within_answer(const ProviderError& said);

}  // namespace abstractllm
