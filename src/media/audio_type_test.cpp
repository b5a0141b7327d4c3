// SPDX-License-Identifier: Apache-2.0
#include "media/audio_type.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "support/pictures.hpp"
#include "support/sounds.hpp"

namespace abstractllm {
namespace {

using namespace testing_support;
using namespace std::string_literals;

Result<AudioType> type_of(const std::string& bytes) {
  return audio_type(std::string_view(bytes).substr(0, audio_head_bytes), static_cast<std::int64_t>(bytes.size()),
                    "audio 1");
}

/// The format and its length, or the message.
std::string read(const std::string& bytes) {
  const auto type = type_of(bytes);
  if (!type) {
    EXPECT_EQ(type.error().kind, ErrorKind::invalid_argument);
    return type.error().message;
  }
  return std::string(type->format) + (type->seconds ? " " + std::to_string(*type->seconds) : "");
}

TEST(AudioType, IsTakenFromTheContent) {
  EXPECT_EQ(read(wav(16000)), "wav 1.000000");
  EXPECT_EQ(read(wav(4000, 8000)), "wav 0.500000");
  EXPECT_EQ(read(mp3(3)), "mp3");
  EXPECT_EQ(read(id3_tag(100, std::string(100, '\0')) + mp3(3)), "mp3");
  EXPECT_EQ(read(id3_tag(100, std::string(100, '\0')) + std::string(50, '\0') + mp3(3)), "mp3");
  EXPECT_EQ(read(flac()), "flac 0.256000");
  EXPECT_EQ(read(flac_beginning(0)), "flac");
  EXPECT_EQ(type_of(wav(1))->media_type, "audio/wav");
  EXPECT_EQ(type_of(mp3(1))->media_type, "audio/mpeg");
  EXPECT_EQ(type_of(flac())->media_type, "audio/flac");
}

TEST(AudioType, OtherChunksOfAWavAreSkipped) {
  const std::string header = wav_header(4);
  const std::string sound = wav_chunk("LIST", "odd") + "data"s + "\4\0\0\0abcd"s;
  EXPECT_EQ(read(header.substr(0, 36) + sound), "wav 0.000125");
}

TEST(AudioType, NamesWhatIsNoRecording) {
  const std::pair<std::string, const char*> rows[] = {
      {"", "audio 1 is empty"},
      {"OggS\0\2"s,
       "an Ogg recording (Vorbis or Opus); it must be WAV, MP3 or FLAC; convert it, for example with ffmpeg"},
      {"\0\0\0\x20"
       "ftypM4A "s,
       "an M4A recording"},
      {"\x1A\x45\xDF\xA3\1\0"s, "a WebM or Matroska file"},
      {"FORM\0\0\0\0AIFF"s, "an AIFF recording"},
      {"\xFF\xF1\x50\x80\x02\x1F\xFC"s, "an AAC recording"},
      {"RIFF\x10\0\0\0AVI "s, "an AVI video"},
      {"RF64\xFF\xFF\xFF\xFFWAVE"s, "a WAV recording"},
      {png(2, 2), "a PNG picture; it must be WAV, MP3 or FLAC; a picture is given as an image"},
      {"%PDF-1.7\n", "a PDF document; it must be WAV, MP3 or FLAC; a document is given as a file"},
      {"Just some text.", "audio 1 is text;"},
      {"ID3 is the name of a tag.", "audio 1 is text;"},
      {"<html>404</html>", "an HTML page"},
      {"\1\2\3\4"s, "data of an unknown kind"},
      {"\xFF\xFE" + "a\0b\0"s, "UTF-16 text"},
  };
  for (const auto& [bytes, what] : rows) EXPECT_NE(read(bytes).find(what), std::string::npos) << read(bytes);
}

TEST(AudioType, ABrokenHeaderIsNamed) {
  const std::string header = wav_header(1000);
  const std::pair<std::string, const char*> rows[] = {
      {header.substr(0, 12), "ends before its sound"},
      {header.substr(0, 30), "a broken format header"},
      {header.substr(0, 36), "ends before its sound"},
      {header, "a WAV recording without sound"},
      {wav_header(0), "without sound"},
      {wav_header(1000, 0) + "abcd", "no sample rate"},
      {wav_header(1000, 16000, 0) + "abcd", "no channels"},
      {header.substr(0, 12) + "data\4\0\0\0abcd"s, "without a format header"},
      {header.substr(0, 36) + "LIST\xFF\xFF\xFF\x7F" + "abcd", "its chunks claim too many bytes"},
      {"fLaC", "whose header is cut off"},
      {flac().substr(0, 41), "whose header is cut off"},
      {flac_beginning(5, 0), "no sample rate"},
      {"fLaC\4\0\0\x22" + std::string(40, '\0'), "does not begin with its stream information"},
      {id3_tag(0x0FFFFFFF) + mp3(2), "ID3 tag claims 268435455 bytes, so no sound is left of 844"},
      {id3_tag(20, std::string(20, '\0')), "no sound is left"},
      {id3_tag(20, std::string(20, '\0')) + std::string(40, 'x'), "an ID3 tag without MP3 sound"},
      {"ID3\3\0\0\xFF\xFF\xFF\xFF"s + mp3(2), "a broken ID3 tag"},
      {"ID3\3\0"s, "is an MP3 recording whose tag is cut off"},
  };
  for (const auto& [bytes, what] : rows) EXPECT_NE(read(bytes).find(what), std::string::npos) << read(bytes);
}

TEST(AudioType, ClaimsOfManySamplesAreReadAsTheyAre) {
  EXPECT_EQ(read(wav_header(0xFFFFFFFF, 8000) + "abcd"), "wav 268435.455875");
  EXPECT_EQ(read(wav_header(0x80000000, 1) + "abcd"), "wav 1073741824.000000");
  EXPECT_EQ(read(flac_beginning(0xFFFFFFFFF, 1)), "flac 68719476735.000000");
}

TEST(AudioType, ChunksWithoutEndAreReadOnce) {
  std::string endless = wav_header(0).substr(0, 36);
  while (endless.size() < audio_head_bytes + 100) endless += wav_chunk("JUNK", "");
  EXPECT_EQ(read(endless), "wav") << "its sound may come later";
  endless.resize(audio_head_bytes - 4);
  EXPECT_NE(read(endless).find("ends before its sound"), std::string::npos);
}

TEST(AudioType, SurvivesEveryCut) {
  for (const std::string& whole : {wav(8), mp3(2), id3_tag(20, std::string(20, '\0')) + mp3(1), flac()})
    for (std::size_t size = 0; size < whole.size(); ++size) {
      // A copy without spare bytes, so that a sanitizer sees reads past the end.
      const std::vector<char> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      const auto type = audio_type({cut.data(), cut.size()}, static_cast<std::int64_t>(size), "audio");
      EXPECT_TRUE(type || !type.error().message.empty());
    }
}

}  // namespace
}  // namespace abstractllm
