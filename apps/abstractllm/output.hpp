// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace abstractllm::cli {

/// Standard output (or another descriptor, which the caller owns), unbuffered: the data has left the process when
/// write() returns.
///
/// On a terminal, control characters other than newline and tab are left out, because a model's text is untrusted and
/// could otherwise control the terminal. Files and pipes get the bytes unchanged.
class Output {
 public:
  /// `name` is used in errors: "standard output", or the file.
  explicit Output(int descriptor = 1, std::string name = "standard output");

  const std::string& name() const { return name_; }

  /// Writes all of `text`. After the first failure it does nothing.
  void write(std::string_view text);

  /// Closes the descriptor. Some file systems report only then that an earlier write has failed.
  void close();

  /// From now on, a write that would block is abandoned when `descriptor` is readable.
  void give_up_when_readable(int descriptor) { wake_ = descriptor; }

  /// Whether the reader has gone, so that the tool should end quietly.
  bool closed() const { return state_ == State::closed; }

  /// Returns errno of the write that failed, or 0. A reader that has gone is not a failure.
  int failure() const { return failure_; }

  /// Whether a write was abandoned because it would have blocked when the descriptor of give_up_when_readable() was
  /// readable.
  bool given_up() const { return state_ == State::given_up; }

  /// Whether nothing more can be written, for any reason.
  bool broken() const { return state_ != State::open; }

  /// Whether the text written so far ends within a line.
  bool within_line() const { return within_line_; }

 private:
  enum class State { open, closed, failed, given_up };

  bool wait_until_writable();
  void write_bytes(std::string_view bytes);

  int descriptor_;
  std::string name_;
  bool terminal_;
  State state_ = State::open;
  int failure_ = 0;
  int wake_ = -1;
  bool within_line_ = false;
};

/// Writes one line to standard error, in one piece. Failures are ignored, because there is nowhere to report them.
void write_error_line(std::string_view line);

/// Opens the null device in place of standard streams that the parent had closed, so that no file of this process gets
/// their numbers. They are opened in the wrong direction, so reading or writing them still fails.
void open_missing_standard_streams();

/// Whether the descriptor is a terminal.
bool is_terminal(int descriptor);

/// Whether both descriptors write to the same place: one file, pipe or terminal (as `2>&1` makes it), or two terminals.
bool share_a_place(int one, int other);

/// Returns `text` on one line and harmless to a terminal: control characters become spaces.
std::string printable(std::string_view text);

}  // namespace abstractllm::cli
