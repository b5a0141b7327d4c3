// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace abstractllm {

/// RFC 4648 §4, with padding.
std::string to_base64(std::string_view bytes);

/// Nothing where `text` is not base64 with padding, or holds anything else.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace abstractllm
