// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "abstractllm/export.hpp"
#include "abstractllm/image.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

/// Who speaks.
enum class Role { system, user, assistant };

/// "system", "user" or "assistant".
ABSTRACTLLM_API std::string_view to_string(Role role) noexcept;

/// A piece of a message.
using Part = std::variant<std::string, Image>;

/// One turn of a conversation: text, or text and pictures in any order. Text is UTF-8; invalid UTF-8 is refused with
/// invalid_argument when the call is made, and so are pictures of anybody but the user.
class ABSTRACTLLM_API Message {
 public:
  Message(Role role, std::string text) : role_(role), text_(std::move(text)) {}
  Message(Role role, std::vector<Part> parts);

  static Message system(std::string text) { return {Role::system, std::move(text)}; }
  static Message user(std::string text) { return {Role::user, std::move(text)}; }
  static Message user(std::vector<Part> parts) { return {Role::user, std::move(parts)}; }
  static Message assistant(std::string text) { return {Role::assistant, std::move(text)}; }

  Role role() const noexcept { return role_; }
  /// All text, without what stands between.
  const std::string& text() const noexcept { return text_; }
  /// The pieces in order; empty where the message is its text and nothing else.
  const std::vector<Part>& parts() const noexcept { return parts_; }
  bool operator==(const Message&) const = default;

 private:
  Role role_;
  std::string text_;
  std::vector<Part> parts_;
};

/// Reads a conversation from JSON text: `[{"role": "user", "content": "…"}, …]`. Content is a string or a list of
/// parts,
/// `{"type": "text", "text": "…"}` and `{"type": "image", "image": SOURCE, "detail": "…"}`, where SOURCE is a string as
/// Image takes it; OpenAI's `{"type": "image_url", "image_url": {"url": "…"}}` is read, too.
///
/// Errors: invalid_argument that names the element and what is wrong with it (syntax with its byte offset, a role that
/// is not one of the three, content that is none, an unknown field).
ABSTRACTLLM_API Result<std::vector<Message>> messages_from_json(std::string_view json);

}  // namespace abstractllm
