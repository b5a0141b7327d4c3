// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "protocols/answer_reader.hpp"
#include "protocols/openai_responses/output_items.hpp"

namespace abstractllm::openai_responses {

/// Turns the JSON objects of one Responses answer into events. The text of a refusal is text.
class ResponsesAnswer final : public AnswerReader {
 public:
  Result<void> take(const AnswerObject& object, Decoded& out) override;
  bool is_ended() const override { return ended_; }
  Result<void> finish(Form form, bool end_marked, Decoded& out) override;

 private:
  void take_identity(JsonElement response, Decoded& out);
  void take_usage(JsonElement usage, Decoded& out);
  Result<void> take_end(JsonElement response, std::string_view ending, const JsonParser& source, Decoded& out);
  FinishReason unified() const;

  OutputItems items_;
  std::string finish_reason_;  // the provider's word
  Usage usage_;
  bool ended_ = false;
};

}  // namespace abstractllm::openai_responses
