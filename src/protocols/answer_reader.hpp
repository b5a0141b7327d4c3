// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "abstractllm/provider.hpp"
#include "base/json_parser.hpp"

namespace abstractllm {

/// Which of the two forms a JSON object has: one of many of a stream, or the whole answer.
enum class Form { chunk, whole };

/// One JSON value of an answer. Lives during one call of AnswerReader::take().
struct AnswerObject {
  JsonElement root;
  Form form;
  std::string_view event_name;  ///< the SSE event's name, or empty
  const JsonParser& source;     ///< spells an object within `root` as the server did
};

/// The JSON objects of one answer into events: the same code for a stream's objects and for a body, so that both fold
/// alike. The one part of decoding that each protocol writes for itself; framing is make_answer_decoder's.
class AnswerReader {
 public:
  virtual ~AnswerReader() = default;

  /// Takes the next object. Errors: what the provider reports inside of the answer; protocol where the object makes no
  /// sense here. Linear in the object.
  virtual Result<void> take(const AnswerObject& object, Decoded& out) = 0;

  /// Whether the last object was the end of the answer by itself: finish() comes next, and whatever follows on the wire
  /// is no part of the answer.
  virtual bool is_ended() const = 0;

  /// Appends what is still open, and Finished. `end_marked`: is_ended(), [DONE] was seen, or the body is whole. To be
  /// called once. Errors: protocol where the answer has not come to its end.
  virtual Result<void> finish(Form form, bool end_marked, Decoded& out) = 0;
};

/// Takes an id or a name of the answer over where none is known. At most 1000 bytes of it: it is copied with each read.
void take_first(std::string& known, std::string_view word);

/// The provider's own word for why the answer ended; empty where it is the name of nothing: some servers write null as
/// a string.
std::string_view finish_word(std::string_view word);

/// The unified reason, once the calls are known. `calls`: whether there are any; `complete`: one of them can be run.
/// Calls that can be run make it tool_calls, unless the answer was cut; calls that cannot, do not.
FinishReason reason_with_calls(FinishReason said, bool calls, bool complete);

/// Whether the answer was cut short by a limit or a filter, so that its last call may lack its end.
constexpr bool is_cut_short(FinishReason reason) {
  return reason == FinishReason::length || reason == FinishReason::content_filter;
}

}  // namespace abstractllm
