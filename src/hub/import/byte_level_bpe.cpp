// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "base/utf8.hpp"
#include "hub/import/bpe_merges.hpp"
#include "hub/import/byte_level_bpe.hpp"
#include "hub/import/pre_tokenizer.hpp"

namespace abstractllm {
namespace {

/// The character that stands for a byte: itself if it is visible in Latin-1, else one from U+0100
/// (https://github.com/openai/gpt-2/blob/master/src/encoder.py, bytes_to_unicode, read 2026-11).
std::string character_for(unsigned byte) {
  const auto is_visible = [](unsigned value) {
    return (value >= 0x21 && value <= 0x7E) || (value >= 0xA1 && value <= 0xAC) || value >= 0xAE;
  };
  unsigned code = byte;
  if (!is_visible(byte)) {
    code = 0x100;
    for (unsigned before = 0; before < byte; ++before) code += is_visible(before) ? 0 : 1;
  }
  if (code < 0x80) return std::string(1, static_cast<char>(code));
  return {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 0x3F))};
}

Result<void> check_model(const JsonFile& file, JsonElement model) {
  const auto [dropout, prefix, suffix] =
      members(model, std::array<std::string_view, 3>{"dropout", "continuing_subword_prefix", "end_of_word_suffix"});
  double chance = 0;
  if (dropout && (dropout->get(chance) != simdjson::SUCCESS || chance != 0))
    return unsupported_rule(file.name(), "its merges have a dropout");
  if (!text_of(prefix).empty() || !text_of(suffix).empty())
    return unsupported_rule(file.name(), "its BPE marks the beginning or the end of words");
  if (!is_nfc_at_most(file.member("normalizer"))) {
    const std::string_view type = text_of(member(*file.member("normalizer"), "type"));
    return unsupported_rule(file.name(), "the engine has no normalizer " + in_quotes(type) + " for byte-level BPE");
  }
  return {};
}

/// Without a token for each byte, Hugging Face's tokenizers put the unknown token, and the engine puts nothing.
Result<void> check_bytes(const JsonFile& file, JsonElement model, const Vocabulary& tokens) {
  if (text_of(member(model, "unk_token")).empty()) return {};
  for (unsigned byte = 0; byte < 256; ++byte) {
    if (!tokens.find(character_for(byte)))
      return unsupported_rule(file.name(), "its vocabulary has no token for the byte " + std::to_string(byte));
  }
  return {};
}

}  // namespace

Result<void> check_whole_words(const Vocabulary& tokens, const std::vector<Merge>& merges) {
  const MergeTable table(merges);
  for (std::int64_t id = 0; id < tokens.rows(); ++id) {
    if (!tokens.has(id)) continue;
    std::vector<std::int32_t> symbols;
    bool is_text = true;
    for (const std::string_view character : characters_of(tokens.text(id))) {
      const auto symbol = tokens.find(character);
      is_text = is_text && symbol;
      if (symbol) symbols.push_back(static_cast<std::int32_t>(*symbol));
    }
    if (is_text && table.apply(symbols).symbols.size() > 1) {
      return unsupported_rule(tokens.file(), "no merges lead to the token " + std::to_string(id) +
                                                 ", and the engine's pre-tokenizer looks up whole words "
                                                 "(ignore_merges) otherwise than the file says");
    }
  }
  return {};
}

namespace {

Result<PreTokenizer> choose_pre_tokenizer(const std::vector<PreTokenizer>& candidates, bool ignore_merges,
                                          const Vocabulary& tokens, const std::vector<Merge>& merges) {
  Result<void> same;
  for (const PreTokenizer& candidate : candidates) {
    if (candidate.ignore_merges == ignore_merges) return candidate;
    if (same) same = check_whole_words(tokens, merges);
    if (same) return candidate;
  }
  return same.error();
}

}  // namespace

Result<TokenizerParts> read_byte_level_bpe(const JsonFile& file, std::int64_t rows) {
  const JsonElement model = *file.member("model");
  if (Result<void> known = check_model(file, model); !known) return known.error();
  const bool ignore_merges = flag_of(member(model, "ignore_merges")).value_or(false);
  const Result<std::vector<PreTokenizer>> candidates = find_pre_tokenizers(file, ignore_merges);
  if (!candidates) return candidates.error();
  Result<Vocabulary> tokens = Vocabulary::with_rows(rows, file.name());
  if (!tokens) return tokens.error();
  if (Result<void> added = add_tokens(member(model, "vocab"), *tokens); !added) return added.error();
  if (Result<void> bytes = check_bytes(file, model, *tokens); !bytes) return bytes.error();
  const Result<std::vector<Merge>> merges = read_merges(member(model, "merges"), *tokens);
  if (!merges) return merges.error();
  const Result<PreTokenizer> pre = choose_pre_tokenizer(*candidates, ignore_merges, *tokens, *merges);
  if (!pre) return pre.error();
  std::vector<std::string> spelled = spell_merges(*merges, *tokens);
  TokenizerParts parts(std::move(*tokens), "gpt2", std::string(pre->name));
  parts.merges = std::move(spelled);
  parts.adds_beginning = pre->adds_beginning;
  return parts;
}

}  // namespace abstractllm
