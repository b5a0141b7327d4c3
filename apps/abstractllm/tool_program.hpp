// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/result.hpp"

namespace abstractllm::cli {

/// The command of a tool. It can run several times at once.
class ToolProgram {
 public:
  /// `environment` has elements NAME=VALUE. Of the output, about `most_output_bytes` are kept.
  ToolProgram(std::vector<std::string> words, std::vector<std::string> environment, std::size_t most_output_bytes);

  /// The program and its arguments.
  const std::vector<std::string>& words() const { return words_; }

  /// Runs the program once, in the current folder, and waits for its end. `input` is its standard input, which it need
  /// not read. Returns its standard output. If that is larger than the limit, a sentence at its end says so, and what
  /// was kept is longer than the limit.
  ///
  /// When a stop is requested, the program and everything that it started are asked to end (SIGTERM), and are killed a
  /// second later. What the program has started does not outlive it: it is killed, too.
  ///
  /// Errors: tool_failed if the program cannot be started, ends with another status than 0, or is killed; the message
  /// has the end of its standard error. cancelled if it was stopped.
  Result<std::string> run(std::string_view input, const std::stop_token& stop) const;

 private:
  std::vector<std::string> words_;
  std::vector<std::string> environment_;
  std::size_t most_output_bytes_;
};

/// Returns the variables of this process, without those of keys (key_variables()) that are not in `wanted`. Call it
/// before threads start.
std::vector<std::string> environment_without_keys(const std::vector<std::string>& wanted);

}  // namespace abstractllm::cli
