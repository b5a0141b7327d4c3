// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/usage.hpp"
#include "base/json_element.hpp"

namespace abstractllm::anthropic_messages {

/// The counts of one answer, from all the `usage` objects that come in it. Each is the whole so far, not an addition.
class MessagesUsage {
 public:
  /// Takes the counts that are there over those that are known.
  void replace(JsonElement usage);

  /// Takes the counts that are there for those that are not known.
  void complete(JsonElement usage);

  /// With input_tokens as the sum of what the format counts apart: new, written to a cache, read from one.
  Usage counts() const;

 private:
  Usage wire_;  // input_tokens without the cached parts
};

}  // namespace abstractllm::anthropic_messages
