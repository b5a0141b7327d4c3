// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/export.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

/// Who speaks.
enum class Role { system, user, assistant };

/// "system", "user" or "assistant".
ABSTRACTLLM_API std::string_view to_string(Role role) noexcept;

/// One turn of a conversation. Text is UTF-8; invalid UTF-8 is refused with invalid_argument when the call is made.
class ABSTRACTLLM_API Message {
 public:
  Message(Role role, std::string text) : role_(role), text_(std::move(text)) {}

  static Message system(std::string text) { return {Role::system, std::move(text)}; }
  static Message user(std::string text) { return {Role::user, std::move(text)}; }
  static Message assistant(std::string text) { return {Role::assistant, std::move(text)}; }

  Role role() const noexcept { return role_; }
  const std::string& text() const noexcept { return text_; }
  bool operator==(const Message&) const = default;

 private:
  Role role_;
  std::string text_;
};

/// Reads a conversation from JSON text: `[{"role": "user", "content": "…"}, …]`.
///
/// Errors: invalid_argument that names the element and what is wrong with it (syntax with its byte offset, a role that
/// is not one of the three, content that is not a string, an unknown field).
ABSTRACTLLM_API Result<std::vector<Message>> messages_from_json(std::string_view json);

}  // namespace abstractllm
