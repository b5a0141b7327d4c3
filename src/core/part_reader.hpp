// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/message.hpp"
#include "core/kept_spellings.hpp"

namespace abstractllm {

/// Reads the parts of one message. Errors: invalid_argument. Their messages begin with "messages[N]".
class PartReader {
 public:
  PartReader(std::size_t message, const KeptSpellings& spellings) : message_(message), spellings_(spellings) {}

  /// Reads an element of a list of parts.
  Result<Part> read(const Json& json) const;

  /// Reads an element of OpenAI's `tool_calls`: {"id", "type": "function", "function": {"name", "arguments"}}.
  Result<Part> read_openai_call(const Json& json) const;

  /// Reads the content of a tool result: a string, or a list of text and images.
  Result<std::vector<ResultPart>> read_content(const Json& content) const;

  Error wrong(const std::string& problem) const;

 private:
  Result<void> check_fields(const Json& json, std::initializer_list<std::string_view> known) const;
  Result<std::string> text_at(const Json& json, const char* name) const;
  Result<std::string> text_or_empty(const Json& json, const char* name) const;
  Result<bool> flag_at(const Json& json, const char* name) const;
  Result<Part> read_text_part(const Json& json) const;
  Result<Part> read_image(const Json& json, const char* name) const;
  Result<Part> read_image_url(const Json& json) const;
  Result<Part> read_audio(const Json& json) const;
  Result<Part> read_input_audio(const Json& json) const;
  Result<Part> read_file(const Json& json) const;
  Result<Part> read_openai_file(const Json& file) const;
  Result<Part> read_reasoning(const Json& json) const;
  Result<Part> read_call(const Json& json) const;
  Result<Part> read_result(const Json& json) const;
  Result<Part> read_hosted_call(const Json& json) const;
  Result<void> read_arguments(const Json& json, ToolCall& call) const;
  Result<void> read_provider_data(const Json& json, ProviderData& data) const;

  std::size_t message_;
  const KeptSpellings& spellings_;
};

}  // namespace abstractllm
