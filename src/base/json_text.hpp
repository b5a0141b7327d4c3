// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// JSON as text: where it is wrong, and copies that keep its numbers and strings as they are spelled. All of it is
/// linear in the text and uses no recursion, so that text of any size and depth may come from a server.
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
    string,      ///< with its quotes; escapes are checked
    number,      ///< of any size
    word,        ///< true, false or null
    not_finite,  ///< NaN, Infinity or -Infinity, as Python writes them: not JSON
    end,         ///< of the text
    invalid,     ///< `end` is the offset of the byte that is wrong, or the text's size where it is cut
  };
  Kind kind = Kind::end;
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Cuts text into tokens. Does not check their order, and UTF-8 neither.
class JsonTokens {
 public:
  explicit JsonTokens(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}

  /// The next token. After `invalid` the same again.
  JsonToken next();

 private:
  JsonToken take_string(std::size_t begin);
  JsonToken take_number(std::size_t begin);
  JsonToken take_word(std::size_t begin);
  std::size_t skip_digits(std::size_t at) const;
  char at(std::size_t place) const { return place < text_.size() ? text_[place] : '\0'; }

  std::string_view text_;
  std::size_t at_;
};

/// What is wrong with JSON text.
struct JsonFault {
  std::size_t at = 0;     ///< byte offset from 0; the text's size where the text is cut
  bool too_deep = false;  ///< valid up to here, but nested deeper than allowed
};

/// Why `text` is not one JSON value of at most `max_depth` levels, or nothing where it is one. Numbers may have any
/// size, and an escape may name half of a UTF-16 pair: both are JSON.
std::optional<JsonFault> find_json_fault(std::string_view text, std::size_t max_depth);

/// Whether `text` is the beginning of a JSON object or list that was cut.
bool is_cut_json(std::string_view text);

/// The object or list that starts at `begin` of JSON text, as it is spelled, without blanks between its tokens.
std::string compact_json(std::string_view text, std::size_t begin = 0);

/// The elements of a JSON list as they are spelled. None where the text is no list of JSON.
std::vector<std::string_view> elements_of_list(std::string_view text);

/// How mend_json() writes an escape of half a UTF-16 pair, which servers send when they cut text between the halves.
enum class HalfPairs {
  replace,  ///< as U+FFFD
  mark,     ///< as a character that Utf16Halves joins with its other half
};

struct MendedJson {
  std::string text;
  bool changed = false;
  bool has_marks = false;  ///< HalfPairs::mark: there is at least one
};

/// A copy for parsers that refuse the whole text for one value: numbers that no 64-bit type holds, NaN and Infinity
/// are null in it, and halves of UTF-16 pairs are as `halves` says. It has the same strings in the same order.
MendedJson mend_json(std::string_view text, HalfPairs halves);

}  // namespace abstractllm
