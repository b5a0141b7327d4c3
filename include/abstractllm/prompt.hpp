// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abstractllm/export.hpp"
#include "abstractllm/message.hpp"

namespace abstractllm {

/// What a call asks: one text of the user, one message, or a conversation. It is made implicitly, so that a call takes
/// each of them as it is: `model.generate("Hello")`, `model.generate({Message::system("Be brief."), …})`.
///
/// It holds its messages, whatever it was made from. Nothing is checked before the call: a prompt that is empty, or no
/// UTF-8, is the call's invalid_argument. A plain value: copy it, but do not change one object from two threads.
class ABSTRACTLLM_API Prompt {
 public:
  /// One message of the user. `text` is UTF-8; the pointer ends with a null character, and is not null itself.
  Prompt(const char* text);       // NOLINT(google-explicit-constructor): a prompt is what stands there
  Prompt(std::string text);       // NOLINT(google-explicit-constructor)
  Prompt(std::string_view text);  // NOLINT(google-explicit-constructor)
  Prompt(std::nullptr_t) = delete;

  /// One message, of whomever.
  Prompt(Message message);  // NOLINT(google-explicit-constructor)

  /// A conversation, from its beginning; the last message is answered.
  Prompt(std::vector<Message> messages);  // NOLINT(google-explicit-constructor)

  /// The same from `{Message, Message, …}`. No initializer_list: GCC 12 cannot compile one within a co_await, and it
  /// would copy each message.
  template <std::same_as<Message>... More>
  Prompt(Message first, Message second, More... more) {
    reserve(2 + sizeof...(more));
    add(std::move(first));
    add(std::move(second));
    (add(std::move(more)), ...);
  }

  /// The messages in order; of a temporary, to be moved from.
  const std::vector<Message>& messages() const& noexcept { return messages_; }
  std::vector<Message>&& messages() && noexcept { return std::move(messages_); }

 private:
  void reserve(std::size_t count);
  void add(Message&& message);

  std::vector<Message> messages_;
};

}  // namespace abstractllm
