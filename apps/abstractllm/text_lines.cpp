// SPDX-License-Identifier: Apache-2.0
#include "text_lines.hpp"

#include <utility>

#include "abstractllm/embedding_json.hpp"

namespace abstractllm::cli {

Result<TextLines> TextLines::open(const std::string& path, int wake) {
  Result<LineReader> lines = LineReader::open(path, wake);
  if (!lines) return std::move(lines).error();
  return TextLines(*std::move(lines), path == "-" ? "standard input" : "'" + path + "'", path.ends_with(".jsonl"));
}

Result<std::optional<std::string>> TextLines::next() {
  for (;;) {
    auto line = lines_.next();
    if (!line) return std::move(line).error();
    if (!*line) return std::optional<std::string>();
    std::string text = std::move((*line)->text);
    const auto wrong = [&](const std::string& why) {
      return Error(ErrorKind::invalid_argument, path_ + ", line " + std::to_string(line_) + ": " + why);
    };
    if (line_++ == 0 && text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    if ((*line)->too_long) return wrong("it is longer than 256 MiB");
    if (text.ends_with('\r')) text.pop_back();
    if (text.find_first_not_of(" \t") == std::string::npos) {
      ++skipped_;
      continue;
    }
    if (!json_) return std::optional(std::move(text));
    auto read = text_from_json(text);
    if (!read) return wrong(read.error().message);
    return std::optional(*std::move(read));
  }
}

}  // namespace abstractllm::cli
