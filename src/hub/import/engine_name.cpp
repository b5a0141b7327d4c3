// SPDX-License-Identifier: Apache-2.0
#include "hub/import/engine_name.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/ascii.hpp"
#include "hub/import/json_file.hpp"

namespace abstractllm {
namespace {

constexpr std::array<std::string_view, 2> marks = {"phi-3", "phi3"};
// The engine never strips after these.
constexpr std::array<std::string_view, 4> unstripped = {"</s>", "<unk>", "<s>", "<|endoftext|>"};

/// The rule of the engine is for all special tokens.
bool strips_after_tokens(const JsonFile& tokenizer) {
  bool any = false;
  bool all = true;
  for_each(tokenizer.member("added_tokens"), [&](JsonElement token) {
    const auto [content, special, rstrip] =
        members(token, std::array<std::string_view, 3>{"content", "special", "rstrip"});
    if (std::find(unstripped.begin(), unstripped.end(), text_of(content)) != unstripped.end()) return;
    if (!flag_of(special).value_or(false)) return;
    any = true;
    all = all && flag_of(rstrip).value_or(false);
  });
  return any && all;
}

/// Masks are for training, and no text has one. `strips`: the engine drops the blanks after special tokens.
bool needs_more_than_its_text(JsonElement token, bool strips) {
  const auto [content, special, lstrip, rstrip, single_word] =
      members(token, std::array<std::string_view, 5>{"content", "special", "lstrip", "rstrip", "single_word"});
  if (lowered(text_of(content)).find("mask") != std::string::npos) return false;
  const bool is_stripped = strips && flag_of(special).value_or(false);
  return flag_of(lstrip).value_or(false) || flag_of(single_word).value_or(false) ||
         (flag_of(rstrip).value_or(false) && !is_stripped);
}

void warn_of_tokens(const JsonFile& tokenizer, bool strips, std::vector<Warning>& warnings) {
  std::size_t count = 0;
  std::string first;
  for_each(tokenizer.member("added_tokens"), [&](JsonElement token) {
    if (needs_more_than_its_text(token, strips) && count++ == 0) first = in_quotes(text_of(member(token, "content")));
  });
  if (count == 0) return;
  warnings.push_back(
      {"import_tokens", "tokenizer.json has " + std::to_string(count) + " added tokens, first " + first +
                            ", that take the blanks beside them (lstrip, rstrip) or count only as words of their own "
                            "(single_word). The engine does not do this, so texts with blanks beside them differ"});
}

/// The position of a mark and its length.
std::optional<std::pair<std::size_t, std::size_t>> find_mark(const std::string& name) {
  const std::string lower = lowered(name);
  for (const std::string_view mark : marks)
    if (const std::size_t at = lower.find(mark); at != std::string::npos) return std::pair(at, mark.size());
  return std::nullopt;
}

}  // namespace

Result<std::string> engine_name(const ModelFolder& folder, std::string name, std::vector<Warning>& warnings) {
  const Result<std::optional<JsonFile>> tokenizer = JsonFile::read_if_present(folder, "tokenizer.json");
  if (!tokenizer) return tokenizer.error();
  // Without tokenizer.json, only a name says so.
  if (!*tokenizer) return name;
  const bool strips = strips_after_tokens(**tokenizer);
  warn_of_tokens(**tokenizer, strips, warnings);
  if (strips && !find_mark(name)) return "phi3 " + name;
  if (strips) return name;
  while (const auto mark = find_mark(name)) name.replace(mark->first, mark->second, "phi");
  return name;
}

}  // namespace abstractllm
