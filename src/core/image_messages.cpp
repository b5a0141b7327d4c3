// SPDX-License-Identifier: Apache-2.0
#include "core/image_messages.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace abstractllm {
namespace {

bool is_image(const Part& part) { return std::holds_alternative<Image>(part); }

std::ptrdiff_t images_in(const Message& message) {
  return std::count_if(message.parts().begin(), message.parts().end(), is_image);
}

Message with_images_before(const Message& message, const std::vector<Image>& images) {
  std::vector<Part> parts(images.begin(), images.end());
  if (!message.parts().empty()) parts.insert(parts.end(), message.parts().begin(), message.parts().end());
  else if (!message.text().empty()) parts.emplace_back(message.text());
  return {message.role(), std::move(parts)};
}

}  // namespace

std::size_t count_images(const std::vector<Message>& messages) {
  std::ptrdiff_t count = 0;
  for (const Message& message : messages) count += images_in(message);
  return static_cast<std::size_t>(count);
}

Result<std::vector<Message>> with_images(std::vector<Message> messages, const Options& options) {
  for (std::size_t index = 0; index < messages.size(); ++index)
    if (messages[index].role() != Role::user && images_in(messages[index]) > 0)
      return Error(ErrorKind::invalid_argument, "messages[" + std::to_string(index) + "] has the role " +
                                                    std::string(to_string(messages[index].role())) +
                                                    " and holds an image; only those of the user can");
  if (!options.images() || options.images()->empty()) return messages;
  const auto last = std::find_if(messages.rbegin(), messages.rend(),
                                 [](const Message& message) { return message.role() == Role::user; });
  if (last == messages.rend())
    return Error(ErrorKind::invalid_argument, "the option images needs a user message to go into, and there is none");
  *last = with_images_before(*last, *options.images());
  return messages;
}

Result<std::vector<Message>> without_images(const std::vector<Message>& messages) {
  std::vector<Message> kept;
  for (const Message& message : messages)
    if (images_in(message) == 0) kept.push_back(message);
    else if (!message.text().empty()) kept.emplace_back(message.role(), message.text());
  if (kept.empty() || (images_in(messages.back()) > 0 && messages.back().text().empty()))
    return Error(ErrorKind::invalid_argument, "the prompt is empty without its image, and the model cannot see");
  return kept;
}

Warning image_dropped(const Request& request) {
  const std::size_t count = count_images(request.messages);
  const std::string what = count == 1 ? "1 image was" : std::to_string(count) + " images were";
  return {"image_dropped",
          "model " + request.options.model().value_or("") + " cannot see: " + what + " left out of the request"};
}

}  // namespace abstractllm
