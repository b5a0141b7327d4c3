// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "abstractllm/message.hpp"

namespace abstractllm {

/// Which ids of tool calls a server takes. A conversation may hold those of another one: "functions.x:0" (Kimi),
/// 450 characters (Gemini's through gateways). docs/wire-formats.md#tool-call-ids has the sources.
enum class CallIdForm : std::uint8_t {
  any,
  nine,        ///< exactly nine letters and digits of ASCII: Mistral
  at_most_40,  ///< bytes: Chat Completions of OpenAI
  at_most_64,  ///< bytes: Responses
  word,        ///< letters, digits, '_' and '-' of ASCII, at least one: Anthropic
};

/// The ids of the calls of a conversation as one server takes them. An id that the server takes stays. Another one is
/// replaced, equally in the call and in its result. Two ids never become one. The same conversation gives the same ids,
/// and so does a longer one that begins with it, unless ids that are added look like replaced ones. Takes linear time.
class SentCallIds {
 public:
  SentCallIds(const std::vector<Message>& messages, CallIdForm form);

  /// Returns what is sent for the id of a call or result of these messages. It is valid as long as this object and
  /// `id`.
  std::string_view of(std::string_view id) const;

 private:
  std::string replacement(std::string_view id);

  CallIdForm form_;
  std::unordered_set<std::string> taken_;
  std::unordered_map<std::uint64_t, std::uint64_t> tries_;  // by hash: how many replacements have begun there
  std::map<std::string, std::string, std::less<>> replaced_;
};

}  // namespace abstractllm
