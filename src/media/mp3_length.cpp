// SPDX-License-Identifier: Apache-2.0
#include "media/mp3_length.hpp"

#include <algorithm>

#include "media/byte_numbers.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t header_bytes = 4;
// 320 kbit/s at 32 kHz, 160 kbit/s at 8 kHz, and padding.
constexpr std::size_t most_frame_bytes = 1441;

}  // namespace

Mp3Frame mp3_frame(std::string_view bytes, std::size_t at) {
  constexpr std::int64_t rates[] = {44100, 48000, 32000};
  constexpr std::int64_t kilobits_1[] = {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320};
  constexpr std::int64_t kilobits_2[] = {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160};
  const std::int64_t header = big_endian(bytes, at, header_bytes);
  const std::int64_t version = header >> 19 & 3;  // 0: MPEG 2.5, 2: MPEG 2, 3: MPEG 1
  const std::int64_t layer = header >> 17 & 3;
  const std::int64_t bitrate = header >> 12 & 15;
  const std::int64_t rate = header >> 10 & 3;
  if (header >> 21 != 0x7FF || version == 1 || layer != 1 || bitrate == 0 || bitrate == 15 || rate == 3) return {};
  Mp3Frame frame;
  frame.samples = version == 3 ? 1152 : 576;
  frame.rate = rates[rate] / (version == 3 ? 1 : version == 2 ? 2 : 4);
  const std::int64_t kilobits = version == 3 ? kilobits_1[bitrate] : kilobits_2[bitrate];
  frame.bytes = frame.samples / 8 * kilobits * 1000 / frame.rate + (header >> 9 & 1);
  return frame;
}

bool is_mp3_at(std::string_view bytes, std::size_t at) {
  const std::int64_t frame = mp3_frame(bytes, at).bytes;
  if (frame == 0) return false;
  const std::size_t next = at + static_cast<std::size_t>(frame);
  return next + header_bytes > bytes.size() || mp3_frame(bytes, next).bytes != 0;
}

void Mp3Length::add(std::string_view bytes) {
  const auto skipped = std::min(skip_, static_cast<std::int64_t>(bytes.size()));
  skip_ -= skipped;
  bytes_ += bytes.substr(static_cast<std::size_t>(skipped));
  count(most_frame_bytes + header_bytes);
}

double Mp3Length::seconds() {
  count(header_bytes);
  return seconds_;
}

/// Counts the frames behind whose beginning there are at least `needed` bytes.
void Mp3Length::count(std::size_t needed) {
  std::size_t at = 0;
  while (at < bytes_.size() && bytes_.size() - at >= needed) {
    const Mp3Frame frame = mp3_frame(bytes_, at);
    if (frame.bytes == 0 || (!follows_ && !is_mp3_at(bytes_, at))) {
      follows_ = false;
      ++at;
      continue;
    }
    follows_ = true;
    seconds_ += static_cast<double>(frame.samples) / static_cast<double>(frame.rate);
    at += static_cast<std::size_t>(frame.bytes);
  }
  if (at > bytes_.size()) skip_ += static_cast<std::int64_t>(at - bytes_.size());
  bytes_.erase(0, at);
}

}  // namespace abstractllm
