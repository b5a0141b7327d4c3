// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "abstractllm/log.hpp"

namespace abstractllm::cli {

/// Shows the line "loading MODEL [####      ] 40%" or "downloading FILE [####      ] 40%, 12 MB/s, 30 s left" on a
/// terminal's standard error. It is fed by the library's log records `load_progress`, `download_progress` and
/// `import_progress`. It uses
/// plain characters only, so NO_COLOR needs no special case. It is erased by overwriting, so it works on dumb terminals
/// too.
class Progress {
 public:
  /// Never shows anything unless `wanted`.
  explicit Progress(bool wanted);
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Erases the line and draws nothing afterwards. Further calls cost nothing.
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

/// "loading MODEL [####      ] 40%": the activity, the file without its folders, and the text after the bar.
struct ProgressLine {
  std::string verb;
  std::string file;
  int percent = 0;
  std::string rest;
};

/// Returns the line in at most `columns` bytes.
std::string to_text(const ProgressLine& line, std::size_t columns);

}  // namespace abstractllm::cli
