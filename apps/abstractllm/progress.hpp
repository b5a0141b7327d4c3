// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "abstractllm/log.hpp"

namespace abstractllm::cli {

/// The line "loading MODEL [####      ] 40%" or "downloading FILE [####      ] 40%, 12 MB/s, 30 s left" on a terminal's
/// standard error, fed by the library's `load_progress` and `download_progress` log records. Plain characters only, so
/// NO_COLOR holds by itself; erased by overwriting, so it works on dumb terminals too.
class Progress {
 public:
  /// Shows nothing, ever, unless `wanted`.
  explicit Progress(bool wanted);
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Erases the line; nothing is drawn from here on. Costs nothing when called again.
  void finish();

 private:
  void show(const LogRecord& record);
  void erase();

  std::mutex mutex_;
  bool finished_ = false;
  std::string drawn_;
  std::size_t drawn_columns_ = 0;
  LogSink sink_;
};

/// "loading MODEL [####      ] 40%": what is done to which file, without its folders, and what stands behind the bar.
struct ProgressLine {
  std::string verb;
  std::string file;
  int percent = 0;
  std::string rest;
};

/// The line in at most `columns` bytes.
std::string to_text(const ProgressLine& line, std::size_t columns);

}  // namespace abstractllm::cli
