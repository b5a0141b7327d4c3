// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "abstractllm/stream.hpp"
#include "base/json_parser.hpp"
#include "protocols/call_arguments.hpp"

namespace abstractllm::openai_chat {

/// Builds the tool calls of one answer from deltas, whatever their server leaves out.
///
/// A delta belongs to the call with its id; if several have it, to that with its index. Without an id, it belongs to
/// the latest call with its index. Without either, it belongs to the latest call, and so does a delta of an unknown
/// index that has neither id nor name. A delta begins a new call if there is no such call, or if it has a name and the
/// arguments of that call are whole; with the id of that call, its index must be another one, too. A delta without id,
/// name and arguments is not a call.
class ToolCalls {
 public:
  /// Takes the `tool_calls` array of a delta.
  void take_deltas(JsonElement tool_calls, const JsonParser& source, std::vector<StreamEvent>& events);

  /// Takes the `tool_calls` array of a whole message: each element is one call.
  void take_whole(JsonElement tool_calls, const JsonParser& source, std::vector<StreamEvent>& events);

  /// Takes a `function_call` object, the form of a tool call before calls had ids (2023).
  void take_function_call(JsonElement function_call, const JsonParser& source, std::vector<StreamEvent>& events);

  /// Appends one ToolCall for each call. Call it once, at the end. `cut_short` means that the answer ended early.
  /// Returns whether there is a call that can be run.
  bool finish(bool cut_short, std::vector<StreamEvent>& events);

  bool empty() const { return calls_.empty(); }
  /// Whether a call lacks its name or the end of its arguments.
  bool any_cut() const;

 private:
  struct Call {
    ToolCall call;
    std::string wire_id;  ///< empty as long as the server gave none; then call.id is generated
    std::optional<std::int64_t> index;
    ObjectProgress progress;
    std::size_t streamed = 0;  ///< bytes of the arguments that have become events
    bool started = false;      ///< ToolCallStarted was appended: the name is known
  };
  struct Delta {
    std::string_view id;
    std::string_view name;
    std::optional<std::int64_t> index;
    std::string arguments;
    std::string extra;  ///< Gemini: what must be sent back with the call

    bool is_empty() const { return id.empty() && name.empty() && arguments.empty(); }
  };

  static Delta read_delta(JsonElement entry, const JsonParser& source);
  std::size_t position_of(const Delta& delta, std::optional<std::size_t> previous) const;
  static bool is_another(const Delta& delta, const Call& with_id);
  std::size_t position_of_new_id(const Delta& delta, std::size_t at_index) const;
  void add(const Delta& delta, std::vector<StreamEvent>& events);
  void apply(const Delta& delta, std::size_t position, std::vector<StreamEvent>& events);
  void start(Call& call, std::vector<StreamEvent>& events);
  static void stream(Call& call, std::vector<StreamEvent>& events);
  std::size_t find_id(std::string_view id) const;
  std::size_t find_index(std::int64_t index) const;

  std::vector<Call> calls_;
  std::map<std::string, std::size_t, std::less<>> by_id_;  // the first call with a wire id
  std::map<std::int64_t, std::size_t> by_index_;           // the latest call with an index
  CallIds ids_;
};

}  // namespace abstractllm::openai_chat
