// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// Splits bytes into consecutive JSON objects or lists: one per line as in application/x-ndjson, several on one line,
/// or one over many lines. The result does not depend on how the bytes were cut. Blanks and line ends between the
/// values are skipped.
///
/// Use: feed(), then next() until it returns nullopt. Costs one copy of the bytes.
class NdjsonParser {
 public:
  static constexpr std::size_t default_max_value_bytes = std::size_t{64} << 20;
  /// Number of readable bytes of unspecified content after each value, because simdjson reads past the end.
  static constexpr std::size_t padding = 64;

  explicit NdjsonParser(std::size_t max_value_bytes = default_max_value_bytes) : max_value_bytes_(max_value_bytes) {}

  void feed(std::string_view bytes);

  /// The next whole value, or nullopt until more bytes are fed. It is valid until the next call of feed(). A line that
  /// starts with neither '{' nor '[' is text and is returned without its line end. Errors: protocol if a value is too
  /// large.
  Result<std::optional<std::string_view>> next();

  /// Call it at the end of the bytes, after next() returned nullopt. Returns the rest of a value or line.
  std::string_view rest() const { return std::string_view(buffer_).substr(begin_, end_ - begin_); }

 private:
  bool scan();

  std::string buffer_;     // with padding after end_
  std::size_t end_ = 0;    // end of the bytes that were fed
  std::size_t begin_ = 0;  // begin of the open value
  std::size_t at_ = 0;     // end of the bytes that were examined
  std::size_t depth_ = 0;
  std::size_t max_value_bytes_;
  bool in_string_ = false;
  bool escaped_ = false;
};

}  // namespace abstractllm
