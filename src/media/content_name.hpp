// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace abstractllm {

/// What bytes are, as far as advice depends on it.
enum class Content { picture, audio, video, document, text, other };

/// What bytes look like.
struct ContentName {
  std::string_view name;  ///< for the middle of a sentence: "a HEIC picture"
  Content content = Content::other;
};

/// Names bytes by how they begin, for errors. It knows what people try in place of the supported formats, and the
/// supported formats themselves. Linear in the first kilobyte.
ContentName content_name(std::string_view head);

/// Whether `expected` stands at `offset`.
bool begins_as(std::string_view bytes, std::string_view expected, std::size_t offset = 0);

}  // namespace abstractllm
