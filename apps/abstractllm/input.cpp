// SPDX-License-Identifier: Apache-2.0
#include "input.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "output.hpp"

namespace abstractllm::cli {
namespace {

constexpr std::size_t most_prompt_bytes = std::size_t{64} << 20;   // no model reads as much as this
constexpr std::size_t most_messages_bytes = std::size_t{1} << 30;  // it may contain images as base64
constexpr std::size_t most_tools_bytes = std::size_t{64} << 20;
constexpr std::size_t most_line_bytes = std::size_t{256} << 20;
constexpr std::chrono::milliseconds first_byte_time{1000};

using Clock = std::chrono::steady_clock;

enum class Waited { readable, late, woken };

/// Waits until something can be read, or the end is known. Without `most` there is no limit.
Waited wait_readable(int descriptor, int wake, std::optional<std::chrono::milliseconds> most = std::nullopt) {
  const Clock::time_point deadline = Clock::now() + most.value_or(std::chrono::milliseconds(0));
  std::array<pollfd, 2> waits = {pollfd{descriptor, POLLIN, 0}, pollfd{wake, POLLIN, 0}};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    const int timeout = most ? static_cast<int>(std::max<std::int64_t>(left.count(), 0)) : -1;
    const int ready = poll(waits.data(), waits.size(), timeout);
    if (ready == 0) return Waited::late;
    if (ready < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (ready > 0 && waits[1].revents != 0) return Waited::woken;
    return Waited::readable;  // if poll() fails, read() reports the reason
  }
}

Error unreadable(const std::string& what) {
  return {ErrorKind::invalid_argument, "cannot read " + what + ": " + std::strerror(errno)};
}

/// Works like read(), but waits. Errors: cancelled; invalid_argument, which names `what`.
Result<std::size_t> read_some(int descriptor, int wake, std::span<char> into, const std::string& what) {
  for (;;) {
    if (wait_readable(descriptor, wake) == Waited::woken)
      return Error(ErrorKind::cancelled, "stopped while reading " + what);
    const ssize_t count = read(descriptor, into.data(), into.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR && errno != EAGAIN) return unreadable(what);
  }
}

/// Returns the bytes up to the end of the file.
Result<std::string> read_all(int descriptor, int wake, std::size_t most_bytes, const std::string& what) {
  std::string text;
  std::array<char, 65536> buffer;
  for (;;) {
    const Result<std::size_t> count = read_some(descriptor, wake, buffer, what);
    if (!count) return count.error();
    if (*count == 0) return text;
    if (*count > most_bytes - text.size())
      return Error(ErrorKind::invalid_argument,
                   what + " is larger than " + std::to_string(most_bytes >> 20) + " MiB, which is the limit");
    text.append(buffer.data(), *count);
  }
}

void strip(std::string& text) {
  if (text.ends_with('\n')) text.erase(text.size() - (text.ends_with("\r\n") ? 2 : 1));
  if (constexpr std::string_view mark = "\xEF\xBB\xBF"; text.starts_with(mark)) text.erase(0, mark.size());
}

/// Whether the descriptor may be read without taking what a user types.
bool may_be_added(int descriptor) {
  const int flags = fcntl(descriptor, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) != O_WRONLY && !is_terminal(descriptor);
}

bool is_file(int descriptor) {
  struct stat status {};
  return fstat(descriptor, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}

/// Opens the file so that a FIFO without a writer does not block. poll() waits for its data.
int open_to_read(const std::string& path) { return open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); }

/// Returns what `parse` makes of the text of a file. Its errors get the `name` of the file, too.
template <class Value>
Result<Value> read_file(const std::string& path, const std::string& name, std::size_t most_bytes, int wake,
                        Result<Value> (*parse)(std::string_view)) {
  const int descriptor = open_to_read(path);
  if (descriptor < 0) return unreadable(name);
  const Result<std::string> text = read_all(descriptor, wake, most_bytes, name);
  close(descriptor);
  if (!text) return text.error();
  Result<Value> value = parse(*text);
  if (value) return value;
  Error error = std::move(value).error();
  error.message = name + ": " + error.message;
  return error;
}

}  // namespace

Result<std::string> read_standard_input(int wake) {
  Result<std::string> text = read_all(STDIN_FILENO, wake, most_prompt_bytes, "the prompt from standard input");
  if (text) strip(*text);
  return text;
}

Result<std::string> read_standard_input_as_file(int wake) {
  return read_all(STDIN_FILENO, wake, most_prompt_bytes, "the file from standard input");
}

Result<AddedInput> read_added_input(int wake) {
  AddedInput added;
  if (!may_be_added(STDIN_FILENO)) return added;
  if (!is_file(STDIN_FILENO) && wait_readable(STDIN_FILENO, wake, first_byte_time) == Waited::late) {
    added.ignored = true;
    return added;
  }
  Result<std::string> text = read_all(STDIN_FILENO, wake, most_prompt_bytes, "standard input");
  if (!text) return std::move(text).error();
  strip(*text);
  added.text = *std::move(text);
  return added;
}

Result<std::vector<Message>> read_messages_file(const std::string& path, int wake) {
  return read_file(path, "messages file '" + path + "'", most_messages_bytes, wake, messages_from_json);
}

Result<std::vector<ListedTool>> read_tools_file(const std::string& path, int wake) {
  return read_file(path, "tools file '" + path + "'", most_tools_bytes, wake, tools_from_json);
}

LineReader::LineReader(std::string path, int descriptor, int wake)
    : path_(std::move(path)), descriptor_(descriptor), wake_(wake) {}

LineReader::LineReader(LineReader&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      wake_(other.wake_),
      buffer_(std::move(other.buffer_)),
      at_(other.at_),
      at_end_(other.at_end_),
      bytes_(other.bytes_) {}

LineReader::~LineReader() {
  if (descriptor_ > STDIN_FILENO) close(descriptor_);
}

Result<LineReader> LineReader::open(const std::string& path, int wake) {
  if (path == "-") return LineReader("standard input", STDIN_FILENO, wake);
  const std::string name = "'" + path + "'";
  const int descriptor = open_to_read(path);
  if (descriptor < 0) return unreadable(name);
  struct stat status {};
  if (fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) {
    close(descriptor);
    errno = EISDIR;
    return unreadable(name);
  }
  return LineReader(name, descriptor, wake);
}

Result<bool> LineReader::fill() {
  buffer_.erase(0, std::exchange(at_, 0));
  const std::size_t size = buffer_.size();
  constexpr std::size_t piece_bytes = 65536;
  buffer_.resize(size + piece_bytes);
  const Result<std::size_t> count = read_some(descriptor_, wake_, std::span(buffer_).subspan(size), path_);
  buffer_.resize(size + (count ? *count : 0));
  if (!count) return count.error();
  at_end_ = *count == 0;
  return !at_end_;
}

Result<std::optional<LineReader::Line>> LineReader::next() {
  Line line;
  std::size_t searched = at_;
  for (;;) {
    const std::size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos || at_end_) {
      const bool nothing_left = end == std::string::npos && at_ == buffer_.size();
      if (nothing_left && line.text.empty()) return std::optional<Line>();
      const std::size_t size = std::min(end, buffer_.size()) - at_;
      if (!line.too_long) line.text.assign(buffer_, at_, size);
      bytes_ += size + (end == std::string::npos ? 0 : 1);
      at_ = end == std::string::npos ? buffer_.size() : end + 1;
      line.cut = end == std::string::npos;
      return std::optional(std::move(line));
    }
    if (buffer_.size() - at_ > most_line_bytes) {
      if (!std::exchange(line.too_long, true)) line.text.assign(buffer_, at_, 100);
      bytes_ += buffer_.size() - at_;
      at_ = buffer_.size();
    }
    searched = buffer_.size() - at_;  // fill() moves the rest to the front
    if (const Result<bool> more = fill(); !more) return more.error();
  }
}

}  // namespace abstractllm::cli
