// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "abstractllm/attachment.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

/// The kinds of attachments.
enum class MediaKind { image, audio, file };

/// What an attachment is, as its header says.
struct MediaType {
  std::string_view media_type;    ///< "image/png", "audio/wav", "application/pdf", "text/plain", …
  std::int64_t width = 0;         ///< of an image, in pixels; 0: not in the bytes that were read
  std::int64_t height = 0;        ///< the same
  std::string_view format;        ///< of audio: "wav", "mp3" or "flac"
  std::optional<double> seconds;  ///< of audio, if its header states them; those of an MP3 are counted
  bool is_text = false;           ///< of a file
};

/// Returns what errors call one: "image", "audio" or "file".
std::string_view noun_of(MediaKind kind);

/// Returns the option that limits the size of one: "max_image_bytes", …
std::string_view size_option_of(MediaKind kind);

/// An attachment whose bytes are available: in memory, or in an open file, which may be deleted meanwhile. Text is
/// always in memory. Copies share the bytes and the open file.
class OpenedMedia {
 public:
  /// Opens a file. `label` names it in errors. Errors: invalid_argument (missing, unreadable, a folder or a device,
  /// empty, too large, content of another kind).
  static Result<OpenedMedia> open(MediaKind kind, const std::string& path, std::string label, std::int64_t most_bytes);
  /// Uses bytes in memory. The errors are the same.
  static Result<OpenedMedia> from_bytes(MediaKind kind, std::shared_ptr<const std::string> bytes, std::string label,
                                        std::int64_t most_bytes);

  const MediaType& type() const { return type_; }
  std::int64_t bytes() const { return size_; }
  const std::string& label() const { return label_; }

  /// Returns a text file without its byte order mark. Valid as long as this object.
  std::string_view text() const;

  /// Appends base64_size(bytes()) characters. A file is read in pieces straight into them. Errors: invalid_argument if
  /// the file has become shorter or cannot be read any more.
  Result<void> append_base64(std::string& text);

  /// Reads a file into memory and closes it. Errors: those of append_base64().
  Result<void> load();

 private:
  using File = std::shared_ptr<std::FILE>;

  Result<void> read_pieces(const std::function<void(std::string_view)>& take);

  OpenedMedia(std::string label, std::int64_t size, MediaType type)
      : label_(std::move(label)), size_(size), type_(type) {}

  std::string label_;
  std::int64_t size_;
  MediaType type_;
  std::shared_ptr<const std::string> bytes_;
  File file_;
};

/// The attachment for a wire format: data to send, or a URL that somebody must fetch.
struct MediaSource {
  std::optional<OpenedMedia> opened;
  std::string url;  ///< http or https, if there is no data
};

/// Decides what `attachment` is (by the rules of Image, Audio and File) and opens it. `label` names it in errors, for
/// example "image 2". Errors: invalid_argument.
Result<MediaSource> open_media(MediaKind kind, const Attachment& attachment, std::string label,
                               std::int64_t most_bytes);

/// Whether open_media() may read a file for it: true for everything except URLs, bytes and base64.
bool may_read_file(MediaKind kind, const Attachment& attachment);

/// Returns the name of a file for a model: the last part of its path or URL, otherwise nothing.
std::string default_file_name(const Attachment& attachment);

}  // namespace abstractllm
