// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "abstractllm/provider.hpp"
#include "base/json_element.hpp"

namespace abstractllm {

/// Which of the two forms a JSON object has: one of many of a stream, or the whole answer.
enum class Form { chunk, whole };

/// The JSON objects of one answer into events: the same code for a stream's objects and for a body, so that both fold
/// alike. The one part of decoding that each protocol writes for itself; framing is make_answer_decoder's.
class AnswerReader {
 public:
  virtual ~AnswerReader() = default;

  /// Takes the next object. `event_name` is the SSE event's name, or empty. Errors: what the provider reports inside of
  /// the answer; protocol where `root` makes no sense here.
  virtual Result<void> take(JsonElement root, Form form, std::string_view event_name, Decoded& out) = 0;

  /// Whether the last object was the end of the answer by itself: finish() comes next, and whatever follows on the wire
  /// is no part of the answer.
  virtual bool is_ended() const = 0;

  /// Appends what is still open, and Finished. `end_marked`: is_ended(), [DONE] was seen, or the body is whole. To be
  /// called once. Errors: protocol where the answer has not come to its end.
  virtual Result<void> finish(Form form, bool end_marked, Decoded& out) = 0;
};

}  // namespace abstractllm
