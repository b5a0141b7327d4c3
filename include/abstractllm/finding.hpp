// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "abstractllm/export.hpp"

namespace abstractllm {

/// What a provider would do with a part of a call.
enum class FindingAction {
  dropped,  ///< it is not sent
  changed,  ///< something else is sent
  refused,  ///< the call fails before anything is sent
};

/// Returns "dropped", "changed" or "refused".
ABSTRACTLLM_API std::string_view to_string(FindingAction action) noexcept;

/// Something that a call would do differently from what was asked. Llm::check() returns them.
class ABSTRACTLLM_API Finding {
 public:
  Finding(FindingAction what, std::string finding_code, std::string finding_message)
      : action(what), code(std::move(finding_code)), message(std::move(finding_message)) {}

  FindingAction action;
  std::string code;                          ///< the code of the Warning, or the kind of the Error
  std::string message;                       ///< the words of the Warning or Error
  std::string option;                        ///< the option that it is about, or empty
  std::optional<std::size_t> message_index;  ///< the message that it is about, counted from 0

  bool operator==(const Finding&) const = default;
};

/// Returns one JSON object on one line: {"action", "code", "message", "option"?, "message_index"?}.
ABSTRACTLLM_API std::string to_json(const Finding& finding);

}  // namespace abstractllm
