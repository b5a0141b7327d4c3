// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "protocols/provider_error.hpp"

namespace abstractllm {

/// Reads how MiniMax reports a failure in an answer of status 200: {"base_resp": {"status_code": 1004, "status_msg":
/// "…"}}. 0 is success. Returns nothing if `root` reports no such failure.
std::optional<ProviderError> read_base_resp(JsonElement root);

}  // namespace abstractllm
