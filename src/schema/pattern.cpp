// SPDX-License-Identifier: Apache-2.0
#include "schema/pattern.hpp"

#include <re2/re2.h>

#include <string>

#include "base/utf16_halves.hpp"
#include "base/utf8.hpp"
#include "schema/json_string.hpp"

namespace abstractllm {
namespace {

/// RE2 has \x{...} in place of ECMA 262's \uXXXX.
std::string translated(std::string_view expression) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string translation;
  for (std::size_t at = 0; at < expression.size();) {
    int code = escaped_utf16_unit(expression, at);
    if (code < 0) {
      // An escaped backslash must not be the beginning of the next escape.
      const std::size_t length = expression[at] == '\\' ? 2 : 1;
      translation += expression.substr(at, length);
      at += length;
      continue;
    }
    at += 6;
    const int second = is_first_half(code) ? escaped_utf16_unit(expression, at) : -1;
    if (is_second_half(second)) {
      code = 0x10000 + ((code - 0xD800) << 10) + (second - 0xDC00);
      at += 6;
    }
    translation += "\\x{";
    for (int shift = 20; shift >= 0; shift -= 4) translation += digits[static_cast<unsigned>(code >> shift) & 15U];
    translation += '}';
  }
  return translation;
}

}  // namespace

Pattern::Pattern(std::unique_ptr<const re2::RE2> expression)
    : expression_(std::move(expression)), size_(static_cast<std::size_t>(expression_->ProgramSize())) {}

Pattern::~Pattern() = default;

Result<std::shared_ptr<const Pattern>> Pattern::read(std::string_view expression) {
  RE2::Options options;
  options.set_max_mem(static_cast<std::int64_t>(most_memory));
  options.set_log_errors(false);
  options.set_never_capture(true);
  const std::string translation = translated(expression);
  auto compiled = std::make_unique<const RE2>(re2::StringPiece(translation.data(), translation.size()), options);
  if (compiled->ok() && compiled->ProgramSize() > static_cast<int>(most_instructions))
    return Error(ErrorKind::invalid_argument, "is too large: RE2 compiles it to more than 50000 instructions");
  if (compiled->ok()) return std::shared_ptr<const Pattern>(new Pattern(std::move(compiled)));
  constexpr std::size_t most_reason_bytes = 120;
  return Error(ErrorKind::invalid_argument,
               "cannot be compiled by RE2 (" + escaped_start(compiled->error(), most_reason_bytes) +
                   "). RE2 takes linear time, so it has no look-around and no references to groups");
}

bool Pattern::is_in(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *expression_);
}

}  // namespace abstractllm
