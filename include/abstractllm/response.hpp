// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/export.hpp"
#include "abstractllm/part.hpp"
#include "abstractllm/usage.hpp"
#include "abstractllm/warning.hpp"

namespace abstractllm {

/// Why the answer ended, the same five for every provider. The provider's own word is in Response::raw_finish_reason.
enum class FinishReason { stop, length, tool_calls, content_filter, other };

/// "stop", "length", "tool_calls", "content_filter" or "other".
ABSTRACTLLM_API std::string_view to_string(FinishReason reason) noexcept;

/// What the one that runs the model says of its own work: the local engine, llama-server, Ollama. Unset: not said.
struct ModelTiming {
  std::optional<std::chrono::microseconds> load;        ///< getting the model into memory, where this call had to
  std::optional<std::chrono::microseconds> prompt;      ///< reading the prompt
  std::optional<std::chrono::microseconds> generation;  ///< writing the answer
  std::optional<std::int64_t> prompt_tokens;            ///< read in that time
  std::optional<std::int64_t> cached_tokens;            ///< of the prompt, known from calls before: not read again
  std::optional<std::int64_t> slot;                     ///< the place in the batch that served the call, from 0
  bool operator==(const ModelTiming&) const = default;
};

/// How long a call took. Wall clock, as the caller saw it.
struct Timing {
  std::optional<std::chrono::microseconds> first_event;  ///< from the call to the first event; unset where none came
  std::chrono::microseconds total{0};                    ///< from the call to its end
  int attempts = 0;                                      ///< requests that were sent, retries included
  ModelTiming model;                                     ///< as the server or the engine says it
  bool operator==(const Timing&) const = default;
};

/// A whole answer. An empty string or an unset optional means: the provider did not say.
struct Response {
  Response() {}

  std::string text;       ///< the answer, UTF-8
  std::string reasoning;  ///< reasoning text, where the model shows it
  std::vector<ToolCall> tool_calls;
  /// The same in order: Text, Reasoning and ToolCall parts, with what the provider wants back (ProviderData). Set at
  /// the end of the answer, also in the partial answer of a failed call; there, a call that had only begun is
  /// `incomplete`. A tool call stands where it began. Neighbouring text is one part, unless the provider ended a block
  /// between.
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
  bool operator==(const Response&) const = default;
};

/// One JSON object, fields as docs/cli.md lists them; what is unknown is absent.
ABSTRACTLLM_API std::string to_json(const Response& response);

}  // namespace abstractllm
