// SPDX-License-Identifier: Apache-2.0
#include "tool_program.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>

#include "abstractllm/registry.hpp"
#include "child_process.hpp"

namespace abstractllm::cli {
namespace {

using std::chrono::milliseconds;
using Moment = std::chrono::steady_clock::time_point;

constexpr std::size_t kept_error_bytes = 2000;
constexpr std::size_t more_than_the_limit = 64;  // so that the library sees that the result is too large
constexpr milliseconds time_to_end{1000};        // from SIGTERM to SIGKILL
constexpr milliseconds time_to_die{1000};        // after SIGKILL, for a program that is stuck in the system
constexpr milliseconds time_for_the_rest{200};   // after the program's end, for output of what it has started
constexpr int longest_wait_ms = 50;

Moment now() { return std::chrono::steady_clock::now(); }

/// The first or the last bytes of a stream, and the number of all.
class Kept {
 public:
  enum class Side { first, last };
  Kept(Side side, std::size_t most) : side_(side), most_(most) {}

  void add(std::string_view bytes) {
    bytes_ += bytes.size();
    if (side_ == Side::first) bytes = bytes.substr(0, most_ - text_.size());
    text_ += bytes;
    if (side_ == Side::last && text_.size() > 64 * most_) text_.erase(0, text_.size() - most_);
  }
  bool is_cut() const { return bytes_ > most_; }
  /// Returns what was kept. It begins with a whole character.
  std::string take() {
    if (side_ == Side::last && is_cut()) {
      text_.erase(0, text_.size() - most_);
      const auto whole = std::find_if(text_.begin(), text_.end(), [](char c) { return (c & 0xc0) != 0x80; });
      text_.erase(text_.begin(), whole);
    }
    return std::move(text_);
  }

 private:
  Side side_;
  std::size_t most_;
  std::size_t bytes_ = 0;
  std::string text_;
};

/// One run of a program: moves bytes until it has ended.
class ProgramRun {
 public:
  ProgramRun(ChildProcess& child, std::string_view input, std::size_t most_output_bytes)
      : child_(child),
        input_(input),
        output_(Kept::Side::first, most_output_bytes + more_than_the_limit),
        errors_(Kept::Side::last, kept_error_bytes) {}

  /// Returns how the program ended, or nullopt if it does not end although it was killed.
  std::optional<ProcessEnd> wait(const std::stop_token& stop) {
    for (;;) {
      if (stop.stop_requested() && !stopped_) begin_stop();
      if (stopped_ && !is_over()) end_stop();
      if (!end_) see_end();
      if (is_over()) return end_;
      move_bytes();
    }
  }

  bool was_stopped() const { return stopped_; }
  Kept& output() { return output_; }
  Kept& errors() { return errors_; }

 private:
  bool is_over() const {
    if (given_up_) return true;
    if (!end_) return false;
    return stopped_ || (child_.output() < 0 && child_.errors() < 0) || now() >= rest_until_;
  }

  void see_end() {
    end_ = child_.end();
    if (!end_) return;
    child_.close_input();
    rest_until_ = now() + time_for_the_rest;
  }

  void begin_stop() {
    stopped_ = true;
    kill_at_ = now() + time_to_end;
    child_.close_input();
    child_.signal_group(SIGTERM);
  }

  void end_stop() {
    if (now() < kill_at_) return;
    if (killed_) {
      given_up_ = true;
    } else {
      killed_ = true;
      kill_at_ = now() + time_to_die;
      child_.signal_group(SIGKILL);
    }
  }

  /// Waits until something can be moved, at most longest_wait_ms.
  void move_bytes() {
    if (input_.empty()) child_.close_input();
    std::array<pollfd, 3> waits = {pollfd{child_.input(), POLLOUT, 0}, pollfd{child_.output(), POLLIN, 0},
                                   pollfd{child_.errors(), POLLIN, 0}};
    // A program usually ends right after it has closed its output.
    const bool silent = child_.output() < 0 && child_.errors() < 0;
    wait_ms_ = silent ? std::min(2 * wait_ms_, longest_wait_ms) : longest_wait_ms;
    if (poll(waits.data(), waits.size(), wait_ms_) <= 0) return;
    if (waits[0].revents != 0) write_input();
    if (waits[1].revents != 0 && !read(child_.output(), output_)) child_.close_output();
    if (waits[2].revents != 0 && !read(child_.errors(), errors_)) child_.close_errors();
    if (child_.output() < 0 && child_.errors() < 0 && !silent) wait_ms_ = 1;
  }

  void write_input() {
    const ssize_t count = ::write(child_.input(), input_.data(), input_.size());
    if (count >= 0) {
      input_.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR && errno != EAGAIN) {
      child_.close_input();  // the program does not read it, which is its right
    }
  }

  /// Returns false at the end.
  bool read(int descriptor, Kept& into) {
    const ssize_t count = ::read(descriptor, buffer_.data(), buffer_.size());
    if (count > 0) into.add(std::string_view(buffer_.data(), static_cast<std::size_t>(count)));
    return count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN));
  }

  ChildProcess& child_;
  std::string_view input_;
  Kept output_;
  Kept errors_;
  std::optional<ProcessEnd> end_;
  Moment rest_until_;
  Moment kill_at_;
  bool stopped_ = false;
  bool killed_ = false;
  bool given_up_ = false;
  int wait_ms_ = longest_wait_ms;
  std::array<char, 65536> buffer_;
};

void trim_end(std::string& text) { text.erase(text.find_last_not_of(" \t\r\n") + 1); }

Error failed(const std::string& program, const ProcessEnd& end, ProgramRun& run) {
  std::string message = "the command '" + program + "' ";
  if (end.by_signal) {
    message += "was killed by signal " + std::to_string(end.number) + " (" + strsignal(end.number) + ")";
  } else {
    message += "ended with exit status " + std::to_string(end.number);
  }
  const bool cut = run.errors().is_cut();
  std::string complaint = run.errors().take();
  trim_end(complaint);
  if (!complaint.empty()) message += (cut ? ". The end of its standard error: …" : ": ") + complaint;
  return {ErrorKind::tool_failed, std::move(message)};
}

}  // namespace

ToolProgram::ToolProgram(std::vector<std::string> words, std::vector<std::string> environment,
                         std::size_t most_output_bytes)
    : words_(std::move(words)), environment_(std::move(environment)), most_output_bytes_(most_output_bytes) {}

Result<std::string> ToolProgram::run(std::string_view input, const std::stop_token& stop) const {
  Result<ChildProcess> child = ChildProcess::start(words_, environment_);
  if (!child) return std::move(child).error();
  ProgramRun run(*child, input, most_output_bytes_);
  const std::optional<ProcessEnd> end = run.wait(stop);
  if (run.was_stopped()) return Error(ErrorKind::cancelled, "the command '" + words_.front() + "' was stopped");
  if (end->by_signal || end->number != 0) return failed(words_.front(), *end, run);
  const bool cut = run.output().is_cut();
  std::string text = run.output().take();
  if (cut)
    text += "\n[The rest is left out: the command wrote more than " + std::to_string(most_output_bytes_) + " bytes.]";
  return text;
}

std::vector<std::string> environment_without_keys(const std::vector<std::string>& wanted) {
  const std::vector<std::string> keys = key_variables();
  std::vector<std::string> kept;
  for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
    const std::string_view variable = *each;
    const std::string name(variable.substr(0, variable.find('=')));
    if (std::find(wanted.begin(), wanted.end(), name) == wanted.end() &&
        std::binary_search(keys.begin(), keys.end(), name))
      continue;
    kept.emplace_back(variable);
  }
  return kept;
}

}  // namespace abstractllm::cli
