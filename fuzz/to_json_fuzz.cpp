// SPDX-License-Identifier: Apache-2.0
//
// to_json: any bytes as the texts of an answer, of an event and of an error come out as JSON.
#include <string>

#include "abstractllm/error.hpp"
#include "abstractllm/stream.hpp"
#include "abstractllm/transport.hpp"
#include "base/json_text.hpp"
#include "fuzzing.hpp"

namespace {

using abstractllm::Response;
using abstractllm::StreamEvent;
using abstractllm::fuzzing::require;

void check(const std::string& json) {
  // 200 levels of the arguments, and those around them.
  require(!abstractllm::find_json_fault(json, 210), "what comes out is JSON of bounded depth");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(abstractllm::fuzzing::text_of(data, size));
  Response response;
  response.text = response.reasoning = response.id = response.raw_finish_reason = input;
  response.tool_calls = {{input, input, input, false}, {"c", "f", input.substr(0, size / 2), true}};
  response.logprobs_json = response.citations_json = input;
  response.warnings = {{input, input}};
  check(to_json(response));
  for (const StreamEvent& event :
       {StreamEvent(abstractllm::TextDelta{input}), StreamEvent(abstractllm::ToolCallDelta{input, input}),
        StreamEvent(response.tool_calls[0]), StreamEvent(abstractllm::Finished{})})
    check(to_json(event, response));
  abstractllm::Error error(abstractllm::ErrorKind::protocol, input);
  error.provider_message = error.provider_code = input;
  error.partial = std::make_shared<const Response>(response);
  check(to_json(error));
  abstractllm::HttpRequest request;
  request.url = request.body = input;
  request.headers.emplace_back(input, input);
  check(to_json(request));
  return 0;
}
