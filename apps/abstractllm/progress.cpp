// SPDX-License-Identifier: Apache-2.0
#include "progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <variant>

#include "amounts.hpp"
#include "output.hpp"

namespace abstractllm::cli {
namespace {

std::size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

void write_raw(std::string_view bytes) {
  // A progress line is not worth a retry.
  if (write(STDERR_FILENO, bytes.data(), bytes.size()) < 0) errno = 0;
}

template <class T>
std::optional<T> value_of(const LogRecord& record, std::string_view name) {
  const LogField* field = record.field(name);
  const T* value = field == nullptr ? nullptr : std::get_if<T>(&field->value);
  if (value == nullptr) return std::nullopt;
  return *value;
}

int percent_of(double share) { return static_cast<int>(std::clamp(share, 0.0, 1.0) * 100); }

std::optional<ProgressLine> load_line(const LogRecord& record) {
  const auto share = value_of<double>(record, "progress");
  if (!share) return std::nullopt;
  return ProgressLine{"loading", value_of<std::string>(record, "model").value_or("the model"), percent_of(*share), ""};
}

std::optional<ProgressLine> download_line(const LogRecord& record) {
  const auto bytes = static_cast<double>(value_of<std::int64_t>(record, "bytes").value_or(0));
  const auto total = static_cast<double>(value_of<std::int64_t>(record, "total_bytes").value_or(0));
  ProgressLine line{"downloading", value_of<std::string>(record, "file").value_or("the model"),
                    percent_of(total > 0 ? bytes / total : 0), ""};
  if (value_of<bool>(record, "waiting").value_or(false)) line.verb = "waiting for another process that downloads";
  const double speed = value_of<double>(record, "bytes_per_second").value_or(0);
  if (speed > 0) line.rest = ", " + bytes_text(static_cast<std::int64_t>(speed)) + "/s";
  if (const auto left = value_of<double>(record, "seconds_left")) line.rest += ", " + duration_text(*left) + " left";
  return line;
}

std::optional<ProgressLine> import_line(const LogRecord& record) {
  const auto bytes = static_cast<double>(value_of<std::int64_t>(record, "bytes").value_or(0));
  const auto total = static_cast<double>(value_of<std::int64_t>(record, "total_bytes").value_or(0));
  const std::string stage = value_of<std::string>(record, "stage").value_or("");
  ProgressLine line{"importing", value_of<std::string>(record, "model").value_or("the model"),
                    percent_of(total > 0 ? bytes / total : 0), ""};
  if (stage == "waiting") line.verb = "waiting for another process that imports";
  if (stage == "quantizing") line.verb = "quantising";
  if (const auto left = value_of<double>(record, "seconds_left")) line.rest = ", " + duration_text(*left) + " left";
  return line;
}

std::optional<ProgressLine> line_of(const LogRecord& record) {
  if (record.event == "load_progress") return load_line(record);
  if (record.event == "download_progress") return download_line(record);
  if (record.event == "import_progress") return import_line(record);
  return std::nullopt;
}

}  // namespace

std::string to_text(const ProgressLine& what, std::size_t columns) {
  constexpr std::size_t cells = 20;
  const std::size_t full = cells * static_cast<std::size_t>(what.percent) / 100;
  const std::string number = std::to_string(what.percent) + "%";
  const std::string name = printable(std::string_view(what.file).substr(what.file.find_last_of('/') + 1));
  std::string line = what.verb + " " + name + " [" + std::string(full, '#') + std::string(cells - full, ' ') + "] " +
                     std::string(4 - number.size(), ' ') + number + what.rest;
  if (line.size() > columns) line = what.verb + " " + number + what.rest;
  if (line.size() > columns) line = what.verb + " " + number;
  line.resize(std::min(line.size(), columns));
  return line;
}

Progress::Progress(bool wanted) : finished_(!wanted) {
  if (wanted) sink_ = add_log_sink(LogLevel::debug, [this](const LogRecord& record) { show(record); });
}

void Progress::show(const LogRecord& record) {
  const auto what = line_of(record);
  if (!what) return;
  // One column stays free, because a full line would wrap and could not be overwritten.
  std::string line = to_text(*what, terminal_columns() - 1);
  const std::lock_guard lock(mutex_);
  if (finished_ || line == drawn_) return;
  drawn_ = line;
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
  // This is not under the lock, because destroying the sink waits for a running show().
  sink_ = LogSink();
}

}  // namespace abstractllm::cli
