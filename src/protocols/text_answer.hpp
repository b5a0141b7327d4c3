// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

/// For the answers that text_reply() writes.
namespace abstractllm {

/// The text a word at a time, each with the blank before it.
std::vector<std::string> words_of(std::string_view text);

/// An event of text/event-stream.
std::string event_of(const Json& data);
/// The same with the name that `data` has as its "type".
std::string named_event_of(const Json& data);

}  // namespace abstractllm
