// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// What the header of a recording says.
struct AudioType {
  std::string_view media_type;    ///< "audio/wav", "audio/mpeg" or "audio/flac"
  std::string_view format;        ///< "wav", "mp3" or "flac", as wire formats name it
  std::optional<double> seconds;  ///< the length that the header states, above 0; an MP3 states none
  std::int64_t begin = 0;         ///< of an MP3: the bytes of its tag, behind which the frames are
};

/// Number of bytes from the beginning that audio_type() reads at most.
inline constexpr std::size_t audio_head_bytes = std::size_t{128} * 1024;

/// Recognises a recording by its content. `head` is its beginning, and `size` is the number of bytes of the whole.
/// Reads headers only, so a recording that is cut off later passes. `label` begins the message, for example "audio 1".
/// Linear in the head. Errors: invalid_argument that names the other format, or what is wrong with the header: cut off,
/// without sound, with a size that is larger than the file.
Result<AudioType> audio_type(std::string_view head, std::int64_t size, std::string_view label);

}  // namespace abstractllm
