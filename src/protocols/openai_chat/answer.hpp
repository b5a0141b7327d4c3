// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocols/answer_reader.hpp"
#include "protocols/openai_chat/reasoning_details.hpp"
#include "protocols/openai_chat/tool_calls.hpp"

namespace abstractllm::openai_chat {

/// Turns the JSON objects of one Chat Completions answer into events. Only the choice that comes first becomes events.
/// For others there is one Warning "choices_ignored". The text of a refusal is text.
class Answer final : public AnswerReader {
 public:
  Result<void> take(const AnswerObject& object, Decoded& out) override;
  // Usage can follow the finish reason, so only [DONE] or the end of the bytes is the end.
  bool is_ended() const override { return false; }
  Result<void> finish(Form form, bool end_marked, Decoded& out) override;

 private:
  /// Whether the provider has said how the answer ended. Then only usage can follow.
  bool has_finish_reason() const { return !finish_reason_.empty(); }
  Result<void> take_failure(JsonElement root, Decoded& out);
  void take_usage(const std::optional<JsonElement>& usage, const std::optional<JsonElement>& groq, Decoded& out);
  void take_sources(const std::optional<JsonElement>& citations, const std::optional<JsonElement>& results,
                    Decoded& out);
  Result<void> take_choice(JsonElement choice, const AnswerObject& object, Decoded& out);
  bool is_another_choice(const std::optional<JsonElement>& index);
  Result<void> take_reason(std::string_view reason, std::string_view native_reason, Decoded& out);
  void take_message(JsonElement message, Form form, const JsonParser& source, Decoded& out);
  void take_reasoning(const std::optional<JsonElement>& text, const std::optional<JsonElement>& other_name,
                      const std::optional<JsonElement>& details, Decoded& out);
  void take_content(JsonElement content, Decoded& out);
  void take_part(JsonElement part, Decoded& out);
  void add_text(std::string_view text, Decoded& out);
  void add_reasoning(std::string_view text, Decoded& out);
  void warn_once(bool& warned, std::string_view code, std::string_view message, Decoded& out) const;
  Result<void> finish_without_reason(bool end_marked, Decoded& out) const;

  ToolCalls tool_calls_;
  ReasoningDetails details_;
  std::string finish_reason_;  // the provider's last word
  Usage usage_;
  std::optional<std::int64_t> choice_;  // the index of the choice that came first
  std::size_t citations_ = 0;           // number of elements of the answer's own list that are taken
  std::size_t search_results_ = 0;
  bool delivered_ = false;  // any event of the choice was delivered
  bool has_text_ = false;
  bool warned_of_choices_ = false;
  bool warned_of_error_ = false;
};

}  // namespace abstractllm::openai_chat
