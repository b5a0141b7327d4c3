// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace abstractllm {

/// A problem that did not stop the call, for example an option that was not sent. docs/errors.md lists the codes.
struct Warning {
  std::string code;     ///< stable word to test for: "length_limit", "option_ignored"
  std::string message;  ///< for people
  bool operator==(const Warning&) const = default;
};

}  // namespace abstractllm
