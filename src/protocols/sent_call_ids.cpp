// SPDX-License-Identifier: Apache-2.0
#include "protocols/sent_call_ids.hpp"

#include <algorithm>

namespace abstractllm {
namespace {

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool fits(std::string_view id, CallIdForm form) {
  switch (form) {
    case CallIdForm::any: return true;
    case CallIdForm::nine: return id.size() == 9 && std::all_of(id.begin(), id.end(), is_letter_or_digit);
    case CallIdForm::at_most_40: return !id.empty() && id.size() <= 40;
    case CallIdForm::at_most_64: return !id.empty() && id.size() <= 64;
    case CallIdForm::word:
      return !id.empty() &&
             std::all_of(id.begin(), id.end(), [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; });
  }
  return true;
}

/// FNV-1a. It is the same on every machine, so that a conversation from a file keeps its ids.
std::uint64_t hash_of(std::string_view id) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash;
}

/// Returns `size` letters and digits.
std::string spelled_in_letters(std::uint64_t number, std::size_t size) {
  constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string text;
  for (; text.size() < size; number /= digits.size()) text += digits[number % digits.size()];
  return text;
}

template <class Take>
void for_each_id(const std::vector<Message>& messages, Take take) {
  for (const Message& message : messages)
    for (const Part& part : message.parts()) {
      if (const auto* call = std::get_if<ToolCall>(&part)) take(call->id);
      if (const auto* result = std::get_if<ToolResult>(&part)) take(result->id);
    }
}

}  // namespace

SentCallIds::SentCallIds(const std::vector<Message>& messages, CallIdForm form) : form_(form) {
  bool all_fit = true;
  for_each_id(messages, [&](const std::string& id) { all_fit = all_fit && fits(id, form); });
  if (all_fit) return;
  for_each_id(messages, [&](const std::string& id) {
    if (fits(id, form)) taken_.insert(id);
  });
  for_each_id(messages, [&](const std::string& id) {
    if (!fits(id, form) && replaced_.find(id) == replaced_.end()) replaced_.emplace(id, replacement(id));
  });
}

std::string_view SentCallIds::of(std::string_view id) const {
  const auto found = replaced_.find(id);
  return found == replaced_.end() ? id : std::string_view(found->second);
}

std::string SentCallIds::replacement(std::string_view id) {
  const std::uint64_t hash = hash_of(id);
  std::uint64_t& tries = tries_[hash];
  for (;;) {
    const std::uint64_t number = hash + tries++ * 11400714819323198485U;
    std::string text = form_ == CallIdForm::nine ? std::string() : "call_";
    text += spelled_in_letters(number, form_ == CallIdForm::nine ? 9 : 11);
    if (taken_.insert(text).second) return text;
  }
}

}  // namespace abstractllm
