// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "base/url.hpp"
#include "media/audio_type.hpp"
#include "media/file_type.hpp"
#include "media/image_type.hpp"
#include "media/opened_media.hpp"

namespace abstractllm {
namespace {

// No system opens longer names, and base64 of an image is longer.
constexpr std::size_t longest_path = 4096;

bool begins_with(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) { return a == lower(b); });
}

bool is_data(std::string_view text) { return begins_with(text, "data:"); }

/// The form of a string in errors: short, and never with image data or a signature.
std::string shown(std::string_view text) {
  constexpr std::size_t longest = 60;
  text = text.substr(0, text.find_first_of("?#"));
  const std::string url = text.find("://") < longest ? shown_url(text) : std::string();
  if (!url.empty()) text = url;
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (!printable) return std::to_string(text.size()) + " bytes";
  if (text.size() <= longest) return "'" + std::string(text) + "'";
  return "'" + std::string(text.substr(0, longest)) + "…'";
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      bytes += text[at];
      continue;
    }
    const int high = at + 2 < text.size() ? hex_digit(text[at + 1]) : -1;
    const int low = at + 2 < text.size() ? hex_digit(text[at + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
    at += 2;
  }
  return bytes;
}

/// What one call of open_media() is about.
struct Wanted {
  MediaKind kind;
  std::string label;
  std::int64_t most_bytes;

  Error unfit(const std::string& problem) const { return {ErrorKind::invalid_argument, label + problem}; }
};

Result<MediaSource> from_memory(std::shared_ptr<const std::string> bytes, const Wanted& wanted) {
  auto opened = OpenedMedia::from_bytes(wanted.kind, std::move(bytes), wanted.label, wanted.most_bytes);
  if (!opened) return std::move(opened).error();
  return MediaSource{*std::move(opened), ""};
}

/// RFC 2397: data:[TYPE][;PARAMETER…][;base64],DATA
Result<MediaSource> open_data_url(std::string_view url, const Wanted& wanted) {
  const std::size_t comma = url.find(',');
  if (comma == std::string_view::npos) return wanted.unfit(" is a data URL without a comma before its data");
  const bool is_base64 = lowered(url.substr(0, comma)).ends_with(";base64");
  std::optional<std::string> bytes = percent_decoded(url.substr(comma + 1));
  if (bytes && is_base64) bytes = from_lenient_base64(*bytes);
  if (!bytes)
    return wanted.unfit(std::string(" is a data URL whose data are no ") + (is_base64 ? "base64" : "percent-encoding"));
  return from_memory(std::make_shared<const std::string>(*std::move(bytes)), wanted);
}

Result<MediaSource> open_url(const std::string& url, const Wanted& wanted) {
  if (is_data(url)) return open_data_url(url, wanted);
  if (!is_http_url(url)) return wanted.unfit(" is the URL " + shown(url) + "; it must be http, https or data");
  const bool clean = std::none_of(url.begin(), url.end(), [](char c) { return (c >= 0 && c <= ' ') || c == 0x7f; });
  if (!clean) return wanted.unfit(" is a URL that holds a blank or a control character");
  return MediaSource{std::nullopt, url};
}

Result<MediaSource> open_base64(const std::string& text, const Wanted& wanted) {
  auto bytes = from_lenient_base64(text);
  if (!bytes) return wanted.unfit(" is not base64");
  return from_memory(std::make_shared<const std::string>(*std::move(bytes)), wanted);
}

Result<MediaSource> open_file(const std::string& path, const Wanted& wanted) {
  auto opened = OpenedMedia::open(wanted.kind, path, wanted.label + " (file " + shown(path) + ")", wanted.most_bytes);
  if (!opened) return std::move(opened).error();
  return MediaSource{*std::move(opened), ""};
}

/// Whether a string is the attachment itself. Text cannot be told from a name.
bool is_base64_of(MediaKind kind, std::string_view text) {
  const std::optional<std::string> bytes = from_lenient_base64(text);
  if (!bytes) return false;
  if (kind == MediaKind::image) return image_type(*bytes, "").has_value();
  if (kind == MediaKind::audio) return audio_type(*bytes, static_cast<std::int64_t>(bytes->size()), "").has_value();
  return is_pdf(*bytes);
}

std::string_view formats_of(MediaKind kind) {
  switch (kind) {
    case MediaKind::image: return "a PNG, JPEG, GIF or WebP picture";
    case MediaKind::audio: return "a WAV, MP3 or FLAC recording";
    case MediaKind::file: break;
  }
  return "a PDF document";
}

/// The rules of the constructors of Image, Audio and File.
Result<MediaSource> open_source(const std::string& text, const Wanted& wanted) {
  if (is_http_url(text) || is_data(text)) return open_url(text, wanted);
  std::error_code ignored;  // if it cannot be examined, it is not a file
  const bool may_be_path = text.size() <= longest_path && text.find('\0') == std::string::npos;
  if (may_be_path && std::filesystem::exists(text, ignored)) return open_file(text, wanted);
  if (is_base64_of(wanted.kind, text)) return open_base64(text, wanted);
  return wanted.unfit(": " + shown(text) +
                      " is neither an http, https or data URL, nor a file that is there, nor base64 of " +
                      std::string(formats_of(wanted.kind)));
}

}  // namespace

Result<MediaSource> open_media(MediaKind kind, const Attachment& attachment, std::string label,
                               std::int64_t most_bytes) {
  const Wanted wanted{kind, std::move(label), most_bytes};
  switch (attachment.kind()) {
    case SourceKind::source: return open_source(attachment.value(), wanted);
    case SourceKind::file: return open_file(attachment.value(), wanted);
    case SourceKind::url: return open_url(attachment.value(), wanted);
    case SourceKind::base64: return open_base64(attachment.value(), wanted);
    case SourceKind::bytes: break;
  }
  // The attachment keeps its bytes alive while the call runs.
  return from_memory(attachment.shared_value(), wanted);
}

bool may_read_file(MediaKind kind, const Attachment& attachment) {
  if (attachment.kind() != SourceKind::source) return attachment.kind() == SourceKind::file;
  const std::string& text = attachment.value();
  if (is_http_url(text) || is_data(text)) return false;
  if (text.size() > longest_path) return false;  // open_media() opens no path of that length
  return !is_base64_of(kind, text);
}

std::string default_file_name(const Attachment& attachment) {
  std::string_view text = attachment.value();
  const bool may_be_path = attachment.kind() == SourceKind::source || attachment.kind() == SourceKind::file;
  if (is_http_url(text)) text = text.substr(0, text.find_first_of("?#"));
  else if (!may_be_path || is_data(text) || text.size() > longest_path) return {};
  if (attachment.kind() == SourceKind::source && is_base64_of(MediaKind::file, text)) return {};
  return std::string(text.substr(text.find_last_of('/') + 1));
}

}  // namespace abstractllm
