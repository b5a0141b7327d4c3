// SPDX-License-Identifier: Apache-2.0
#include "progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <variant>

#include "output.hpp"

namespace abstractllm::cli {
namespace {

std::size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

void write_raw(std::string_view bytes) {
  // A progress line is not worth a second try.
  if (write(STDERR_FILENO, bytes.data(), bytes.size()) < 0) errno = 0;
}

}  // namespace

std::string progress_line(std::string_view model, int percent, std::size_t columns) {
  constexpr std::size_t cells = 20;
  const std::size_t full = cells * static_cast<std::size_t>(percent) / 100;
  const std::string number = std::to_string(percent);
  std::string line = "loading " + printable(model.substr(model.find_last_of('/') + 1)) + " [" + std::string(full, '#') +
                     std::string(cells - full, ' ') + "] " + std::string(3 - number.size(), ' ') + number + "%";
  if (line.size() > columns) line = "loading " + number + "%";
  line.resize(std::min(line.size(), columns));
  return line;
}

Progress::Progress(bool wanted) : finished_(!wanted) {
  if (wanted) sink_ = add_log_sink(LogLevel::debug, [this](const LogRecord& record) { show(record); });
}

void Progress::show(const LogRecord& record) {
  if (record.event != "load_progress") return;
  const LogField* progress = record.field("progress");
  const LogField* model = record.field("model");
  const double* share = progress ? std::get_if<double>(&progress->value) : nullptr;
  const std::string* name = model ? std::get_if<std::string>(&model->value) : nullptr;
  if (!share) return;
  const int percent = static_cast<int>(std::clamp(*share, 0.0, 1.0) * 100);
  const std::lock_guard lock(mutex_);
  if (finished_ || percent == percent_) return;
  percent_ = percent;
  // One column stays free: a full line would wrap, and then cannot be overwritten.
  std::string line = progress_line(name ? *name : "the model", percent, terminal_columns() - 1);
  const std::size_t drawn = line.size();
  line.resize(std::max(drawn, drawn_columns_), ' ');
  drawn_columns_ = drawn;
  write_raw("\r" + line);
}

void Progress::erase() {
  if (drawn_columns_ > 0) write_raw("\r" + std::string(drawn_columns_, ' ') + "\r");
  drawn_columns_ = 0;
}

void Progress::finish() {
  {
    const std::lock_guard lock(mutex_);
    if (finished_) return;
    finished_ = true;
    erase();
  }
  // Not under the lock: letting the sink go waits for a show() under way.
  sink_ = LogSink();
}

}  // namespace abstractllm::cli
