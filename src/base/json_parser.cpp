// SPDX-License-Identifier: Apache-2.0
#include "base/json_parser.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "base/utf8.hpp"

namespace abstractllm {
namespace {

/// simdjson 3.0 destroys its implementations, which have virtual functions, when the process exits, and threads may
/// still read answers then. So a copy of the implementation in use, which is never destroyed, replaces it. Its only
/// state is its two names.
const bool implementation_is_kept = [] {
  (void)simdjson::get_active_implementation()->name();  // selects an implementation for this processor
  const simdjson::implementation* chosen = simdjson::get_active_implementation();
  void* kept = ::operator new(sizeof *chosen);
  std::memcpy(kept, static_cast<const void*>(chosen), sizeof *chosen);
  simdjson::get_active_implementation() = static_cast<const simdjson::implementation*>(kept);
  return true;
}();

constexpr std::size_t most_kept_bytes = 1024 * 1024;
constexpr std::size_t most_kept_strings = 4096;
constexpr std::size_t most_quoted_bytes = 100;

/// The parser stores each string with its length before it and a zero after it
/// (https://github.com/simdjson/simdjson/blob/master/doc/tape.md, read 2026-11).
constexpr std::size_t length_size = sizeof(std::uint32_t);

Error malformed(simdjson::error_code code, std::string_view text, std::size_t event_number) {
  std::string message = event_number == 0 ? "the answer" : "event " + std::to_string(event_number) + " of the stream";
  // The place is searched only when it is needed.
  const std::optional<JsonFault> fault = find_json_fault(text, simdjson::DEFAULT_MAX_DEPTH);
  if (fault && fault->too_deep) {
    message += " nests more than " + std::to_string(simdjson::DEFAULT_MAX_DEPTH) + " levels of JSON";
  } else if (fault) {
    message += " is not valid JSON at byte " + std::to_string(fault->at);
  } else {
    message += std::string(" is not JSON that can be read: ") + simdjson::error_message(code);
  }
  Error error(ErrorKind::protocol, std::move(message));
  error.provider_message = escaped_start(text, most_quoted_bytes);
  return error;
}

}  // namespace

Result<JsonElement> JsonParser::parse(std::string_view text, std::size_t event_number, HalfPairs halves) {
  JsonElement element;
  text_ = text;
  has_marks_ = false;
  strings_.clear();
  if (strings_.capacity() > most_kept_strings) strings_.shrink_to_fit();
  if (mended_.capacity() > most_kept_bytes) mended_ = std::string();
  simdjson::error_code code = parse_padded(text.data(), text.size(), element);
  if (code == simdjson::SUCCESS) return element;
  MendedJson mended = mend_json(text, halves);
  if (!mended.changed) return malformed(code, text, event_number);
  const std::size_t size = mended.text.size();
  mended_ = std::move(mended.text);
  mended_.resize(size + simdjson::SIMDJSON_PADDING);
  has_marks_ = mended.has_marks;
  code = parse_padded(mended_.data(), size, element);
  if (code == simdjson::SUCCESS) return element;
  return malformed(code, text, event_number);
}

simdjson::error_code JsonParser::parse_padded(const char* text, std::size_t size, JsonElement& element) {
  // One huge event must not hold its memory for ever.
  if (document_.capacity() > most_kept_bytes && size <= most_kept_bytes) {
    parser_ = simdjson::dom::parser();
    document_ = simdjson::dom::document();
  }
  if (document_.capacity() < size) {
    // simdjson allocates exactly what it needs, so events that grow a little would allocate each time.
    const std::size_t capacity = std::bit_ceil(std::max(size, std::size_t{1024}));
    if (const simdjson::error_code code = parser_.allocate(capacity)) return code;
    if (const simdjson::error_code code = document_.allocate(capacity)) return code;
  }
  return parser_.parse_into_document(document_, text, size, false).get(element);
}

std::string JsonParser::spelled(JsonElement value) const {
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return simdjson::minify(value);
  if (object.begin() == object.end()) return "{}";
  find_strings();
  // The parser does not keep places, but its first key is the n-th string of the text.
  const auto* const key = reinterpret_cast<const std::uint8_t*>(object.begin().key().data());
  const auto kept = static_cast<std::size_t>(key - document_.string_buf.get()) - length_size;
  const auto found = std::lower_bound(strings_.begin(), strings_.end(), StringPosition(kept, 0));
  if (found == strings_.end() || found->first != kept) return simdjson::minify(value);
  return compact_json(text_, text_.rfind('{', found->second));
}

void JsonParser::find_strings() const {
  if (!strings_.empty()) return;
  std::size_t kept = 0;
  JsonTokens tokens(text_);
  for (JsonToken token = tokens.next(); token.kind != JsonToken::Kind::end; token = tokens.next()) {
    if (token.kind == JsonToken::Kind::invalid) return;
    if (token.kind != JsonToken::Kind::string) continue;
    strings_.emplace_back(kept, token.begin);
    std::uint32_t length = 0;
    std::memcpy(&length, document_.string_buf.get() + kept, length_size);
    kept += length_size + length + 1;
  }
}

}  // namespace abstractllm
