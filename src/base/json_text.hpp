// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// JSON as text: finds errors, and makes copies that keep the spelling of numbers and strings. All functions take
/// linear time and use no recursion, so that a server may send text of any size and depth.
namespace abstractllm {

/// One token of JSON text, as a range of bytes.
struct JsonToken {
  enum class Kind : std::uint8_t {
    begin_object,
    end_object,
    begin_list,
    end_list,
    colon,
    comma,
    string,      ///< with its quotes; escapes are validated
    number,      ///< of any size
    word,        ///< true, false or null
    not_finite,  ///< NaN, Infinity or -Infinity, which Python writes but JSON does not allow
    end,         ///< end of the text
    invalid,     ///< `end` is the offset of the wrong byte, or the size of the text if it is cut
  };
  Kind kind = Kind::end;
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Splits text into tokens. Checks neither their order nor UTF-8.
class JsonTokens {
 public:
  explicit JsonTokens(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}

  /// The next token. After `invalid` it returns the same token again.
  JsonToken next();

 private:
  JsonToken take_string(std::size_t begin);
  JsonToken take_number(std::size_t begin);
  JsonToken take_word(std::size_t begin);
  std::size_t skip_digits(std::size_t at) const;
  char at(std::size_t position) const { return position < text_.size() ? text_[position] : '\0'; }

  std::string_view text_;
  std::size_t at_;
};

/// An error in JSON text.
struct JsonFault {
  std::size_t at = 0;     ///< byte offset from 0; the size of the text if it is cut
  bool too_deep = false;  ///< valid up to here, but nested too deeply
};

/// Why `text` is not one JSON value of at most `max_depth` levels, or nullopt if it is one. Numbers may have any size,
/// and an escape may name half of a UTF-16 pair, because JSON allows both.
std::optional<JsonFault> find_json_fault(std::string_view text, std::size_t max_depth);

/// Whether `text` is the beginning of an object or list and was cut.
bool is_cut_json(std::string_view text);

/// The object or list that starts at `begin` of JSON text, in its original spelling, without blanks between the tokens.
std::string compact_json(std::string_view text, std::size_t begin = 0);

/// The elements of a JSON list as they are spelled. Empty where the text is not a list of JSON.
std::vector<std::string_view> elements_of_list(std::string_view text);

/// What mend_json() writes for an escape of half a UTF-16 pair. Servers send such escapes when they cut text between
/// the halves.
enum class HalfPairs {
  replace,  ///< U+FFFD
  mark,     ///< a character that Utf16Halves joins with its other half
};

struct MendedJson {
  std::string text;
  bool changed = false;
  bool has_marks = false;  ///< for HalfPairs::mark: whether there is at least one mark
};

/// A copy for parsers that refuse the whole text because of one value. NaN, Infinity and numbers that do not fit a
/// 64-bit type become null, and halves of UTF-16 pairs are handled as `halves` says. The copy has the same strings in
/// the same order.
MendedJson mend_json(std::string_view text, HalfPairs halves);

}  // namespace abstractllm
