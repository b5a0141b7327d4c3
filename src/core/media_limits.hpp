// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "abstractllm/provider.hpp"
#include "media/opened_media.hpp"

namespace abstractllm {

/// What a provider and its wire format say about attachments. All errors are invalid_argument and name the limit.
class MediaLimits {
 public:
  MediaLimits() {}
  MediaLimits(const Provider& provider, const MediaSupport& support)
      : provider_(provider.name),
        images_(provider.image_limits),
        audio_(provider.audio_limits),
        audio_formats_(support.audio_formats) {}

  /// Checks the number of images of a request.
  Result<void> check_count(std::int64_t images) const;

  /// Checks one attachment of a request with this many images.
  Result<void> check(MediaKind kind, const OpenedMedia& media, std::int64_t images) const;

  /// Checks the length of all recordings of a request together.
  Result<void> check_length(double seconds) const;

 private:
  bool is_too_long(double seconds) const;
  Error over(const std::string& what, std::int64_t value, std::int64_t limit, const std::string& unit) const;
  Result<void> check_image(const OpenedMedia& image, std::int64_t images) const;
  Result<void> check_audio(const OpenedMedia& audio) const;

  std::string provider_;
  ImageLimits images_;
  AudioLimits audio_;
  std::vector<std::string> audio_formats_;
};

}  // namespace abstractllm
