// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abstractllm/export.hpp"
#include "abstractllm/part.hpp"
#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

/// Who speaks. `tool` gives the results of the calls that the assistant asked for.
enum class Role { system, user, assistant, tool };

/// "system", "user", "assistant" or "tool".
ABSTRACTLLM_API std::string_view to_string(Role role) noexcept;

/// One turn of a conversation: text, or parts in any order. Text is UTF-8. What does not fit is refused with
/// invalid_argument when the call is made, and the error names the message: invalid UTF-8; images of anybody but the
/// user; reasoning or tool calls of anybody but the assistant; a tool message without results, or with anything else;
/// a result without the id of its call.
///
/// Provider data that belongs to another provider, protocol or host is not sent. Where this loses reasoning, the call
/// has one Warning "reasoning_dropped"; under Options::strict it is an error of kind unsupported.
class ABSTRACTLLM_API Message {
 public:
  Message(Role role, std::string text) : role_(role), text_(std::move(text)) {}
  Message(Role role, std::vector<Part> parts);

  static Message system(std::string text) { return {Role::system, std::move(text)}; }
  static Message user(std::string text) { return {Role::user, std::move(text)}; }
  static Message user(std::vector<Part> parts) { return {Role::user, std::move(parts)}; }
  static Message assistant(std::string text) { return {Role::assistant, std::move(text)}; }
  static Message assistant(std::vector<Part> parts) { return {Role::assistant, std::move(parts)}; }
  /// The answer as a turn of the conversation, with everything that its provider wants back: Response::parts, or the
  /// text where there are no parts.
  static Message assistant(const Response& response);
  /// The results of the calls of the turn before, in one turn.
  static Message tool(std::vector<ToolResult> results);

  Role role() const noexcept { return role_; }
  /// All text, without what stands between. Reasoning and results of tools are no text.
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
/// parts, each of which may have `provider_data`, an object with `provider`, `protocol`, `data` and, where known,
/// `host` and `model`:
///
/// * `{"type": "text", "text": "…"}`
/// * `{"type": "image", "image": SOURCE, "detail": "…"}`, where SOURCE is a string as Image takes it
/// * `{"type": "reasoning", "text": "…"}`
/// * `{"type": "tool_call", "id": "…", "name": "…", "arguments": {…}, "incomplete": true}`; arguments that are a string
///   are the text that the model wrote
/// * `{"type": "tool_result", "id": "…", "name": "…", "content": "…", "is_error": true}`; content may be a list of text
///   parts, too
///
/// Arguments and `data` keep their spelling. OpenAI's forms are read, too: `image_url` parts, `tool_calls` of an
/// assistant, `tool_call_id` of a tool (https://platform.openai.com/docs/api-reference/chat/create, 2026-11).
///
/// Errors: invalid_argument that names the element and what is wrong with it (syntax with its byte offset, an unknown
/// role, content that is none, an unknown field). Linear in the text.
ABSTRACTLLM_API Result<std::vector<Message>> messages_from_json(std::string_view json);

/// The JSON that messages_from_json() reads, one line. A conversation comes back as it was, with three differences:
/// invalid UTF-8 becomes U+FFFD; empty arguments come back as `{}`; an image comes back as the string that it is made
/// from, and one from bytes as base64.
ABSTRACTLLM_API std::string to_json(const std::vector<Message>& messages);

/// One element of that list.
ABSTRACTLLM_API std::string to_json(const Message& message);

}  // namespace abstractllm
