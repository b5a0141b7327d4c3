// SPDX-License-Identifier: Apache-2.0
#include "media/opened_media.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/base64.hpp"
#include "media/audio_type.hpp"
#include "media/file_type.hpp"
#include "media/image_type.hpp"
#include "media/mp3_length.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

Error unfit(const std::string& label, const std::string& problem) {
  return {ErrorKind::invalid_argument, label + " " + problem};
}

Error unreadable(const std::string& label, int error_number) {
  return unfit(label, "cannot be read: " + std::generic_category().message(error_number));
}

Result<void> check_size(MediaKind kind, const std::string& label, std::int64_t bytes, std::int64_t most_bytes) {
  if (bytes == 0) return unfit(label, "is empty");
  if (bytes <= most_bytes) return {};
  return unfit(label, "has " + std::to_string(bytes) + " bytes; at most " + std::to_string(most_bytes) +
                          " are allowed (option " + std::string(size_option_of(kind)) + ")");
}

constexpr std::size_t head_bytes = std::max(image_head_bytes, audio_head_bytes);

/// Recognises an image or audio by its head, and a file by its whole content. `sound_begin` is set for an MP3.
Result<MediaType> type_of(MediaKind kind, std::string_view bytes, std::int64_t size, std::string_view label,
                          std::int64_t& sound_begin) {
  MediaType type;
  if (kind == MediaKind::image) {
    const auto image = image_type(bytes, label);
    if (!image) return image.error();
    type.media_type = image->media_type;
    type.width = image->width;
    type.height = image->height;
  } else if (kind == MediaKind::audio) {
    const auto audio = audio_type(bytes, size, label);
    if (!audio) return audio.error();
    type.media_type = audio->media_type;
    type.format = audio->format;
    type.seconds = audio->seconds;
    sound_begin = audio->begin;
  } else {
    const auto file = file_type(bytes, label);
    if (!file) return file.error();
    type.media_type = file->media_type;
    type.is_text = file->is_text;
  }
  return type;
}

/// Reads an MP3 from its beginning to its end. A read error shows again when the file is sent.
double seconds_of_mp3(std::FILE* file, std::int64_t sound_begin) {
  Mp3Length length(sound_begin);
  std::vector<char> piece(std::size_t{64} * 1024);
  std::rewind(file);
  while (const std::size_t found = std::fread(piece.data(), 1, piece.size(), file)) length.add({piece.data(), found});
  return length.seconds();
}

/// Errors for paths that cannot be opened, or must not be opened: a pipe would block.
Result<std::int64_t> size_of_file(const std::string& path, const std::string& label) {
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  if (status.type() == fs::file_type::not_found) return unfit(label, "does not exist");
  if (status.type() == fs::file_type::none) return unfit(label, "cannot be read: " + failure.message());
  if (status.type() == fs::file_type::directory) return unfit(label, "is a folder");
  if (status.type() != fs::file_type::regular) return unfit(label, "is not a regular file");
  const auto size = fs::file_size(path, failure);
  if (failure) return unfit(label, "cannot be read: " + failure.message());
  return static_cast<std::int64_t>(size);
}

/// Reads up to `count` bytes, fewer only at the end of the file.
Result<std::string> read_some(std::FILE* file, std::size_t count, const std::string& label) {
  std::string bytes(count, '\0');
  errno = 0;
  const std::size_t found = std::fread(bytes.data(), 1, count, file);
  if (found < count && std::ferror(file) != 0) return unreadable(label, errno);
  bytes.resize(found);
  return bytes;
}

}  // namespace

std::string_view noun_of(MediaKind kind) {
  switch (kind) {
    case MediaKind::image: return "image";
    case MediaKind::audio: return "audio";
    case MediaKind::file: break;
  }
  return "file";
}

std::string_view size_option_of(MediaKind kind) {
  switch (kind) {
    case MediaKind::image: return "max_image_bytes";
    case MediaKind::audio: return "max_audio_bytes";
    case MediaKind::file: break;
  }
  return "max_file_bytes";
}

Result<OpenedMedia> OpenedMedia::open(MediaKind kind, const std::string& path, std::string label,
                                      std::int64_t most_bytes) {
  const Result<std::int64_t> size = size_of_file(path, label);
  if (!size) return size.error();
  if (Result<void> fits = check_size(kind, label, *size, most_bytes); !fits) return std::move(fits).error();
  std::FILE* const found = std::fopen(path.c_str(), "rb");
  if (found == nullptr) return unreadable(label, errno);
  File file(found, &std::fclose);
  std::setvbuf(file.get(), nullptr, _IONBF, 0);
  const auto whole = static_cast<std::size_t>(*size);
  auto head = read_some(file.get(), std::min(whole, head_bytes), label);
  if (!head) return std::move(head).error();
  if (kind == MediaKind::file && !is_pdf(*head)) {
    auto rest = read_some(file.get(), whole - std::min(whole, head_bytes), label);
    if (!rest) return std::move(rest).error();
    auto bytes = std::make_shared<const std::string>(*std::move(head) + *rest);
    return from_bytes(kind, std::move(bytes), std::move(label), most_bytes);
  }
  std::int64_t sound_begin = 0;
  auto type = type_of(kind, *head, *size, label, sound_begin);
  if (!type) return std::move(type).error();
  if (type->format == "mp3") type->seconds = seconds_of_mp3(file.get(), sound_begin);
  OpenedMedia opened(std::move(label), *size, *type);
  opened.file_ = std::move(file);
  return opened;
}

Result<OpenedMedia> OpenedMedia::from_bytes(MediaKind kind, std::shared_ptr<const std::string> bytes, std::string label,
                                            std::int64_t most_bytes) {
  const auto size = static_cast<std::int64_t>(bytes->size());
  if (Result<void> fits = check_size(kind, label, size, most_bytes); !fits) return std::move(fits).error();
  const std::size_t read = kind == MediaKind::file ? bytes->size() : head_bytes;
  std::int64_t sound_begin = 0;
  auto type = type_of(kind, std::string_view(*bytes).substr(0, read), size, label, sound_begin);
  if (!type) return std::move(type).error();
  if (type->format == "mp3") {
    constexpr std::size_t piece = std::size_t{64} * 1024;
    Mp3Length length(sound_begin);
    for (std::size_t at = 0; at < bytes->size(); at += piece) length.add(std::string_view(*bytes).substr(at, piece));
    type->seconds = length.seconds();
  }
  OpenedMedia opened(std::move(label), size, *type);
  opened.bytes_ = std::move(bytes);
  return opened;
}

std::string_view OpenedMedia::text() const {
  return type_.is_text && bytes_ ? without_mark(*bytes_) : std::string_view();
}

Result<void> OpenedMedia::append_base64(std::string& text) {
  if (bytes_) {
    abstractllm::append_base64(*bytes_, text);
    return {};
  }
  return read_pieces([&](std::string_view piece) { abstractllm::append_base64(piece, text); });
}

Result<void> OpenedMedia::load() {
  if (bytes_) return {};
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(size_));
  if (auto read = read_pieces([&](std::string_view piece) { bytes += piece; }); !read) return read;
  bytes_ = std::make_shared<const std::string>(std::move(bytes));
  file_.reset();
  return {};
}

/// The length of all pieces but the last is a multiple of 3, as base64 needs it.
Result<void> OpenedMedia::read_pieces(const std::function<void(std::string_view)>& take) {
  constexpr std::size_t piece = std::size_t{48} * 1024;
  static_assert(piece % 3 == 0);
  std::array<char, piece> buffer{};
  std::rewind(file_.get());
  for (std::int64_t left = size_; left > 0;) {
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::int64_t>(left, piece));
    errno = 0;
    if (std::fread(buffer.data(), 1, wanted, file_.get()) < wanted) {
      if (std::ferror(file_.get()) != 0) return unreadable(label_, errno);
      return unfit(label_, "became shorter while it was read");
    }
    take({buffer.data(), wanted});
    left -= static_cast<std::int64_t>(wanted);
  }
  return {};
}

}  // namespace abstractllm
