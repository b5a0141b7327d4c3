// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/chat_template.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "llama.h"

namespace abstractllm {
namespace {

struct Row {
  std::string_view name;
  std::string_view token;
  std::string_view architectures;
  std::string_view source;
};

#define CHAT_TEMPLATE(name, token, architectures, source) Row{name, token, architectures, source},
constexpr Row rows[] = {
#include "engines/llama_cpp/chat_templates.def"
};
#undef CHAT_TEMPLATE

const Row& row_of(std::string_view name) {
  return *std::find_if(std::begin(rows), std::end(rows), [&](const Row& row) { return row.name == name; });
}

std::string metadata(const llama_model* model, const char* key) {
  std::array<char, 256> value{};
  return llama_model_meta_val_str(model, key, value.data(), value.size()) < 0 ? std::string() : value.data();
}

/// Whether a name has a word: "SmolLM2-135M-Instruct" has "instruct", "gemma-3-270m-it" has "it".
bool holds_word(std::string_view text, std::string_view word) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_letter(text[at - 1])) && (end == text.size() || !is_letter(text[end]))) return true;
  }
  return false;
}

bool is_made_for_conversations(const llama_model* model, const std::string& file) {
  std::string names = std::filesystem::path(file).filename().string();
  for (const char* key : {"general.name", "general.basename", "general.finetune"}) names += " " + metadata(model, key);
  names = lowered(names);
  for (const std::string_view word : {"instruct", "chat", "it", "assistant"})
    if (holds_word(names, word)) return true;
  return false;
}

bool knows(const llama_vocab* vocab, std::string_view token) {
  llama_token found = 0;
  const int count = llama_tokenize(vocab, token.data(), static_cast<int>(token.size()), &found, 1, false, true);
  return count == 1 && llama_vocab_is_control(vocab, found);
}

const Row* family_of(const llama_model* model) {
  for (const Row& row : rows)
    if (!row.token.empty() && knows(llama_model_get_vocab(model), row.token)) return &row;
  const std::string architecture = " " + metadata(model, "general.architecture") + " ";
  for (const Row& row : rows)
    if (architecture.size() > 2 && row.architectures.find(architecture) != row.architectures.npos) return &row;
  return nullptr;
}

constexpr std::string_view how_to_say = "; say which it wants with chat_template (--chat-template)";

}  // namespace

Result<std::string> read_chat_template(const std::string& asked) {
  std::string names;
  for (const Row& row : rows) {
    if (row.name == asked) return std::string(row.source);
    names += (names.empty() ? "" : ", ") + std::string(row.name);
  }
  if (asked.find("{{") != asked.npos || asked.find("{%") != asked.npos) return asked;
  std::error_code unreadable;
  if (std::filesystem::is_regular_file(asked, unreadable)) {
    std::ifstream file(asked, std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(file), {}};
    if (file && !content.empty()) return content;
    return Error(ErrorKind::invalid_argument, "chat_template: the file '" + asked + "' is empty or cannot be read");
  }
  return Error(ErrorKind::invalid_argument,
               "chat_template: '" + escaped_start(asked, 200) +
                   "' is not a file, not a template (it has no {{ or {%) and not one of the names " + names);
}

std::optional<InferredTemplate> infer_chat_template(const llama_model* model, const std::string& file) {
  for (const char* name : {static_cast<const char*>(nullptr), "tool_use"})
    if (llama_model_chat_template(model, name) != nullptr) return std::nullopt;
  const Row* family = is_made_for_conversations(model, file) ? family_of(model) : nullptr;
  if (family != nullptr)
    return InferredTemplate{
        std::string(family->source),
        false,
        {"chat_template_inferred", "the model's file has no chat template; '" + std::string(family->name) +
                                       "' was taken for it" + std::string(how_to_say)}};
  return InferredTemplate{std::string(row_of(plain_template).source),
                          true,
                          {"no_chat_template",
                           "the model's file has no chat template, so it goes on with the text of the messages as they "
                           "are" +
                               std::string(how_to_say)}};
}

}  // namespace abstractllm
