// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "abstractllm/message.hpp"
#include "abstractllm/provider.hpp"

namespace abstractllm {

/// Checks for what no wire format can express. Errors: invalid_argument, which names messages[N], for the reasons that
/// Message lists; also for an empty list and for a last message without content. The only message is "the prompt".
Result<void> check_messages(const std::vector<Message>& messages);

/// Whether a part has provider data.
bool hold_provider_data(const std::vector<Message>& messages);

/// Removes provider data that is not for this provider, protocol and URL of the call. If this leaves reasoning without
/// text, the part is removed too, and so is a message that has no other part. Returns whether reasoning is lost.
bool drop_foreign_data(std::vector<Message>& messages, const Provider& provider, const Protocol& protocol,
                       std::string_view url);

}  // namespace abstractllm
