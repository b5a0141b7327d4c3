// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "protocols/provider_error.hpp"

namespace abstractllm {

/// MiniMax reports failures within an answer of status 200 as {"base_resp": {"status_code": 1004, "status_msg": "…"}};
/// 0 is success. Nothing where `root` reports no failure so.
std::optional<ProviderError> read_base_resp(JsonElement root);

}  // namespace abstractllm
