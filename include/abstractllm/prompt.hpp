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

/// The input of a call: one text of the user, one message, or a conversation. Each of them converts implicitly:
/// `model.generate("Hello")`, `model.generate({Message::system("Be brief."), …})`.
///
/// A prompt owns its messages, whatever it was made from. Nothing is checked before the call: a prompt that is empty or
/// not UTF-8 makes the call fail with invalid_argument. It is a plain value. Copy it, but do not change one object from
/// two threads.
class ABSTRACTLLM_API Prompt {
 public:
  /// One message of the user. `text` is UTF-8, ends with a null character, and must not be null.
  Prompt(const char* text);       // NOLINT(google-explicit-constructor): a prompt is its text
  Prompt(std::string text);       // NOLINT(google-explicit-constructor)
  Prompt(std::string_view text);  // NOLINT(google-explicit-constructor)
  Prompt(std::nullptr_t) = delete;

  /// One message of any role.
  Prompt(Message message);  // NOLINT(google-explicit-constructor)

  /// A conversation from its beginning. The model answers the last message.
  Prompt(std::vector<Message> messages);  // NOLINT(google-explicit-constructor)

  /// The same from `{Message, Message, …}`. This is not an initializer_list, because GCC 12 cannot compile one within a
  /// co_await, and it would copy each message.
  template <std::same_as<Message>... More>
  Prompt(Message first, Message second, More... more) {
    reserve(2 + sizeof...(more));
    add(std::move(first));
    add(std::move(second));
    (add(std::move(more)), ...);
  }

  /// The messages in order. From a temporary they can be moved.
  const std::vector<Message>& messages() const& noexcept { return messages_; }
  std::vector<Message>&& messages() && noexcept { return std::move(messages_); }

 private:
  void reserve(std::size_t count);
  void add(Message&& message);

  std::vector<Message> messages_;
};

}  // namespace abstractllm
