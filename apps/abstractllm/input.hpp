// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "abstractllm/message.hpp"
#include "abstractllm/result.hpp"
#include "abstractllm/tool_list.hpp"

namespace abstractllm::cli {

// `wake` is a descriptor that ends a wait when it becomes readable (Interrupt::descriptor()), or -1. The error is then
// `cancelled`.

/// Reads all of standard input as a prompt. A byte order mark at its beginning and one line end (LF or CR LF) at its
/// end are removed. Errors: invalid_argument if it cannot be read or is larger than 64 MiB.
Result<std::string> read_standard_input(int wake);

/// Reads all of standard input as the content of a file. Errors: those of read_standard_input().
Result<std::string> read_standard_input_as_file(int wake);

/// What standard input adds to a prompt that comes from elsewhere.
struct AddedInput {
  std::string text;      ///< as read_standard_input() returns it
  bool ignored = false;  ///< it is open, but its first byte did not arrive in time
};

/// A file is read as a whole. So is a pipe, a socket or a device, if its first byte arrives within one second. A
/// terminal is never read. Neither is a stream that is closed or not open for reading. Errors: those of
/// read_standard_input().
Result<AddedInput> read_added_input(int wake);

/// Reads the conversation in a JSON file of at most 1 GiB. Errors: invalid_argument, which names the file.
Result<std::vector<Message>> read_messages_file(const std::string& path, int wake);

/// Reads the tools in a JSON file of at most 64 MiB. Errors: invalid_argument, which names the file.
Result<std::vector<ListedTool>> read_tools_file(const std::string& path, int wake);

/// Reads the lines of a file or of standard input, one at a time, without their line ends.
class LineReader {
 public:
  /// A `path` of "-" means standard input. Errors: invalid_argument, which names the file.
  static Result<LineReader> open(const std::string& path, int wake);
  ~LineReader();
  LineReader(LineReader&& other) noexcept;
  LineReader& operator=(LineReader&&) = delete;

  struct Line {
    std::string text;
    bool cut = false;       ///< the file ends within this line, without a line end
    bool too_long = false;  ///< longer than 256 MiB; `text` holds only its beginning
  };

  /// Returns the next line, or nothing at the end. Errors: invalid_argument if it cannot be read; cancelled.
  Result<std::optional<Line>> next();

  /// Returns the number of bytes read from the file, up to the end of the last line.
  std::size_t bytes() const { return bytes_; }

 private:
  LineReader(std::string path, int descriptor, int wake);
  /// Reads more. Returns false at the end of the file.
  Result<bool> fill();

  std::string path_;
  int descriptor_;
  int wake_;
  std::string buffer_;
  std::size_t at_ = 0;  // where the next line begins in buffer_
  bool at_end_ = false;
  std::size_t bytes_ = 0;
};

}  // namespace abstractllm::cli
