// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as JSON values one after the other: where they are cut makes no difference.
#include <string>
#include <vector>

#include "base/ndjson.hpp"
#include "fuzzing.hpp"

namespace {

using abstractllm::fuzzing::require;

std::vector<std::string> values_of(const std::vector<std::string_view>& pieces) {
  abstractllm::NdjsonParser parser(4096);
  std::vector<std::string> values;
  for (const std::string_view piece : pieces) {
    parser.feed(std::string(piece));
    for (;;) {
      const auto value = parser.next();
      if (!value) return values;  // too large
      if (!*value) break;
      values.emplace_back(**value);
    }
  }
  return values;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = abstractllm::fuzzing::text_of(data, size);
  const std::vector<std::string> whole = values_of({input});
  require(values_of(abstractllm::fuzzing::pieces_of(input)) == whole, "cuts make no difference");
  for (const std::string& value : whole) require(!value.empty(), "a value is not empty");
  return 0;
}
