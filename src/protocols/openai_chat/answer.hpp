// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "protocols/answer_reader.hpp"
#include "protocols/openai_chat/tool_calls.hpp"

namespace abstractllm::openai_chat {

/// The JSON objects of one Chat Completions answer into events. Only choice 0 becomes events; for others there is one
/// Warning "choices_ignored". Text of a refusal is text.
class Answer final : public AnswerReader {
 public:
  Result<void> take(JsonElement root, Form form, std::string_view event_name, Decoded& out) override;
  // Usage can follow the finish reason: only [DONE] or the end of the bytes is the end.
  bool is_ended() const override { return false; }
  Result<void> finish(Form form, bool end_marked, Decoded& out) override;

 private:
  /// The provider has said how the answer ended: nothing but usage can follow.
  bool has_finish_reason() const { return !finish_reason_.empty(); }
  Result<void> take_failure(JsonElement root, Decoded& out);
  void take_identity(const std::optional<JsonElement>& id, const std::optional<JsonElement>& model, Decoded& out) const;
  void take_usage(const std::optional<JsonElement>& usage, const std::optional<JsonElement>& groq, Decoded& out);
  Result<void> take_choice(JsonElement choice, Form form, Decoded& out);
  void take_message(JsonElement message, Form form, Decoded& out);
  void take_content(JsonElement content, Decoded& out);
  void take_part(JsonElement part, Decoded& out);
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
