// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "abstractllm/provider.hpp"
#include "base/json_parser.hpp"

namespace abstractllm {

/// Whether a JSON object is one of many in a stream, or the whole answer.
enum class Form { chunk, whole };

/// One JSON value of an answer. It is valid during one call of AnswerReader::take().
struct AnswerObject {
  JsonElement root;
  Form form;
  std::string_view event_name;  ///< the SSE event's name, or empty
  const JsonParser& source;     ///< gives the server's spelling of an object within `root`
};

/// Turns the JSON objects of one answer into events. The same code reads a stream's objects and a body, so that both
/// fold alike. It is the only part of decoding that each protocol writes itself. Framing is done by
/// make_answer_decoder.
class AnswerReader {
 public:
  virtual ~AnswerReader() = default;

  /// Takes the next object. Errors: what the provider reports within the answer; protocol if the object makes no sense
  /// here. It takes linear time in the size of the object.
  virtual Result<void> take(const AnswerObject& object, Decoded& out) = 0;

  /// Whether the last object ended the answer. Then finish() comes next, and whatever follows on the wire is not part
  /// of the answer.
  virtual bool is_ended() const = 0;

  /// Appends what is still open, and Finished. `end_marked` means that is_ended() is true, [DONE] was seen, or the body
  /// is whole. Call it once. Errors: protocol if the answer has not reached its end.
  virtual Result<void> finish(Form form, bool end_marked, Decoded& out) = 0;
};

/// Sets an id or a name of the answer, if it is not known yet. At most 1000 bytes are kept, because it is copied with
/// each read.
void take_first(std::string& known, std::string_view word);

/// Returns the provider's own word for why the answer ended. It is empty if the word means nothing: some servers write
/// null as a string.
std::string_view finish_word(std::string_view word);

/// Returns the unified reason, when the calls are known. `calls` says whether there are any, and `complete` whether one
/// of them can be run. Calls that can be run make the reason tool_calls, unless the answer was cut. Other calls do not.
FinishReason reason_with_calls(FinishReason said, bool calls, bool complete);

/// Whether the answer was cut short by a limit or a filter, so that its last call may lack its end.
constexpr bool is_cut_short(FinishReason reason) {
  return reason == FinishReason::length || reason == FinishReason::content_filter;
}

}  // namespace abstractllm
