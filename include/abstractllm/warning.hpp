// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace abstractllm {

/// Something that was not as asked, but did not stop the call.
struct Warning {
  std::string code;     ///< stable word to test for: "length_limit", "option_ignored"
  std::string message;  ///< for people
  bool operator==(const Warning&) const = default;
};

}  // namespace abstractllm
