// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abstractllm/export.hpp"
#include "abstractllm/part.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

struct Response;

/// The author of a message. `tool` gives the results of the calls that the assistant requested.
enum class Role { system, user, assistant, tool };

/// Returns "system", "user", "assistant" or "tool".
ABSTRACTLLM_API std::string_view to_string(Role role) noexcept;

/// One turn of a conversation: text, or parts in any order. Text is UTF-8. An invalid message is refused with
/// invalid_argument when the call is made, and the error names the message. These are invalid: text that is not UTF-8;
/// images, audio and files, unless the user sends them; reasoning or tool calls, unless the assistant sends them; a
/// tool message that has no results or has other parts; a result without the id of its call.
///
/// Provider data that belongs to another provider, protocol or host is not sent. If this loses reasoning, the call has
/// one Warning "reasoning_dropped". Under Options::strict it is an error of kind unsupported.
class ABSTRACTLLM_API Message {
 public:
  Message(Role role, std::string text) : role_(role), text_(std::move(text)) {}
  Message(Role role, std::vector<Part> parts);

  /// Messages of one role, from text or from parts.
  static Message system(std::string text) { return {Role::system, std::move(text)}; }
  static Message user(std::string text) { return {Role::user, std::move(text)}; }
  static Message user(std::vector<Part> parts) { return {Role::user, std::move(parts)}; }
  static Message assistant(std::string text) { return {Role::assistant, std::move(text)}; }
  static Message assistant(std::vector<Part> parts) { return {Role::assistant, std::move(parts)}; }
  /// Makes the answer a turn of the conversation, with everything that its provider wants back. It takes
  /// Response::parts, or the text if there are no parts.
  static Message assistant(const Response& response);
  /// Makes one turn from the results of the calls of the previous turn.
  static Message tool(std::vector<ToolResult> results);
  /// Makes a turn of one result. `id` is that of the call.
  static Message tool_result(std::string id, std::string text, bool is_error = false);
  /// The same with images. A wire format without a place for them drops them, with the Warning "image_dropped".
  static Message tool_result(std::string id, std::vector<ResultPart> parts, bool is_error = false);

  Role role() const noexcept { return role_; }
  /// All text, joined without separators. Reasoning and tool results are not included.
  const std::string& text() const noexcept { return text_; }
  /// The parts in order. The list is empty if the message is only its text.
  const std::vector<Part>& parts() const noexcept { return parts_; }
  bool operator==(const Message&) const = default;

 private:
  Role role_;
  std::string text_;
  std::vector<Part> parts_;
};

/// Reads a conversation from JSON text: `[{"role": "user", "content": "…"}, …]`. Content is a string or a list of
/// parts. Each part may have `provider_data`, an object with `provider`, `protocol`, `data` and, if known, `host` and
/// `model`. The parts are:
///
/// * `{"type": "text", "text": "…"}`
/// * `{"type": "image", "image": SOURCE, "detail": "…"}`, where SOURCE is a string as Image takes it
/// * `{"type": "audio", "audio": SOURCE}`, where SOURCE is a string as Audio takes it
/// * `{"type": "file", "file": SOURCE, "name": "…", "inline": true}`, where SOURCE is a string as File takes it
/// * `{"type": "reasoning", "text": "…"}`
/// * `{"type": "tool_call", "id": "…", "name": "…", "arguments": {…}, "incomplete": true}`; if the arguments are a
///   string, it is the text that the model wrote
/// * `{"type": "tool_result", "id": "…", "name": "…", "content": "…", "is_error": true}`; content may also be a list of
///   text and image parts
/// * `{"type": "hosted_tool_call", "id": "…", "name": "…", "data": {…}}`
///
/// Arguments and `data` keep their spelling. OpenAI's forms are accepted too: `image_url`, `input_audio` and `file`
/// parts, `tool_calls` of an assistant, `tool_call_id` of a tool
/// (https://platform.openai.com/docs/api-reference/chat/create, 2026-11). The `format` of `input_audio` is ignored,
/// because the content shows it.
///
/// Errors: invalid_argument, which names the element and what is wrong with it: a syntax error with its byte offset, an
/// unknown role, invalid content, an unknown field. The time is linear in the length of the text.
ABSTRACTLLM_API Result<std::vector<Message>> messages_from_json(std::string_view json);

/// Writes the JSON that messages_from_json() reads, on one line. Reading it gives the same conversation, with three
/// differences. Invalid UTF-8 becomes U+FFFD. Empty arguments become `{}`. An image and audio become the string that
/// they were made from, or base64 if they were made from bytes. A file does too, but a data URL in place of base64.
ABSTRACTLLM_API std::string to_json(const std::vector<Message>& messages);

/// Writes one element of that list.
ABSTRACTLLM_API std::string to_json(const Message& message);

}  // namespace abstractllm
