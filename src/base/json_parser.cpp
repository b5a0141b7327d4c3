// SPDX-License-Identifier: Apache-2.0
#include "base/json_parser.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "base/json.hpp"

namespace abstractllm {
namespace {

/// simdjson 3.0 destroys its implementations, which have virtual functions, when the process exits, while threads may
/// still read answers. Bytes of the one in use that nobody destroys take its place: it has no state but its two names.
const bool implementation_is_kept = [] {
  (void)simdjson::get_active_implementation()->name();  // chooses one for this processor
  const simdjson::implementation* chosen = simdjson::get_active_implementation();
  void* kept = ::operator new(sizeof *chosen);
  std::memcpy(kept, static_cast<const void*>(chosen), sizeof *chosen);
  simdjson::get_active_implementation() = static_cast<const simdjson::implementation*>(kept);
  return true;
}();

constexpr std::size_t most_kept_bytes = 1024 * 1024;

/// The number behind the "\u" at `at`, or -1 where there is none.
int escaped_unit(std::string_view text, std::size_t at) {
  if (text.size() < at + 6 || text[at] != '\\' || text[at + 1] != 'u') return -1;
  int unit = 0;
  for (const char c : text.substr(at + 2, 4)) {
    const bool digit = c >= '0' && c <= '9';
    const char lower = static_cast<char>(c | 0x20);
    if (!digit && (lower < 'a' || lower > 'f')) return -1;
    unit = unit * 16 + (digit ? c - '0' : lower - 'a' + 10);
  }
  return unit;
}

/// Writes \ufffd over each escape of half a UTF-16 pair; lengths stay.
void mend_half_pairs(std::string& text) {
  for (std::size_t at = text.find('\\'); at != std::string::npos; at = text.find('\\', at)) {
    const int unit = escaped_unit(text, at);
    if (unit < 0xD800 || unit > 0xDFFF) {
      at += 2;
      continue;
    }
    const int next = escaped_unit(text, at + 6);
    const bool pair = unit < 0xDC00 && next >= 0xDC00 && next <= 0xDFFF;
    if (!pair) text.replace(at, 6, "\\ufffd");
    at += pair ? 12 : 6;
  }
}

Error malformed(simdjson::error_code code, std::string_view text, std::size_t event_number) {
  const std::string what =
      event_number == 0 ? "the answer" : "event " + std::to_string(event_number) + " of the stream";
  // Only now is it worth to find the place.
  const Result<Json> parsed = parse_json(text, what);
  if (!parsed) return Error(ErrorKind::protocol, parsed.error().message);
  return Error(ErrorKind::protocol, what + " is not JSON that can be read: " + simdjson::error_message(code));
}

}  // namespace

Result<JsonElement> JsonParser::parse(std::string_view text, std::size_t event_number) {
  JsonElement element;
  simdjson::error_code code = parse_padded(text.data(), text.size(), element);
  if (code == simdjson::STRING_ERROR) {
    mended_ = text;
    mend_half_pairs(mended_);
    mended_.resize(text.size() + simdjson::SIMDJSON_PADDING);
    code = parse_padded(mended_.data(), text.size(), element);
  }
  if (code != simdjson::SUCCESS) return malformed(code, text, event_number);
  return element;
}

simdjson::error_code JsonParser::parse_padded(const char* text, std::size_t size, JsonElement& element) {
  // One huge event must not keep its memory for ever.
  if (document_.capacity() > most_kept_bytes && size <= most_kept_bytes) {
    parser_ = simdjson::dom::parser();
    document_ = simdjson::dom::document();
  }
  if (document_.capacity() < size) {
    // simdjson grows to the byte; events that grow a little each would allocate each time.
    const std::size_t capacity = std::bit_ceil(std::max(size, std::size_t{1024}));
    if (const simdjson::error_code code = parser_.allocate(capacity)) return code;
    if (const simdjson::error_code code = document_.allocate(capacity)) return code;
  }
  return parser_.parse_into_document(document_, text, size, false).get(element);
}

}  // namespace abstractllm
