// SPDX-License-Identifier: Apache-2.0
#include "media/audio_type.hpp"

#include <algorithm>
#include <string>

#include "media/byte_numbers.hpp"
#include "media/content_name.hpp"
#include "media/mp3_length.hpp"

namespace abstractllm {
namespace {

/// A header, or what is wrong with it as the end of a sentence: "is a WAV recording …".
struct Reading {
  AudioType type;
  std::string problem;
};

Reading wrong(std::string problem) { return {{}, std::move(problem)}; }

/// Multimedia Programming Interface and Data Specifications 1.0 (1991): RIFF, "WAVE", then chunks of a name, a size and
/// that many bytes, padded to an even number.
Reading wav(std::string_view head, std::int64_t size) {
  std::int64_t rate = 0;
  std::int64_t frame = 0;
  std::int64_t at = 12;
  const auto in_head = [&](std::int64_t end) { return end <= static_cast<std::int64_t>(head.size()); };
  while (in_head(at + 8)) {
    const std::string_view name = head.substr(static_cast<std::size_t>(at), 4);
    const std::int64_t bytes = little_endian(head, static_cast<std::size_t>(at) + 4, 4);
    const auto body = static_cast<std::size_t>(at) + 8;
    if (name == "fmt ") {
      if (bytes < 16 || !in_head(at + 24)) return wrong("is a WAV recording with a broken format header ('fmt ')");
      rate = little_endian(head, body + 4, 4);
      frame = little_endian(head, body + 12, 2);
      if (little_endian(head, body + 2, 2) == 0 || rate == 0 || frame == 0)
        return wrong("is a WAV recording whose header names no channels, no sample rate or empty samples");
    }
    if (name == "data") {
      if (frame == 0) return wrong("is a WAV recording without a format header ('fmt ') before its sound");
      if (bytes < frame || at + 8 + frame > size) return wrong("is a WAV recording without sound");
      const std::int64_t samples = bytes / frame;
      return {{"audio/wav", "wav", static_cast<double>(samples) / static_cast<double>(rate)}, ""};
    }
    at += 8 + bytes + bytes % 2;
  }
  // What stands before the sound may be longer than the head.
  if (at + 8 <= size && static_cast<std::int64_t>(head.size()) < size) return {{"audio/wav", "wav", {}}, ""};
  return wrong("is a WAV recording that ends before its sound: it is cut off, or its chunks claim too many bytes");
}

/// RFC 9639 §8: the marker, then the header and the body of STREAMINFO.
Reading flac(std::string_view head) {
  constexpr std::size_t stream_info_end = 4 + 4 + 34;
  if (head.size() < stream_info_end) return wrong("is a FLAC recording whose header is cut off");
  if ((byte_at(head, 4) & 0x7F) != 0 || big_endian(head, 5, 3) != 34)
    return wrong("is a FLAC recording that does not begin with its stream information");
  const std::int64_t rate = big_endian(head, 18, 3) >> 4;
  const std::int64_t samples = (byte_at(head, 21) & 0x0F) << 32 | big_endian(head, 22, 4);
  if (rate == 0) return wrong("is a FLAC recording whose header names no sample rate");
  AudioType type{"audio/flac", "flac", {}};
  if (samples > 0) type.seconds = static_cast<double>(samples) / static_cast<double>(rate);
  return {type, ""};
}

/// id3.org, ID3v2.3.0 §3.1: a tag of the bytes that seven bits of four bytes name, then the frames, perhaps behind some
/// padding.
Reading tagged_mp3(std::string_view head, std::int64_t size) {
  constexpr std::int64_t tag_header = 10;
  if (static_cast<std::int64_t>(head.size()) < tag_header) return wrong("is an MP3 recording whose tag is cut off");
  std::int64_t tag = 0;
  for (std::size_t i = 6; i < 10; ++i) {
    if (byte_at(head, i) >= 0x80) return wrong("is an MP3 recording with a broken ID3 tag");
    tag = tag << 7 | byte_at(head, i);
  }
  const std::int64_t begin = tag_header + tag + ((byte_at(head, 5) & 0x10) != 0 ? tag_header : 0);
  if (begin >= size)
    return wrong("is an MP3 recording whose ID3 tag claims " + std::to_string(tag) + " bytes, so no sound is left of " +
                 std::to_string(size));
  const AudioType type{"audio/mpeg", "mp3", {}, begin};
  constexpr std::int64_t most_padding = 8192;
  if (begin + most_padding > static_cast<std::int64_t>(head.size()) && static_cast<std::int64_t>(head.size()) < size)
    return {type, ""};  // the frames begin behind the head
  const std::int64_t end = std::min(begin + most_padding, static_cast<std::int64_t>(head.size()));
  for (std::int64_t at = begin; at + 4 <= end; ++at)
    if (is_mp3_at(head, static_cast<std::size_t>(at))) return {type, ""};
  return wrong("is an ID3 tag without MP3 sound behind it");
}

std::string audio_advice(Content content) {
  switch (content) {
    case Content::audio:
    case Content::video: return "; convert it, for example with ffmpeg: `ffmpeg -i IN OUT.mp3`";
    case Content::picture: return "; a picture is given as an image, not as audio";
    case Content::document: return "; a document is given as a file, not as audio";
    case Content::text:
    case Content::other: break;
  }
  return {};
}

}  // namespace

Result<AudioType> audio_type(std::string_view head, std::int64_t size, std::string_view label) {
  const auto unfit = [&](const std::string& problem) {
    return Error(ErrorKind::invalid_argument, std::string(label) + " " + problem);
  };
  if (head.empty()) return unfit("is empty");
  Reading reading = wrong("");
  if (begins_as(head, "RIFF") && begins_as(head, "WAVE", 8)) reading = wav(head, size);
  else if (begins_as(head, "fLaC")) reading = flac(head);
  else if (begins_as(head, "ID3") && content_name(head).content == Content::audio) reading = tagged_mp3(head, size);
  else if (is_mp3_at(head, 0)) reading.type = {"audio/mpeg", "mp3", {}};
  if (!reading.problem.empty()) return unfit(reading.problem);
  if (!reading.type.format.empty()) return reading.type;
  const ContentName what = content_name(head);
  return unfit("is " + std::string(what.name) + "; it must be WAV, MP3 or FLAC" + audio_advice(what.content));
}

}  // namespace abstractllm
