// SPDX-License-Identifier: Apache-2.0
#include "approval.hpp"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "abstractllm/json.hpp"
#include "output.hpp"
#include "visible.hpp"

namespace abstractllm::cli {
namespace {

constexpr char end_of_input = '\x04';  // also what Ctrl-D sends

/// The terminal of this process, which gives each key as it is typed.
class KeyTerminal {
 public:
  KeyTerminal() : descriptor_(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
    if (!is_open() || tcgetattr(descriptor_, &before_) != 0) return;
    termios keys = before_;
    keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    keys.c_cc[VMIN] = 1;
    keys.c_cc[VTIME] = 0;
    // What was typed before the question is no answer to it.
    changed_ = tcsetattr(descriptor_, TCSAFLUSH, &keys) == 0;
  }
  ~KeyTerminal() {
    if (changed_) tcsetattr(descriptor_, TCSADRAIN, &before_);
    if (is_open()) close(descriptor_);
  }
  KeyTerminal(const KeyTerminal&) = delete;
  KeyTerminal& operator=(const KeyTerminal&) = delete;

  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

  /// Returns the next key, or end_of_input.
  char next_key(int wake, const std::stop_token& stop) const {
    constexpr int look_at_stop_ms = 100;
    while (!stop.stop_requested()) {
      std::array<pollfd, 2> waits = {pollfd{descriptor_, POLLIN, 0}, pollfd{wake, POLLIN, 0}};
      const int ready = poll(waits.data(), waits.size(), look_at_stop_ms);
      if (ready > 0 && waits[1].revents != 0) return end_of_input;
      if (ready <= 0) continue;
      char key = end_of_input;
      const ssize_t count = read(descriptor_, &key, 1);
      if (count == 1) return key;
      if (count == 0 || (errno != EINTR && errno != EAGAIN)) return end_of_input;
    }
    return end_of_input;
  }

  /// An arrow key sends several bytes, which may come late. None of them must answer the next question.
  void skip_rest_of_key() const {
    constexpr int silence_ms = 50;
    constexpr int most_bytes = 64;
    char rest = 0;
    pollfd waits{descriptor_, POLLIN, 0};
    for (int count = 0; count < most_bytes && poll(&waits, 1, silence_ms) > 0; ++count)
      if (read(descriptor_, &rest, 1) != 1) return;
  }

 private:
  int descriptor_;
  bool changed_ = false;
  termios before_{};
};

/// Returns the words as one line. A word with other than plain characters is in quotation marks.
std::string shown_command(const std::vector<std::string>& words) {
  const auto is_plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("_-./=:,@%+").find(c) != std::string_view::npos;
  };
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    line += !word.empty() && std::all_of(word.begin(), word.end(), is_plain) ? word : json_string(word);
  }
  return visible(line);
}

std::string question(const ToolCall& call, const std::vector<std::string>& words) {
  std::string text = "\nThe model calls " + visible(call.name) + ".\n  command:   " + shown_command(words);
  text += "\n  arguments: " + visible(call.arguments_json);
  // Once more: long arguments may have scrolled it away, or look like another one where they wrap.
  text += "\nRun " + shown_command(words) + "?";
  return text + " y: yes, n: no, a: all calls of " + visible(call.name) + " in this run [no] ";
}

}  // namespace

TerminalApproval::TerminalApproval(ToolCommands commands, int wake) : commands_(std::move(commands)), wake_(wake) {}

bool TerminalApproval::is_possible() {
  const int descriptor = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (descriptor >= 0) close(descriptor);
  return descriptor >= 0;
}

Approval TerminalApproval::decide(const ToolCall& call, const ToolContext& context) {
  const auto command = commands_.find(call.name);
  if (command == commands_.end()) return Approval::allow();
  const std::lock_guard lock(mutex_);
  if (allowed_.contains(call.name)) return Approval::allow();
  const KeyTerminal terminal;
  if (!terminal.is_open()) return Approval::deny("the user could not be asked, because the terminal is gone");
  Output screen(terminal.descriptor(), "/dev/tty");
  screen.give_up_when_readable(wake_);
  screen.write(question(call, command->second));
  while (!screen.broken()) {
    const char key = terminal.next_key(wake_, context.stop_token());
    if (key == 'y' || key == 'a') {
      const bool all = key == 'a';
      if (all) allowed_.insert(call.name);
      screen.write(all ? "all\n" : "yes\n");
      return Approval::allow();
    }
    if (std::string_view("nN\r\n\x1b").find(key) == std::string_view::npos && key != end_of_input) continue;
    if (key == '\x1b') terminal.skip_rest_of_key();
    screen.write("no\n");
    break;
  }
  return Approval::deny();
}

}  // namespace abstractllm::cli
