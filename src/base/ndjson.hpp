// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// Cuts bytes into the JSON objects or lists that stand in them one after the other: one on a line as
/// application/x-ndjson has it, several on one line, or one over many lines. Where the bytes were cut makes no
/// difference to what comes out. Blanks and line ends between the values are skipped.
///
/// Use: feed(), then next() until it gives nothing. Costs one copy of the bytes.
class NdjsonParser {
 public:
  static constexpr std::size_t default_max_value_bytes = std::size_t{64} << 20;
  /// Readable bytes behind each value, of unspecified content: simdjson reads over the end.
  static constexpr std::size_t padding = 64;

  explicit NdjsonParser(std::size_t max_value_bytes = default_max_value_bytes) : max_value_bytes_(max_value_bytes) {}

  void feed(std::string_view bytes);

  /// The next whole value, valid until the next call of feed(); or nothing until more bytes are fed. What starts with
  /// neither '{' nor '[' is a line of text: it is given out without its line end. Error protocol where a value is
  /// larger than allowed.
  Result<std::optional<std::string_view>> next();

  /// At the end of the bytes, after next() gave nothing: what is left of a value or line.
  std::string_view rest() const { return std::string_view(buffer_).substr(begin_, end_ - begin_); }

 private:
  bool scan();

  std::string buffer_;     // with padding behind end_
  std::size_t end_ = 0;    // of the bytes that were fed
  std::size_t begin_ = 0;  // of the open value
  std::size_t at_ = 0;     // looked at so far
  std::size_t depth_ = 0;
  std::size_t max_value_bytes_;
  bool in_string_ = false;
  bool escaped_ = false;
};

}  // namespace abstractllm
