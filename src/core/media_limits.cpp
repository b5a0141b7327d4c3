// SPDX-License-Identifier: Apache-2.0
#include "core/media_limits.hpp"

#include <algorithm>

namespace abstractllm {

Error MediaLimits::over(const std::string& what, std::int64_t value, std::int64_t limit,
                        const std::string& unit) const {
  return {ErrorKind::invalid_argument, what + " " + std::to_string(value) + " " + unit + "; provider " + provider_ +
                                           " takes at most " + std::to_string(limit)};
}

Result<void> MediaLimits::check_count(std::int64_t images) const {
  if (images_.count == 0 || images <= images_.count) return {};
  return over("the request holds", images, images_.count, "images");
}

Result<void> MediaLimits::check(MediaKind kind, const OpenedMedia& media, std::int64_t images) const {
  if (kind == MediaKind::image) return check_image(media, images);
  if (kind == MediaKind::audio) return check_audio(media);
  return {};
}

Result<void> MediaLimits::check_image(const OpenedMedia& image, std::int64_t images) const {
  if (images_.bytes > 0 && image.bytes() > images_.bytes)
    return over(image.label() + " has", image.bytes(), images_.bytes, "bytes");
  const std::int64_t side = std::max(image.type().width, image.type().height);
  const bool many = images_.many > 0 && images > images_.many;
  const std::int64_t longest = many ? images_.side_of_many : images_.side;
  if (longest == 0 || side <= longest) return {};
  std::string what =
      image.label() + " is " + std::to_string(image.type().width) + "x" + std::to_string(image.type().height);
  if (many) what += ", one of " + std::to_string(images);
  return over(what + ": a side of", side, longest, "pixels");
}

Result<void> MediaLimits::check_audio(const OpenedMedia& audio) const {
  const std::string format(audio.type().format);
  if (!audio_formats_.empty() &&
      std::find(audio_formats_.begin(), audio_formats_.end(), format) == audio_formats_.end()) {
    std::string list;
    for (const std::string& each : audio_formats_) list += (list.empty() ? "" : " and ") + each;
    return Error(ErrorKind::invalid_argument, audio.label() + " is " + format + "; provider " + provider_ +
                                                  " takes only " + list +
                                                  ": convert it, for example with ffmpeg: `ffmpeg -i IN OUT.mp3`");
  }
  if (audio_.bytes > 0 && audio.bytes() > audio_.bytes)
    return over(audio.label() + " has", audio.bytes(), audio_.bytes, "bytes");
  const double seconds = audio.type().seconds.value_or(0);
  if (!is_too_long(seconds)) return {};
  // At most 2^36 samples of 1 Hz: it fits.
  const char* has = audio.type().format == "mp3" ? " has" : " states";
  return over(audio.label() + has + " a length of", static_cast<std::int64_t>(seconds), audio_.seconds, "seconds");
}

Result<void> MediaLimits::check_length(double seconds) const {
  if (!is_too_long(seconds)) return {};
  return over("the recordings of the request have a length of", static_cast<std::int64_t>(seconds), audio_.seconds,
              "seconds together");
}

bool MediaLimits::is_too_long(double seconds) const {
  return audio_.seconds > 0 && seconds > static_cast<double>(audio_.seconds);
}

}  // namespace abstractllm
