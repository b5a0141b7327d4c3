// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "abstractllm/warning.hpp"

namespace abstractllm {

/// Makes the result of a tool fit to be sent: bytes that are not UTF-8 become U+FFFD, and a result above `most_bytes`
/// is cut, with a sentence that says so. Adds a Warning for each change. `tool` is its name.
void fit_result(std::string& text, const std::string& tool, std::size_t most_bytes, std::vector<Warning>& warnings);

/// The same for all results of one round together: a model may call a tool any number of times.
class RoundBytes {
 public:
  explicit RoundBytes(std::size_t most_bytes) : most_(most_bytes), left_(most_bytes) {}

  /// Cuts what does not fit beside the earlier results. Takes valid UTF-8.
  void fit(std::string& text, std::vector<Warning>& warnings);

 private:
  std::size_t most_;
  std::size_t left_;
};

}  // namespace abstractllm
