// SPDX-License-Identifier: Apache-2.0
#include "media/content_name.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "base/ascii.hpp"
#include "base/utf8.hpp"

namespace abstractllm {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::string_view bytes;
  std::size_t offset;
  std::string_view name;
  Content content;
};

// The first row that matches decides. In ISO media files the brand follows the size of the first box.
constexpr Signature signatures[] = {
    {"\x89PNG\r\n\x1A\n"sv, 0, "a PNG picture", Content::picture},
    {"\xFF\xD8\xFF"sv, 0, "a JPEG picture", Content::picture},
    {"GIF8"sv, 0, "a GIF picture", Content::picture},
    {"WEBP"sv, 8, "a WebP picture", Content::picture},
    {"ftypheic"sv, 4, "a HEIC picture", Content::picture},
    {"ftypheix"sv, 4, "a HEIC picture", Content::picture},
    {"ftyphevc"sv, 4, "a HEIC picture", Content::picture},
    {"ftypmif1"sv, 4, "a HEIF picture", Content::picture},
    {"ftypmsf1"sv, 4, "a HEIF picture", Content::picture},
    {"ftypavif"sv, 4, "an AVIF picture", Content::picture},
    {"II*\0"sv, 0, "a TIFF picture", Content::picture},
    {"MM\0*"sv, 0, "a TIFF picture", Content::picture},
    {"BM"sv, 0, "a BMP picture", Content::picture},
    {"\0\0\1\0"sv, 0, "an icon (ICO)", Content::picture},
    {"\xFF\x0A"sv, 0, "a JPEG XL picture", Content::picture},
    {"\0\0\0\x0CJXL "sv, 0, "a JPEG XL picture", Content::picture},
    {"ftypM4A"sv, 4, "an M4A recording", Content::audio},
    {"ftypM4B"sv, 4, "an M4B recording", Content::audio},
    {"WAVE"sv, 8, "a WAV recording", Content::audio},
    {"ID3"sv, 0, "an MP3 recording", Content::audio},
    {"fLaC"sv, 0, "a FLAC recording", Content::audio},
    {"OggS"sv, 0, "an Ogg recording (Vorbis or Opus)", Content::audio},
    {"AIFF"sv, 8, "an AIFF recording", Content::audio},
    {"AIFC"sv, 8, "an AIFF recording", Content::audio},
    {"#!AMR"sv, 0, "an AMR recording", Content::audio},
    {".snd"sv, 0, "an AU recording", Content::audio},
    {"MThd"sv, 0, "a MIDI file", Content::other},
    {"0&\xB2u\x8E\x66\xCF\x11"sv, 0, "a WMA or WMV file", Content::audio},
    {"\xFF\xF1"sv, 0, "an AAC recording", Content::audio},
    {"\xFF\xF9"sv, 0, "an AAC recording", Content::audio},
    {"\xFF\xFB"sv, 0, "an MP3 recording", Content::audio},
    {"\xFF\xFA"sv, 0, "an MP3 recording", Content::audio},
    {"\xFF\xF3"sv, 0, "an MP3 recording", Content::audio},
    {"\xFF\xF2"sv, 0, "an MP3 recording", Content::audio},
    {"\x1A\x45\xDF\xA3"sv, 0, "a WebM or Matroska file", Content::video},
    {"ftyp"sv, 4, "a video", Content::video},
    {"AVI "sv, 8, "an AVI video", Content::video},
    {"%PDF-"sv, 0, "a PDF document", Content::document},
    {"\xD0\xCF\x11\xE0"sv, 0, "an old Office document", Content::other},
    {"PK\3\4"sv, 0, "a ZIP archive or an Office document", Content::other},
    {"8BPS"sv, 0, "a Photoshop document", Content::other},
    {"GGUF"sv, 0, "a model file (GGUF)", Content::other},
    {"\x7F"
     "ELF"sv,
     0, "a program (ELF)", Content::other},
    {"\x1F\x8B"sv, 0, "gzip data", Content::other},
    {"SQLite format 3"sv, 0, "an SQLite database", Content::other},
    {"RIFF"sv, 0, "a RIFF file of another kind", Content::other},
    {"\xFF\xFE"sv, 0, "UTF-16 text", Content::other},
    {"\xFE\xFF"sv, 0, "UTF-16 text", Content::other},
};

/// The text in lower case, without leading blanks.
std::string lowered_beginning(std::string_view bytes) {
  if (begins_as(bytes, "\xEF\xBB\xBF")) bytes.remove_prefix(3);
  bytes.remove_prefix(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size()));
  return lowered(bytes.substr(0, 1024));
}

bool is_text(std::string_view bytes) {
  constexpr std::size_t longest_sample = 512;
  const std::string_view sample = bytes.substr(0, longest_sample);
  const auto is_control = [](char c) {
    return (c >= 0 && c < ' ' && c != '\t' && c != '\r' && c != '\n' && c != '\f');
  };
  if (std::any_of(sample.begin(), sample.end(), is_control)) return false;
  const std::optional<std::size_t> invalid = find_invalid_utf8(sample);
  constexpr std::size_t longest_character = 4;  // the sample may cut the last one
  return !invalid || (sample.size() == longest_sample && *invalid + longest_character > sample.size());
}

ContentName name_of_text(std::string_view bytes) {
  const std::string text = lowered_beginning(bytes);
  if (text.find("<svg") != std::string::npos) return {"an SVG drawing", Content::text};
  if (text.starts_with("<!doctype html") || text.find("<html") != std::string::npos)
    return {"an HTML page", Content::text};
  if (text.starts_with("{") || text.starts_with("[")) return {"JSON", Content::text};
  if (text.starts_with("<?xml")) return {"XML", Content::text};
  return {"text", Content::text};
}

}  // namespace

bool begins_as(std::string_view bytes, std::string_view expected, std::size_t offset) {
  return bytes.size() >= offset + expected.size() && bytes.substr(offset, expected.size()) == expected;
}

ContentName content_name(std::string_view head) {
  // A text may begin with "BM" or "ID3". A PDF may look like text at first.
  if (is_text(head) && !begins_as(head, "%PDF-")) return name_of_text(head);
  for (const Signature& each : signatures)
    if (begins_as(head, each.bytes, each.offset)) return {each.name, each.content};
  return {"data of an unknown kind", Content::other};
}

}  // namespace abstractllm
