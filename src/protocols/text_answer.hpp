// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

/// Helpers for the answers that text_reply() writes.
namespace abstractllm {

/// Splits the text into words, each with the blank before it.
std::vector<std::string> words_of(std::string_view text);

/// Returns an event of text/event-stream.
std::string event_of(const Json& data);
/// Does the same, and names the event after the "type" of `data`.
std::string named_event_of(const Json& data);

}  // namespace abstractllm
