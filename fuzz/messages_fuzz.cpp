// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a conversation in JSON, and as the lines of a batch file: messages, or an error that says why not.
#include <algorithm>
#include <string>

#include "abstractllm/batch.hpp"
#include "abstractllm/message.hpp"
#include "base/json_text.hpp"
#include "base/utf8.hpp"
#include "fuzzing.hpp"

namespace {

using abstractllm::Error;
using abstractllm::ErrorKind;
using abstractllm::fuzzing::require;

void check(const Error& error) {
  require(error.kind == ErrorKind::invalid_argument || error.kind == ErrorKind::not_configured,
          "what a user writes is wrong in the user's terms");
  require(!error.message.empty(), "an error says what is wrong");
}

void check(const std::vector<abstractllm::Message>& messages) {
  for (const abstractllm::Message& message : messages)
    require(!abstractllm::find_invalid_utf8(message.text()), "text is UTF-8");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input = abstractllm::fuzzing::text_of(data, size);
  if (const auto messages = abstractllm::messages_from_json(input)) check(*messages);
  else check(messages.error());
  while (!input.empty()) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    const auto item = abstractllm::batch_item_from_json(line);
    if (!item) {
      check(item.error());
      continue;
    }
    check(item->messages);
    require(item->id_json.empty() || !abstractllm::find_json_fault(item->id_json, 256), "an id is JSON");
  }
  return 0;
}
