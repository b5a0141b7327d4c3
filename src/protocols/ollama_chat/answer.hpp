// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "protocols/answer_reader.hpp"
#include "protocols/call_arguments.hpp"

namespace abstractllm::ollama_chat {

/// Turns the JSON objects of one answer of /api/chat into events. A body has the shape of a stream's last line, so both
/// are read alike. In both, only `"done": true` is the end.
class OllamaAnswer final : public AnswerReader {
 public:
  Result<void> take(const AnswerObject& object, Decoded& out) override;
  bool is_ended() const override { return done_; }
  Result<void> finish(Form form, bool end_marked, Decoded& out) override;

 private:
  void take_message(JsonElement message, const JsonParser& source, Decoded& out);
  void take_tool_call(JsonElement entry, const JsonParser& source, Decoded& out);
  void give_call(bool at_the_cut, Decoded& out);
  void take_timing(JsonElement root, Decoded& out) const;
  void take_counts(const std::optional<JsonElement>& input, const std::optional<JsonElement>& output, Decoded& out);

  CallIds ids_;
  std::size_t call_count_ = 0;
  std::optional<ToolCall> unsure_;  // the latest call, as long as it has no arguments: it has none, or it is cut
  bool any_complete_ = false;       // there is a call that can be run
  std::string done_reason_;
  Usage usage_;
  bool done_ = false;
};

}  // namespace abstractllm::ollama_chat
