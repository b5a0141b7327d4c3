// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "abstractllm/message.hpp"
#include "abstractllm/provider.hpp"

namespace abstractllm {

/// What no wire format can say. Errors: invalid_argument that names messages[N], as Message says; for no message at all
/// and for a last message without anything in it.
Result<void> check_messages(const std::vector<Message>& messages);

/// Takes provider data off that is not for this provider, protocol and URL of the call; where this leaves reasoning
/// without text, the part goes, too, and so does a message without any other. Gives whether reasoning is lost.
bool drop_foreign_data(std::vector<Message>& messages, const Provider& provider, const Protocol& protocol,
                       std::string_view url);

}  // namespace abstractllm
