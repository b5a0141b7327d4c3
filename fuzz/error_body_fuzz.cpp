// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the body of an HTTP error, for each protocol and one of many statuses: an error that can be shown.
#include <array>
#include <string>

#include "base/json_text.hpp"
#include "base/utf8.hpp"
#include "fuzzing.hpp"
#include "protocols/protocols.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using abstractllm::fuzzing::require;
  const std::string input(abstractllm::fuzzing::text_of(data, size));
  abstractllm::HttpHead head;
  head.headers.emplace_back("retry-after", input.substr(0, 40));
  head.headers.emplace_back("x-request-id", input.substr(0, 100));
  head.headers.emplace_back("date", "Sun, 06 Nov 1994 08:49:37 GMT");
  constexpr std::array statuses = {302, 400, 401, 403, 404, 413, 422, 429, 500, 503};
  head.status = statuses[size % statuses.size()];
  for (const std::string_view name : abstractllm::protocol_names()) {
    const auto protocol = abstractllm::find_protocol(name);
    const abstractllm::Error error = protocol->decode_error(head, input);
    require(!error.message.empty() && !abstractllm::find_invalid_utf8(error.message), "the message is text");
    require(!abstractllm::find_invalid_utf8(error.provider_message), "the server's words are text");
    require(error.provider_message.size() <= 5000, "the server's words have a limit");
    require(!error.retry_after || error.retry_after->count() >= 0, "nobody waits for less than nothing");
    require(!abstractllm::find_json_fault(to_json(error), 210), "it can be written as JSON");
  }
  return 0;
}
