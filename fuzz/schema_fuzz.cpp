// SPDX-License-Identifier: Apache-2.0
//
// The first half of the input is a schema, and the second one arguments. Both may be anything. A newline that is there
// cuts them instead, so that seeds can be read by people.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/json_text.hpp"
#include "base/utf8.hpp"
#include "fuzzing.hpp"
#include "schema/tool_schema.hpp"

namespace {

using abstractllm::JsonToken;
using abstractllm::SchemaFault;
using abstractllm::fuzzing::require;

bool same(const std::optional<SchemaFault>& a, const std::optional<SchemaFault>& b) {
  return a.has_value() == b.has_value() && (!a || (a->path == b->path && a->message == b->message));
}

std::vector<std::string_view> numbers_of(std::string_view json) {
  std::vector<std::string_view> numbers;
  abstractllm::JsonTokens tokens(json);
  for (JsonToken token = tokens.next(); token.kind != JsonToken::Kind::end; token = tokens.next()) {
    if (token.kind == JsonToken::Kind::invalid) break;
    if (token.kind == JsonToken::Kind::number) numbers.push_back(json.substr(token.begin, token.end - token.begin));
  }
  return numbers;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = abstractllm::fuzzing::text_of(data, size);
  const std::size_t cut = std::min(input.find('\n'), input.size() / 2);
  const std::string_view value = input.substr(cut);
  const auto schema = abstractllm::ToolSchema::read(input.substr(0, cut));
  if (!schema) {
    require(!schema.error().message.empty(), "a refusal has a reason");
    return 0;
  }
  require(!abstractllm::find_json_fault((*schema)->json(), 200), "a schema that was read is JSON");
  require(same((*schema)->check(value), (*schema)->check(value)), "a check is deterministic");
  const auto accepted = (*schema)->accept(value);
  if (!accepted) {
    require(!abstractllm::find_invalid_utf8(accepted.error().message), "a message is UTF-8");
    return 0;
  }
  require(!(*schema)->check(*accepted), "what was accepted matches the schema");
  const auto again = (*schema)->accept(*accepted);
  require(again && *again == *accepted, "what was accepted is accepted as it is");
  require(numbers_of(*accepted) == numbers_of(value), "numbers keep their spelling");
  return 0;
}
