// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "protocols/answer_reader.hpp"

namespace abstractllm::ollama_chat {

/// The JSON objects of one answer of /api/chat into events. A body has the shape of a stream's last line, so both are
/// read alike; only `"done": true` is the end, in either.
class OllamaAnswer final : public AnswerReader {
 public:
  Result<void> take(JsonElement root, Form form, std::string_view event_name, Decoded& out) override;
  bool is_ended() const override { return done_; }
  Result<void> finish(Form form, bool end_marked, Decoded& out) override;

 private:
  void take_message(JsonElement message, Decoded& out);
  void take_tool_call(JsonElement entry, Decoded& out);
  std::string id_of_call(std::string_view wire_id);
  void take_timing(JsonElement root, Decoded& out) const;
  void take_counts(const std::optional<JsonElement>& input, const std::optional<JsonElement>& output, Decoded& out);

  std::set<std::string> call_ids_;  // one for each call so far
  std::size_t made_up_number_ = 0;  // of the next id that is made up, at least
  std::string done_reason_;
  Usage usage_;
  bool done_ = false;
};

}  // namespace abstractllm::ollama_chat
