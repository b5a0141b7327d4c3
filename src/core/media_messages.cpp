// SPDX-License-Identifier: Apache-2.0
#include "core/media_messages.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace abstractllm {
namespace {

bool is_attachment(const Part& part) { return attachment_in(part).has_value(); }

bool is_one_of(const Part& part, MediaKinds kinds) {
  const auto attached = attachment_in(part);
  return attached && kinds.has(attached->kind);
}

bool is_image(const ResultPart& part) { return std::holds_alternative<Image>(part); }

bool has_result_images(const Part& part) {
  const auto* result = std::get_if<ToolResult>(&part);
  return result != nullptr && std::any_of(result->parts.begin(), result->parts.end(), is_image);
}

bool has_result_images(const Message& message) {
  return std::any_of(message.parts().begin(), message.parts().end(),
                     [](const Part& part) { return has_result_images(part); });
}

Message with_before(const Message& message, std::vector<Part> parts) {
  if (!message.parts().empty()) parts.insert(parts.end(), message.parts().begin(), message.parts().end());
  else if (!message.text().empty()) parts.emplace_back(message.text());
  return {message.role(), std::move(parts)};
}

std::string with_article(MediaKind kind) {
  switch (kind) {
    case MediaKind::image: return "an image";
    case MediaKind::audio: return "audio";
    case MediaKind::file: break;
  }
  return "a file";
}

Result<void> check_roles(const std::vector<Message>& messages) {
  for (std::size_t index = 0; index < messages.size(); ++index) {
    if (messages[index].role() == Role::user) continue;
    for (const Part& part : messages[index].parts())
      if (const auto attached = attachment_in(part))
        return Error(ErrorKind::invalid_argument, "messages[" + std::to_string(index) + "] has the role " +
                                                      std::string(to_string(messages[index].role())) + " and holds " +
                                                      with_article(attached->kind) + "; only those of the user can");
  }
  return {};
}

/// Returns the parts of a message that are not of these kinds. Several texts become one, as in Message::text().
Message without(const Message& message, MediaKinds dropped) {
  std::vector<Part> parts;
  for (const Part& part : message.parts())
    if (!is_one_of(part, dropped)) parts.push_back(part);
  if (std::any_of(parts.begin(), parts.end(), is_attachment)) return {message.role(), std::move(parts)};
  return {message.role(), message.text()};
}

}  // namespace

std::optional<AttachedPart> attachment_in(const Part& part) {
  if (const auto* image = std::get_if<Image>(&part)) return AttachedPart{MediaKind::image, *image};
  if (const auto* audio = std::get_if<Audio>(&part)) return AttachedPart{MediaKind::audio, *audio};
  if (const auto* file = std::get_if<File>(&part)) return AttachedPart{MediaKind::file, *file};
  return std::nullopt;
}

std::size_t count_media(const std::vector<Message>& messages, MediaKind kind) {
  std::size_t count = 0;
  for_each_attachment(messages, [&](const AttachedPart& attached) {
    if (attached.kind == kind) ++count;
  });
  return count;
}

bool hold_media(const std::vector<Message>& messages) {
  bool found = false;
  for_each_attachment(messages, [&](const AttachedPart&) { found = true; });
  return found;
}

std::size_t count_result_images(const std::vector<Message>& messages) {
  std::ptrdiff_t count = 0;
  for (const Message& message : messages)
    for (const Part& part : message.parts())
      if (const auto* result = std::get_if<ToolResult>(&part))
        count += std::count_if(result->parts.begin(), result->parts.end(), is_image);
  return static_cast<std::size_t>(count);
}

void drop_result_images(std::vector<Message>& messages) {
  for (Message& message : messages) {
    if (!has_result_images(message)) continue;
    std::vector<Part> parts = message.parts();
    for (Part& part : parts) {
      if (!has_result_images(part)) continue;
      auto& result = std::get<ToolResult>(part);
      result.parts.clear();  // the text has all of their text
      if (result.text.empty()) result.text = "(an image, which was left out)";
    }
    message = Message(message.role(), std::move(parts));
  }
}

Result<std::vector<Message>> with_media(std::vector<Message> messages, const Options& options) {
  if (auto fits = check_roles(messages); !fits) return std::move(fits).error();
  std::vector<Part> added;
  if (options.images()) added.insert(added.end(), options.images()->begin(), options.images()->end());
  if (options.audio()) added.insert(added.end(), options.audio()->begin(), options.audio()->end());
  if (added.empty()) return messages;
  const auto last = std::find_if(messages.rbegin(), messages.rend(),
                                 [](const Message& message) { return message.role() == Role::user; });
  if (last == messages.rend())
    return Error(ErrorKind::invalid_argument,
                 "the options images and audio need a user message to go into, and there is none");
  *last = with_before(*last, std::move(added));
  return messages;
}

Result<std::vector<Message>> without_media(const std::vector<Message>& messages, MediaKinds dropped) {
  std::vector<Message> all = messages;
  if (dropped.has(MediaKind::image)) drop_result_images(all);
  std::vector<Message> kept;
  bool last_is_kept = true;
  for (const Message& message : all) {
    last_is_kept = true;
    if (std::none_of(message.parts().begin(), message.parts().end(),
                     [&](const Part& part) { return is_one_of(part, dropped); })) {
      kept.push_back(message);
      continue;
    }
    Message rest = without(message, dropped);
    last_is_kept = !rest.text().empty() || !rest.parts().empty();
    if (last_is_kept) kept.push_back(std::move(rest));
  }
  if (!kept.empty() && last_is_kept) return kept;
  const std::string what = !dropped.has(MediaKind::audio)  ? "its image, and the model cannot see"
                           : dropped.has(MediaKind::image) ? "its image and audio, and the model takes neither"
                                                           : "its audio, and the model cannot hear";
  return Error(ErrorKind::invalid_argument, "the prompt is empty without " + what);
}

std::vector<Warning> dropped_media(const std::vector<Message>& messages, MediaKinds dropped, const Options& options,
                                   const std::string& why_no_audio) {
  std::vector<Warning> warnings;
  const auto add = [&](MediaKind kind, const std::string& code, const std::string& one, const std::string& why) {
    const std::size_t count = dropped.has(kind) ? count_media(messages, kind) : 0;
    if (count == 0) return;
    const std::string what = count == 1 ? "1 " + one + " was" : std::to_string(count) + " " + one + "s were";
    warnings.push_back({code, why + ": " + what + " left out of the request"});
  };
  const std::string model = options.model() ? "model " + *options.model() : "the model";
  add(MediaKind::image, "image_dropped", "image", model + " cannot see");
  add(MediaKind::audio, "audio_dropped", "recording", why_no_audio.empty() ? model + " cannot hear" : why_no_audio);
  return warnings;
}

}  // namespace abstractllm
