// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "abstractllm/provider.hpp"
#include "protocols/openai_chat/read.hpp"
#include "protocols/openai_chat/tool_calls.hpp"

namespace abstractllm::openai_chat {

/// Which of the two forms a JSON object has: one of many chunks (`delta`), or the whole answer (`message`).
enum class Form { chunk, whole };

/// The JSON objects of one answer into events: the same code for a stream's chunks and for a body, so that both fold
/// alike.
///
/// Only choice 0 becomes events; for others there is one Warning "choices_ignored". Text of a refusal is text.
class Answer {
 public:
  /// Takes the next object. `event_name` is the SSE event's name, or empty. Errors: what the provider reports inside of
  /// the answer; protocol where `root` is not an object.
  Result<void> take(Element root, Form form, std::string_view event_name, Decoded& out);

  /// Whether the provider has said how the answer ended: nothing but usage can follow.
  bool has_finish_reason() const { return !finish_reason_.empty(); }

  /// Appends the tool calls and Finished. `end_marked`: [DONE] was seen, or the body is whole. Errors: protocol where
  /// the answer has not come to its end.
  Result<void> finish(Form form, bool end_marked, Decoded& out);

 private:
  Result<void> take_failure(Element root, Decoded& out);
  void take_identity(const std::optional<Element>& id, const std::optional<Element>& model, Decoded& out) const;
  void take_usage(const std::optional<Element>& usage, const std::optional<Element>& groq, Decoded& out);
  Result<void> take_choice(Element choice, Form form, Decoded& out);
  void take_message(Element message, Form form, Decoded& out);
  void take_content(Element content, Decoded& out);
  void take_part(Element part, Decoded& out);
  void add_text(std::string_view text, Decoded& out);
  void add_reasoning(std::string_view text, Decoded& out);
  void warn_once(bool& warned, std::string_view code, std::string_view message, Decoded& out) const;

  ToolCalls tool_calls_;
  std::string finish_reason_;  // the provider's first word
  Usage usage_;
  bool delivered_ = false;  // any event of choice 0
  bool saw_choice_ = false;
  bool warned_of_choices_ = false;
  bool warned_of_error_ = false;
};

}  // namespace abstractllm::openai_chat
