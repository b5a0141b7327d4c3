// SPDX-License-Identifier: Apache-2.0
#include "input.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>

namespace abstractllm::cli {
namespace {

// The bytes up to the end of file, or nothing, with errno set.
std::optional<std::string> read_all(int descriptor) {
  std::string text;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t count = read(descriptor, buffer.data(), buffer.size());
    if (count == 0) return text;
    if (count > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      return std::nullopt;
    }
  }
}

Error unreadable(const std::string& what) {
  return {ErrorKind::invalid_argument, "cannot read " + what + ": " + std::strerror(errno)};
}

}  // namespace

Result<std::string> read_standard_input() {
  std::optional<std::string> text = read_all(STDIN_FILENO);
  if (!text) return unreadable("the prompt from standard input");
  if (text->ends_with('\n')) text->pop_back();
  return *std::move(text);
}

Result<std::vector<Message>> read_messages_file(const std::string& path) {
  const std::string name = "messages file '" + path + "'";
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return unreadable(name);
  const std::optional<std::string> text = read_all(descriptor);
  const int read_error = errno;
  close(descriptor);
  errno = read_error;
  if (!text) return unreadable(name);
  Result<std::vector<Message>> messages = messages_from_json(*text);
  if (messages) return messages;
  Error error = std::move(messages).error();
  error.message = name + ": " + error.message;
  return error;
}

}  // namespace abstractllm::cli
