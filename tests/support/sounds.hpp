// SPDX-License-Identifier: Apache-2.0
//
// Recordings for tests, as the bytes of their files.
#pragma once

#include <cstdint>
#include <string>

namespace abstractllm::testing_support {

/// A whole WAV of 16-bit samples, one channel: a tone of `hertz`, or silence at 0.
std::string wav(std::uint32_t samples, std::uint32_t rate = 16000, std::uint32_t hertz = 440);
/// The header of a WAV (44 bytes), which claims `data_bytes` of sound and has none.
std::string wav_header(std::uint32_t data_bytes, std::uint32_t rate = 16000, std::uint16_t channels = 1);
/// A chunk of a WAV, padded to an even number of bytes.
std::string wav_chunk(const std::string& name, const std::string& body);

/// A whole MP3 of silence: frames of MPEG 1, layer III, 128 kbit/s, 44,100 Hz, each of 1,152 samples.
std::string mp3(int frames);
/// The smallest MP3 for its length: frames of MPEG 2.5, 8 kbit/s, 8,000 Hz, each of 576 samples (72 ms) in 72 bytes.
std::string slow_mp3(int frames);
/// An ID3v2.3 tag that claims `bytes` of content, and `content`.
std::string id3_tag(std::uint32_t bytes, const std::string& content = {});

/// A whole FLAC of silence: one channel of 16 bits, one frame of 4,096 samples.
std::string flac(std::uint32_t rate = 16000);
/// The beginning of a FLAC that claims this many samples.
std::string flac_beginning(std::uint64_t samples, std::uint32_t rate = 16000);

}  // namespace abstractllm::testing_support
