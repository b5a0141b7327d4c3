// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/ascii.hpp"
#include "base/base64.hpp"
#include "base/url.hpp"
#include "images/opened_image.hpp"

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

Result<ImageSource> from_memory(std::string bytes, std::string label, std::int64_t most_bytes) {
  auto opened =
      OpenedImage::from_bytes(std::make_shared<const std::string>(std::move(bytes)), std::move(label), most_bytes);
  if (!opened) return std::move(opened).error();
  return ImageSource{*std::move(opened), ""};
}

/// RFC 2397: data:[TYPE][;PARAMETER…][;base64],DATA
Result<ImageSource> open_data_url(std::string_view url, std::string label, std::int64_t most_bytes) {
  const std::size_t comma = url.find(',');
  if (comma == std::string_view::npos)
    return Error(ErrorKind::invalid_argument, label + " is a data URL without a comma before its data");
  const bool is_base64 = lowered(url.substr(0, comma)).ends_with(";base64");
  std::optional<std::string> bytes = percent_decoded(url.substr(comma + 1));
  if (bytes && is_base64) bytes = from_lenient_base64(*bytes);
  if (!bytes)
    return Error(ErrorKind::invalid_argument,
                 label + " is a data URL whose data are no " + (is_base64 ? "base64" : "percent-encoding"));
  return from_memory(*std::move(bytes), std::move(label), most_bytes);
}

Result<ImageSource> open_url(const Image& image, std::string label, std::int64_t most_bytes) {
  const std::string& url = image.value();
  if (is_data(url)) return open_data_url(url, std::move(label), most_bytes);
  if (!is_http_url(url))
    return Error(ErrorKind::invalid_argument, label + " is the URL " + shown(url) + "; it must be http, https or data");
  const bool clean = std::none_of(url.begin(), url.end(), [](char c) { return (c >= 0 && c <= ' ') || c == 0x7f; });
  if (!clean) return Error(ErrorKind::invalid_argument, label + " is a URL that holds a blank or a control character");
  return ImageSource{std::nullopt, url};
}

Result<ImageSource> open_base64(const Image& image, std::string label, std::int64_t most_bytes) {
  auto bytes = from_lenient_base64(image.value());
  if (!bytes) return Error(ErrorKind::invalid_argument, label + " is not base64");
  return from_memory(*std::move(bytes), std::move(label), most_bytes);
}

Result<ImageSource> open_file(const std::string& path, const std::string& label, std::int64_t most_bytes) {
  auto opened = OpenedImage::open(path, label + " (file " + shown(path) + ")", most_bytes);
  if (!opened) return std::move(opened).error();
  return ImageSource{*std::move(opened), ""};
}

/// The rules of Image's constructor.
Result<ImageSource> open_source(const Image& image, std::string label, std::int64_t most_bytes) {
  const std::string& text = image.value();
  if (is_http_url(text) || is_data(text)) return open_url(image, std::move(label), most_bytes);
  std::error_code ignored;  // if it cannot be examined, it is not a file
  const bool may_be_path = text.size() <= longest_path && text.find('\0') == std::string::npos;
  if (may_be_path && std::filesystem::exists(text, ignored)) return open_file(text, label, most_bytes);
  const std::optional<std::string> bytes = from_lenient_base64(text);
  if (bytes && image_type(*bytes, "")) return open_base64(image, std::move(label), most_bytes);
  return Error(ErrorKind::invalid_argument,
               label + ": " + shown(text) +
                   " is neither an http, https or data URL, nor a file that is there, nor base64 of a PNG, JPEG, GIF "
                   "or WebP picture");
}

}  // namespace

Result<ImageSource> open_image(const Image& image, std::string label, std::int64_t most_bytes) {
  switch (image.kind()) {
    case ImageKind::source: return open_source(image, std::move(label), most_bytes);
    case ImageKind::file: return open_file(image.value(), label, most_bytes);
    case ImageKind::url: return open_url(image, std::move(label), most_bytes);
    case ImageKind::base64: return open_base64(image, std::move(label), most_bytes);
    case ImageKind::bytes: break;
  }
  // The image keeps its bytes alive while the call runs.
  auto opened = OpenedImage::from_bytes(image.shared_value(), std::move(label), most_bytes);
  if (!opened) return std::move(opened).error();
  return ImageSource{*std::move(opened), ""};
}

bool may_read_file(const Image& image) {
  if (image.kind() != ImageKind::source) return image.kind() == ImageKind::file;
  const std::string& text = image.value();
  if (is_http_url(text) || is_data(text)) return false;
  if (text.size() > longest_path) return false;  // open_image() opens no path of that length
  const std::optional<std::string> bytes = from_lenient_base64(text);
  return !bytes || !image_type(*bytes, "");
}

}  // namespace abstractllm
