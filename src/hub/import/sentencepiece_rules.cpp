// SPDX-License-Identifier: Apache-2.0
#include "hub/import/sentencepiece_rules.hpp"

#include <array>

#include "hub/import/pre_tokenizer.hpp"

namespace abstractllm {
namespace {

std::string describe_one(JsonElement rule) {
  const auto [type, prepend, pattern, content] =
      members(rule, std::array<std::string_view, 4>{"type", "prepend", "pattern", "content"});
  const std::string_view name = text_of(type);
  if (name == "Prepend") return "Prepend(" + std::string(text_of(prepend)) + ")";
  if (name == "Replace" && pattern) {
    const auto [plain, regex] = members(*pattern, std::array<std::string_view, 2>{"String", "Regex"});
    const std::string from = regex ? "/" + std::string(text_of(regex)) + "/" : std::string(text_of(plain));
    return "Replace(" + from + "," + std::string(text_of(content)) + ")";
  }
  return name.empty() ? "a rule without a type" : std::string(name);
}

void append_normalizers(JsonElement rule, std::string& text) {
  if (text_of(member(rule, "type")) == "Sequence") {
    for_each(member(rule, "normalizers"), [&](JsonElement part) { append_normalizers(part, text); });
    return;
  }
  if (!text.empty()) text += ' ';
  text += describe_one(rule);
}

/// Older files say add_prefix_space, newer ones prepend_scheme. `split` is true if it is absent
/// (https://github.com/huggingface/tokenizers, pre_tokenizers/metaspace.rs, read 2026-11).
std::string describe_metaspace(JsonElement rule) {
  const auto [replacement, scheme, prefix, split] =
      members(rule, std::array<std::string_view, 4>{"replacement", "prepend_scheme", "add_prefix_space", "split"});
  if (text_of(replacement) != word_mark) return "Metaspace(" + std::string(text_of(replacement)) + ")";
  std::string text = std::string(text_of(scheme));
  if (text.empty()) text = "always";
  if (!flag_of(prefix).value_or(true)) text = "never";
  return "Metaspace(" + text + (flag_of(split).value_or(true) ? ", split)" : ")");
}

void append_pre_tokenizers(JsonElement rule, std::string& text) {
  const std::string_view type = text_of(member(rule, "type"));
  if (type == "Sequence") {
    for_each(member(rule, "pretokenizers"), [&](JsonElement part) { append_pre_tokenizers(part, text); });
    return;
  }
  if (!text.empty()) text += ' ';
  text += type == "Metaspace" ? describe_metaspace(rule) : describe_rules(rule);
}

}  // namespace

std::string describe_normalizer(const std::optional<JsonElement>& normalizer) {
  std::string text;
  if (normalizer) append_normalizers(*normalizer, text);
  return text;
}

std::string describe_sentencepiece_rules(const std::optional<JsonElement>& pre_tokenizer) {
  std::string text;
  if (pre_tokenizer) append_pre_tokenizers(*pre_tokenizer, text);
  return text;
}

Result<void> mark_byte_tokens(Vocabulary& tokens) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::string text = {'<', '0', 'x', digits[byte >> 4], digits[byte & 15], '>'};
    const auto id = tokens.find(text);
    if (!id) return unsupported_rule(tokens.file(), "its vocabulary has no token " + text + " for that byte");
    tokens.set_type(*id, TokenType::byte);
  }
  return {};
}

}  // namespace abstractllm
