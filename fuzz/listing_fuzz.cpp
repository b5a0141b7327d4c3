// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the answer to each operation of each protocol besides chat.
#include <string>

#include "fuzzing.hpp"
#include "protocols/protocols.hpp"

namespace {

using abstractllm::ErrorKind;
using abstractllm::fuzzing::require;

/// What a server causes is the server's error, and says what is wrong.
template <class Answer>
void check(const abstractllm::Result<Answer>& answer) {
  if (answer) return;
  const bool reported = answer.error().message.find("reported within the answer") != std::string::npos;
  require(reported || answer.error().kind == ErrorKind::protocol, "a bad answer is the server's");
  require(!answer.error().message.empty(), "an error says what is wrong");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body = abstractllm::fuzzing::text_of(data, size);
  for (const std::string_view name : abstractllm::protocol_names()) {
    const auto protocol = abstractllm::find_protocol(name);
    if (const auto* models = protocol->models()) check(models->decode(body));
    if (const auto* describe = protocol->describe()) check(describe->decode(body));
    if (const auto* count = protocol->count_tokens()) check(count->decode(body));
  }
  return 0;
}
