// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "abstractllm/log.hpp"

namespace abstractllm::cli {

/// The line "loading MODEL [####      ] 40%" on a terminal's standard error, fed by the library's `load_progress` log
/// records. Plain characters only, so NO_COLOR holds by itself; erased by overwriting, so it works on dumb terminals
/// too.
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
  int percent_ = -1;
  std::size_t drawn_columns_ = 0;
  LogSink sink_;
};

/// "loading MODEL [####      ] 40%", in at most `columns` bytes; the model's folders are left out.
std::string progress_line(std::string_view model, int percent, std::size_t columns);

}  // namespace abstractllm::cli
