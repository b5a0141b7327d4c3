// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace abstractllm {

/// The header of an MP3 frame.
struct Mp3Frame {
  std::int64_t bytes = 0;  ///< of the whole frame; 0: this is no frame
  std::int64_t samples = 0;
  std::int64_t rate = 0;  ///< samples in a second, above 0
};

/// Reads the header of a frame of layer III: ISO/IEC 11172-3 §2.4.1.3 and 13818-3. Not a free bit rate, where a frame
/// does not say how long it is.
Mp3Frame mp3_frame(std::string_view bytes, std::size_t at);

/// Whether a frame begins here, and another one behind it, as far as the bytes reach.
bool is_mp3_at(std::string_view bytes, std::size_t at);

/// Counts how long an MP3 plays. Reads the frames' headers and decodes nothing. Linear; keeps a few frames at most.
class Mp3Length {
 public:
  /// `begin` is where the frames begin, behind a tag.
  explicit Mp3Length(std::int64_t begin) : skip_(begin) {}

  /// The next bytes of the file.
  void add(std::string_view bytes);

  /// How long the frames are that have begun so far.
  double seconds();

 private:
  void count(std::size_t needed);

  std::int64_t skip_;     // bytes before the next header
  std::string bytes_;     // from there on
  bool follows_ = false;  // a frame ended just here
  double seconds_ = 0;
};

}  // namespace abstractllm
