// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "abstractllm/stream.hpp"
#include "base/json_element.hpp"

namespace abstractllm::openai_chat {

/// Puts the tool calls of one answer together from deltas, whatever their server leaves out.
///
/// A delta belongs to the call with its id; without an id, to the latest call with its index; without either, to the
/// latest call. It begins a new call where there is none such, and where a name comes for a call whose arguments are
/// whole.
class ToolCalls {
 public:
  /// Takes the `tool_calls` array of a delta.
  void take_deltas(JsonElement tool_calls, std::vector<StreamEvent>& events);

  /// Takes the `tool_calls` array of a whole message: each element is one call.
  void take_whole(JsonElement tool_calls, std::vector<StreamEvent>& events);

  /// Takes a `function_call` object, which is what tool calls were before they had ids (2023).
  void take_function_call(JsonElement function_call, std::vector<StreamEvent>& events);

  /// Appends one ToolCall for each call. To be called once, at the end.
  void finish(std::vector<StreamEvent>& events);

  bool empty() const { return calls_.empty(); }
  /// Whether there are calls and the arguments of each are a whole JSON object.
  bool whole() const;

 private:
  struct Call {
    ToolCall call;
    std::string wire_id;  ///< empty as long as the server gave none; then call.id is made up
    std::optional<std::int64_t> index;
    bool started = false;  ///< ToolCallStarted was appended: the name is known
  };
  struct Delta {
    std::string_view id;
    std::string_view name;
    std::optional<std::int64_t> index;
    std::optional<JsonElement> arguments;  ///< a string, or the object itself
  };

  static Delta read_delta(JsonElement entry);
  std::size_t place_of(const Delta& delta, std::optional<std::size_t> previous) const;
  std::size_t place_of_new_id(const Delta& delta, std::size_t at_index) const;
  std::size_t add();
  void apply(const Delta& delta, std::size_t place, std::vector<StreamEvent>& events);
  void start(Call& call, std::vector<StreamEvent>& events);
  std::size_t find_id(std::string_view id) const;
  std::size_t find_index(std::int64_t index) const;

  std::vector<Call> calls_;
};

}  // namespace abstractllm::openai_chat
