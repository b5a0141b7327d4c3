// SPDX-License-Identifier: Apache-2.0
#include "output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <utility>

namespace abstractllm::cli {
namespace {

// poll() guarantees room for this much in a pipe. A longer write could block although poll() said "writable".
constexpr std::size_t longest_write_bytes = 4096;

// Returns the number of bytes of the control character at the front of `text`, or 0. These are C0, DEL, and in their
// UTF-8 form C1, the line separators, and the characters that change the direction of text.
std::size_t control_length(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  if (byte(0) < 0x20 || byte(0) == 0x7f) return 1;
  if (byte(0) == 0xc2 && text.size() > 1 && byte(1) >= 0x80 && byte(1) <= 0x9f) return 2;
  if (text.starts_with("\xd8\x9c")) return 2;
  if (text.size() < 3 || byte(0) != 0xe2) return 0;
  const bool in_80 = byte(1) == 0x80 && (byte(2) == 0x8e || byte(2) == 0x8f || (byte(2) >= 0xa8 && byte(2) <= 0xae));
  const bool in_81 = byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9;
  return in_80 || in_81 ? 3 : 0;
}

std::string without_controls(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = control_length(text);
    if (length == 0 || text.front() == '\n' || text.front() == '\t') kept += text.front();
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return kept;
}

}  // namespace

Output::Output(int descriptor, std::string name)
    : descriptor_(descriptor), name_(std::move(name)), terminal_(is_terminal(descriptor)) {}

void Output::write(std::string_view text) {
  if (text.empty()) return;
  within_line_ = text.back() != '\n';
  if (terminal_) {
    write_bytes(without_controls(text));
  } else {
    write_bytes(text);
  }
}

void Output::close() {
  if (::close(descriptor_) == 0 || broken()) return;
  state_ = State::failed;
  failure_ = errno;
}

bool Output::wait_until_writable() {
  std::array<pollfd, 2> waits = {pollfd{descriptor_, POLLOUT, 0}, pollfd{wake_, POLLIN, 0}};
  while (poll(waits.data(), waits.size(), -1) < 0) {
    if (errno != EINTR && errno != EAGAIN) return true;
  }
  return waits[0].revents != 0;
}

void Output::write_bytes(std::string_view bytes) {
  while (!bytes.empty() && !broken()) {
    if (!wait_until_writable()) {
      state_ = State::given_up;
      return;
    }
    const ssize_t count = ::write(descriptor_, bytes.data(), std::min(bytes.size(), longest_write_bytes));
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EPIPE) {
      state_ = State::closed;
    } else if (errno != EINTR && errno != EAGAIN) {
      state_ = State::failed;
      failure_ = errno;
    }
  }
}

void write_error_line(std::string_view line) {
  std::string bytes(line);
  bytes += '\n';
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const ssize_t count = ::write(STDERR_FILENO, rest.data(), rest.size());
    if (count < 0 && errno != EINTR) return;
    if (count > 0) rest.remove_prefix(static_cast<std::size_t>(count));
  }
}

void open_missing_standard_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) >= 0) continue;
    // This takes the lowest free number, which is this one. Nothing can be done if it fails.
    if (open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) return;
  }
}

bool is_terminal(int descriptor) { return isatty(descriptor) == 1; }

bool share_a_place(int one, int other) {
  if (is_terminal(one) && is_terminal(other)) return true;
  struct stat first {};
  struct stat second {};
  return fstat(one, &first) == 0 && fstat(other, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

std::string printable(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = control_length(text);
    line += length == 0 ? text.front() : ' ';
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return line;
}

}  // namespace abstractllm::cli
