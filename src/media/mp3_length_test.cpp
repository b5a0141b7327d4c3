// SPDX-License-Identifier: Apache-2.0
#include "media/mp3_length.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "abstractllm/audio.hpp"
#include "media/opened_media.hpp"
#include "support/sounds.hpp"

namespace abstractllm {
namespace {

using namespace testing_support;

constexpr double frame = 1152.0 / 44100;

double length_of(const std::string& bytes, std::size_t piece = std::string::npos, std::int64_t begin = 0) {
  Mp3Length length(begin);
  for (std::size_t at = 0; at < bytes.size(); at += std::min(piece, bytes.size() - at))
    length.add(std::string_view(bytes).substr(at, piece));
  return length.seconds();
}

TEST(Mp3Length, IsThatOfItsFrames) {
  EXPECT_NEAR(length_of(mp3(100)), 100 * frame, 1e-9);
  EXPECT_NEAR(length_of(slow_mp3(50)), 50 * 0.072, 1e-9);
  EXPECT_NEAR(length_of(mp3(10) + slow_mp3(10)), 10 * frame + 0.72, 1e-9) << "each frame has a rate of its own";
  EXPECT_EQ(length_of(""), 0);
  EXPECT_EQ(length_of(std::string(100'000, '\xFF')), 0);
}

TEST(Mp3Length, IsTheSameForEverySplit) {
  const std::string bytes = std::string(700, 'x') + mp3(7) + std::string(2000, '\0') + slow_mp3(30) + "TAG";
  for (std::size_t piece = 1; piece < 1500; ++piece)
    EXPECT_NEAR(length_of(bytes, piece), 7 * frame + 30 * 0.072, 1e-9) << piece;
}

TEST(Mp3Length, ATagIsNoSound) {
  const std::string tag = id3_tag(4170, mp3(10));
  EXPECT_NEAR(length_of(tag + mp3(5), std::string::npos, static_cast<std::int64_t>(tag.size())), 5 * frame, 1e-9);
  EXPECT_NEAR(length_of(tag + mp3(5), 3, static_cast<std::int64_t>(tag.size())), 5 * frame, 1e-9);
}

TEST(Mp3Length, WhatLooksLikeOneFrameInOtherBytesIsNone) {
  EXPECT_NEAR(length_of(std::string("\xFF\xFB\x90\x64", 4) + std::string(2000, 'x') + mp3(3)), 3 * frame, 1e-9);
}

TEST(Mp3Length, IsCountedWhenARecordingIsOpened) {
  const std::string bytes = id3_tag(200'000, std::string(200'000, '\0')) + slow_mp3(1000);
  const auto opened = open_media(MediaKind::audio, Audio::bytes(bytes), "audio 1", 1'000'000);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_NEAR(opened->opened->type().seconds.value_or(0), 72, 1e-6);
}

TEST(Mp3Length, SurvivesEveryCut) {
  const std::string whole = mp3(3);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // A copy without spare bytes, so that a sanitizer sees reads past the end.
    const std::vector<char> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    Mp3Length length(0);
    length.add({cut.data(), cut.size()});
    EXPECT_LE(length.seconds(), 3 * frame + 1e-9);
  }
}

}  // namespace
}  // namespace abstractllm
