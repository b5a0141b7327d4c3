// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "abstractllm/result.hpp"
#include "input.hpp"

namespace abstractllm::cli {

/// The texts of a file, one after the other. Each line is a text, without its line end. If the name of the file ends in
/// ".jsonl", each line is JSON (text_from_json()). Empty lines are skipped.
class TextLines {
 public:
  /// A `path` of "-" means standard input. Errors: invalid_argument.
  static Result<TextLines> open(const std::string& path, int wake);

  /// Returns the next text, or nothing at the end. Errors: invalid_argument, which names the file and the line;
  /// cancelled.
  Result<std::optional<std::string>> next();

  /// Returns the number of empty lines so far.
  std::size_t skipped() const { return skipped_; }

 private:
  TextLines(LineReader lines, std::string path, bool json)
      : lines_(std::move(lines)), path_(std::move(path)), json_(json) {}

  LineReader lines_;
  std::string path_;
  bool json_;
  std::size_t line_ = 0;
  std::size_t skipped_ = 0;
};

}  // namespace abstractllm::cli
