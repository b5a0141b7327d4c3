// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a file of recorded exchanges: an error or exchanges, which can be written and read again.
#include <string>

#include "fuzzing.hpp"
#include "transport/replay/recording.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using abstractllm::fuzzing::require;
  const auto read = abstractllm::read_recording(abstractllm::fuzzing::text_of(data, size));
  if (!read) {
    require(read.error().kind == abstractllm::ErrorKind::not_configured, "a bad file is a matter of configuration");
    return 0;
  }
  std::string text;
  for (const abstractllm::RecordedExchange& exchange : *read) text += abstractllm::to_json_lines(exchange);
  const auto again = abstractllm::read_recording(text);
  require(again.has_value() && again->size() == read->size(), "what was read can be written and read again");
  return 0;
}
