// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "abstractllm/export.hpp"

namespace abstractllm {

/// Returns the text as a JSON string with its quotation marks, as every to_json() of this library writes strings. Bytes
/// that are not UTF-8 become U+FFFD. It is for programs that add to such JSON and have no JSON library.
ABSTRACTLLM_API std::string json_string(std::string_view text);

}  // namespace abstractllm
