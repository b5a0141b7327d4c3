// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/provider.hpp"
#include "core/call_media.hpp"
#include "core/media_limits.hpp"
#include "core/media_messages.hpp"
#include "media/opened_media.hpp"

namespace abstractllm {

/// A description of the attachments of a request, for logs.
struct MediaFacts {
  struct Kind {
    std::size_t count = 0;
    std::string text;  ///< "image/png, 12345 bytes, 64x64; https://host/…"
  };
  Kind images, audio, files;

  bool empty() const { return images.count + audio.count + files.count == 0; }
};

/// The attachments of one call. An encoder writes marks in their places, so a body is small until it is sent. Then each
/// of them is written once, straight to its place. Text files are in memory from the beginning.
class MediaPlan {
 public:
  /// Opens all attachments of `messages`. Errors: invalid_argument (the rules of
  /// Image, Audio and File, the provider's limits).
  /// What `kept` holds is not opened again, and it gets the others. It may be null.
  static Result<MediaPlan> make(const std::vector<Message>& messages, const Provider& provider,
                                const Protocol& protocol, const Options& options,
                                std::shared_ptr<CallMedia> kept = nullptr);

  /// What inline_files() does with a file that has to be fetched first.
  enum class Unfetched {
    left,    ///< leaves it as a file
    marked,  ///< treats it as what the format has a place for, otherwise as text: for people
  };

  /// Replaces the files that the format has no place for by their text. Returns how many of them did not ask for it.
  /// Errors: unsupported for a PDF that the format has no place for.
  Result<std::size_t> inline_files(std::vector<Message>& messages, Unfetched unfetched);

  /// Sets Request::images, audio and files for the attachments that inline_files() has left in the messages.
  void set_data(Request& request, Unfetched unfetched) const;

  /// Forgets the attachments of these kinds: the model does not take them.
  void drop(MediaKinds kinds);

  /// What this library must fetch before it can be sent.
  struct ToFetch {
    std::size_t index = 0;
    MediaKind kind = MediaKind::image;
    std::string url;
    std::string label;
    std::int64_t most_bytes = 0;
  };
  /// Returns the next of them, or nothing if all attachments are present.
  std::optional<ToFetch> next_to_fetch() const;
  /// Takes the bytes that were fetched. Errors: invalid_argument (content of another kind, the provider's limits).
  Result<void> put(std::size_t index, std::string bytes);

  /// Returns `body` with the attachments in place of their marks. All must be present. Errors: invalid_argument if a
  /// file can no longer be read.
  Result<std::string> fill(std::string_view body);
  /// Returns `body` for people, with a description in place of each attachment.
  std::string shown(std::string_view body) const;
  MediaFacts facts() const;

 private:
  struct Slot {
    MediaKind kind = MediaKind::image;
    MediaSource source;
    std::optional<Attachment> attachment;  // while it has to be fetched
    std::string label;
    std::string detail;        // of an image
    std::string name;          // of a file
    bool inline_text = false;  // of a file
    bool passed_on = false;    // sent as a URL
    bool gone = false;         // dropped, or written into the text
  };

  MediaPlan() {}
  Result<Slot> open(const AttachedPart& attached, const Provider& provider, int number) const;
  Result<MediaSource> source_of(const AttachedPart& attached, const std::string& label) const;
  std::string mark(std::size_t index, char what) const;
  std::string name_of(const Slot& slot) const;
  std::int64_t most_bytes(MediaKind kind) const;
  std::size_t next_file(std::size_t& at) const;
  Result<bool> stays_file(const Slot& slot, Unfetched unfetched) const;
  Result<void> check_limits(const Slot& slot) const;
  Result<void> check_all_limits() const;
  Result<void> check_length() const;
  ImageData image_data(std::size_t index) const;
  AudioData audio_data(std::size_t index) const;
  FileData file_data(std::size_t index) const;
  template <class Write>
  void replace_marks(std::string_view body, Write write) const;

  std::vector<Slot> slots_;
  std::int64_t images_ = 0;
  std::string marks_;  // the prefix of all marks of this plan: nobody can guess it
  MediaSupport support_;
  MediaLimits limits_;
  std::string provider_;
  std::string protocol_;
  Options options_;
  std::shared_ptr<CallMedia> kept_;
};

}  // namespace abstractllm
