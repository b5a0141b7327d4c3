// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/usage.hpp"
#include "base/json_element.hpp"

namespace abstractllm::anthropic_messages {

/// The counts of one answer, from all its `usage` objects. Each object has totals so far, not increments.
class MessagesUsage {
 public:
  /// Overwrites the known counts with those of `usage`.
  void replace(JsonElement usage);

  /// Adds the counts of `usage` that are not yet known.
  void complete(JsonElement usage);

  /// Returns the counts. input_tokens is the sum of what the format counts separately: new, written to a cache, read
  /// from a cache.
  Usage counts() const;

 private:
  Usage wire_;  // input_tokens without the cached parts
};

}  // namespace abstractllm::anthropic_messages
