// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/export.hpp"
#include "abstractllm/message.hpp"
#include "abstractllm/part.hpp"
#include "abstractllm/usage.hpp"
#include "abstractllm/warning.hpp"

namespace abstractllm {

/// The reason why an answer ended. The five reasons are the same for every provider. The provider's own word is in
/// Response::raw_finish_reason.
enum class FinishReason { stop, length, tool_calls, content_filter, other };

/// Returns "stop", "length", "tool_calls", "content_filter" or "other".
ABSTRACTLLM_API std::string_view to_string(FinishReason reason) noexcept;

/// Times that the program that runs the model reports: the local engine, llama-server, Ollama. An unset field was not
/// reported.
struct ModelTiming {
  std::optional<std::chrono::microseconds> load;        ///< time to load the model into memory, if this call had to
  std::optional<std::chrono::microseconds> prompt;      ///< time to read the prompt
  std::optional<std::chrono::microseconds> generation;  ///< time to write the answer
  std::optional<std::int64_t> prompt_tokens;            ///< tokens read in the time `prompt`
  /// Tokens of the prompt that were cached by earlier calls and not read again.
  std::optional<std::int64_t> cached_tokens;
  std::optional<std::int64_t> slot;  ///< the slot of the batch that served the call, from 0
  bool operator==(const ModelTiming&) const = default;
};

/// The duration of a call, in wall-clock time of the caller.
struct Timing {
  /// From the call to the first event; unset if there was no event.
  std::optional<std::chrono::microseconds> first_event;
  std::chrono::microseconds total{0};  ///< from the call to its end
  int attempts = 0;                    ///< number of attempts, retries included
  ModelTiming model;                   ///< as the server or the engine reports it
  bool operator==(const Timing&) const = default;
};

/// One request of a call with tools, and what came of it. An empty string or an unset optional means that the provider
/// did not report the value.
struct Step {
  Step() {}

  std::string text;                  ///< UTF-8
  std::string reasoning;             ///< reasoning text, if the model shows it
  std::vector<ToolCall> tool_calls;  ///< everything that the model called, whether it was run or not
  /// The results of the calls that were answered, in the order of the calls.
  std::vector<ToolResult> tool_results;
  std::optional<FinishReason> finish_reason;
  std::string raw_finish_reason;  ///< the provider's own word
  Usage usage;
  std::string id;          ///< the provider's id of this answer
  std::string model;       ///< the model that answered, as the provider names it
  std::string request_id;  ///< the provider's id of this HTTP request
  Timing timing;           ///< of this request alone, without the tools
  bool operator==(const Step&) const = default;
};

/// A whole answer. An empty string or an unset optional means that the provider did not report the value.
struct Response {
  Response() {}

  std::string text;       ///< the answer, UTF-8
  std::string reasoning;  ///< reasoning text, if the model shows it
  /// The calls that were not run: all calls if the program runs them itself (Tool::declared(), Options::max_tool_rounds
  /// of 0, or no Options::tools), and those that were open when the limit of rounds was reached.
  std::vector<ToolCall> tool_calls;
  /// The answer in order, as Text, Reasoning and ToolCall parts, with the data that the provider wants back
  /// (ProviderData). It is set at the end of the answer, also in the partial answer of a failed call. In a partial
  /// answer, a call that had only begun is `incomplete`. A tool call is at the position where it began. Adjacent text
  /// is one part, unless the provider ended a block in between.
  std::vector<Part> parts;
  std::optional<FinishReason> finish_reason;  ///< unset in the partial answer of a failed call
  std::string raw_finish_reason;              ///< the provider's own word
  Usage usage;
  std::string provider;       ///< provider name
  std::string model;          ///< the model that answered, as the provider names it
  std::string id;             ///< the provider's id of the answer
  std::string request_id;     ///< the provider's id of the HTTP request
  std::string logprobs_json;  ///< JSON list of the tokens' log probabilities as the provider sends them, or empty; set
                              ///< at the end
  std::string
      citations_json;  ///< JSON list of citations or annotations as the provider sends them, or empty; set at the end
  std::vector<Warning> warnings;
  Timing timing;
  /// Set if the call has Options::tools: one element for each request. The fields text, reasoning, parts, tool_calls,
  /// finish_reason, id and model above are those of the last step. usage, warnings and timing cover all steps.
  std::vector<Step> steps;
  /// Set if the call has Options::tools: what the conversation grew by, from the first message of the assistant on.
  /// Append it to the messages of the call to go on.
  std::vector<Message> messages;
  bool operator==(const Response&) const = default;
};

/// Returns one JSON object with the fields that docs/cli.md lists. Unknown fields are absent.
ABSTRACTLLM_API std::string to_json(const Response& response);

}  // namespace abstractllm
