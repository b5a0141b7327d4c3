// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/transport.hpp"

namespace abstractllm {

/// What must not show of a request: the values of its secret headers, each also without "Bearer " before it. Views into
/// the request; longer ones first; nothing shorter than four bytes, which would be found by chance.
std::vector<std::string_view> secrets_of(const HttpRequest& request);

/// Writes '*' over each occurrence; lengths stay.
void mask(std::string& text, std::string_view secret);

}  // namespace abstractllm
