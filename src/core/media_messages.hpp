// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "abstractllm/provider.hpp"
#include "media/opened_media.hpp"

namespace abstractllm {

/// A part that is an attachment.
struct AttachedPart {
  MediaKind kind;
  const Attachment& attachment;
};

/// Returns the attachment of a part, or nothing if it is another part. It is valid as long as the part.
std::optional<AttachedPart> attachment_in(const Part& part);

/// Calls take(AttachedPart) for each attachment of the messages, in order. Images in results of tools belong to them.
template <class Take>
void for_each_attachment(const std::vector<Message>& messages, Take take) {
  for (const Message& message : messages)
    for (const Part& part : message.parts()) {
      if (const auto attached = attachment_in(part)) take(*attached);
      const auto* result = std::get_if<ToolResult>(&part);
      if (result == nullptr) continue;
      for (const ResultPart& piece : result->parts)
        if (const auto* image = std::get_if<Image>(&piece)) take(AttachedPart{MediaKind::image, *image});
    }
}

/// Kinds of attachments, as a set.
class MediaKinds {
 public:
  MediaKinds& add(MediaKind kind) {
    bits_ |= bit(kind);
    return *this;
  }
  bool has(MediaKind kind) const { return (bits_ & bit(kind)) != 0; }
  bool empty() const { return bits_ == 0; }

 private:
  static unsigned bit(MediaKind kind) { return 1U << static_cast<unsigned>(kind); }

  unsigned bits_ = 0;
};

/// Returns the number of attachments of one kind.
std::size_t count_media(const std::vector<Message>& messages, MediaKind kind);

/// Whether there is any attachment.
bool hold_media(const std::vector<Message>& messages);

/// Returns the messages with Options::images() and audio() before the text of the last message of the user. Errors:
/// invalid_argument if there is no such message, and for an attachment in a message of another role.
Result<std::vector<Message>> with_media(std::vector<Message> messages, const Options& options);

/// Returns the messages without attachments of these kinds. Messages that had nothing else are left out. Errors:
/// invalid_argument if the last message had nothing else.
Result<std::vector<Message>> without_media(const std::vector<Message>& messages, MediaKinds dropped);

/// Returns the number of images in results of tools.
std::size_t count_result_images(const std::vector<Message>& messages);

/// Takes the images out of the results of tools. A result that had nothing else says so to the model.
void drop_result_images(std::vector<Message>& messages);

/// Returns the Warnings "image_dropped" and "audio_dropped" for the attachments of these kinds. `why_no_audio` replaces
/// "model M cannot hear", unless it is empty.
std::vector<Warning> dropped_media(const std::vector<Message>& messages, MediaKinds dropped, const Options& options,
                                   const std::string& why_no_audio = {});

}  // namespace abstractllm
