// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "base/utf8.hpp"
#include "hub/import/tokenizer_parts.hpp"

namespace abstractllm {
namespace {

constexpr std::string_view continuation = "##";
Error no_such_rule(std::string_view file, const std::string& what) {
  return unsupported_rule(file, "the engine has no WordPiece " + what);
}

/// The engine cleans texts and isolates Chinese characters always.
Result<void> read_normalizer(const JsonFile& file, TokenizerParts& parts) {
  const auto normalizer = file.member("normalizer");
  if (!normalizer || text_of(member(*normalizer, "type")) != "BertNormalizer")
    return no_such_rule(file.name(), "with a normalizer other than BertNormalizer");
  const auto [clean, chinese, accents, lowercase] = members(
      *normalizer, std::array<std::string_view, 4>{"clean_text", "handle_chinese_chars", "strip_accents", "lowercase"});
  if (!flag_of(clean).value_or(true)) return no_such_rule(file.name(), "without clean_text");
  if (!flag_of(chinese).value_or(true)) return no_such_rule(file.name(), "without handle_chinese_chars");
  parts.settings.push_back({"tokenizer.ggml.normalizer.lowercase", flag_of(lowercase).value_or(true)});
  if (const auto strips = flag_of(accents))
    parts.settings.push_back({"tokenizer.ggml.normalizer.strip_accents", *strips});
  return {};
}

/// The rules of "bert-bge" are those of every WordPiece; the settings tell the rest.
TokenizerParts make_parts(Vocabulary tokens, std::optional<std::int64_t> unknown) {
  TokenizerParts parts(std::move(tokens), "bert", "bert-bge");
  parts.unknown = unknown;
  parts.adds_beginning = true;
  parts.marks_words = true;
  return parts;
}

}  // namespace

void mark_words(Vocabulary& tokens) {
  for (std::int64_t id = 0; id < tokens.rows(); ++id) {
    if (!tokens.has(id) || tokens.type(id) == TokenType::control || tokens.type(id) == TokenType::user_defined)
      continue;
    const std::string& text = tokens.text(id);
    if (text.rfind(continuation, 0) == 0) tokens.respell(id, text.substr(continuation.size()));
    else tokens.respell(id, std::string(word_mark) + text);
  }
}

Result<TokenizerParts> read_wordpiece(const JsonFile& file, std::int64_t rows) {
  const JsonElement model = *file.member("model");
  const auto [vocab, prefix, unk] =
      members(model, std::array<std::string_view, 3>{"vocab", "continuing_subword_prefix", "unk_token"});
  if (string_of(prefix).value_or(continuation) != continuation)
    return no_such_rule(file.name(), "whose continuation is " + in_quotes(text_of(prefix)) + " and not '##'");
  const auto pre_tokenizer = file.member("pre_tokenizer");
  if (!pre_tokenizer || text_of(member(*pre_tokenizer, "type")) != "BertPreTokenizer")
    return no_such_rule(file.name(), "with a pre-tokenizer other than BertPreTokenizer");
  Result<Vocabulary> tokens = Vocabulary::with_rows(rows, file.name());
  if (!tokens) return tokens.error();
  if (Result<void> added = add_tokens(vocab, *tokens); !added) return added.error();
  const auto unknown = tokens->find(string_of(unk).value_or("[UNK]"));
  if (!unknown) return contradiction(file.name(), "the vocabulary has no unknown token");
  TokenizerParts parts = make_parts(std::move(*tokens), unknown);
  if (Result<void> known = read_normalizer(file, parts); !known) return known.error();
  return parts;
}

Result<TokenizerParts> read_vocab_txt(const ModelFolder& folder, std::int64_t rows,
                                      const std::optional<JsonFile>& config) {
  constexpr std::string_view name = "vocab.txt";
  const Result<std::string> text = folder.text(name);
  if (!text) return text.error();
  if (const auto invalid = find_invalid_utf8(*text))
    return contradiction(name, "it is not UTF-8 at byte " + std::to_string(*invalid));
  Result<Vocabulary> tokens = Vocabulary::with_rows(rows, std::string(name));
  if (!tokens) return tokens.error();
  std::int64_t id = 0;
  for (std::string_view rest = *text; !rest.empty(); ++id) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (Result<void> added = tokens->add(id, line, TokenType::normal); !added) return added.error();
  }
  const auto setting = [&](std::string_view key) { return config ? config->member(key) : std::nullopt; };
  const auto unknown = tokens->find(string_of(setting("unk_token")).value_or("[UNK]"));
  if (!unknown) return contradiction(name, "the vocabulary has no unknown token");
  if (!flag_of(setting("tokenize_chinese_chars")).value_or(true))
    return no_such_rule(name, "without tokenize_chinese_chars");
  TokenizerParts parts = make_parts(std::move(*tokens), unknown);
  parts.settings.push_back({"tokenizer.ggml.normalizer.lowercase", flag_of(setting("do_lower_case")).value_or(true)});
  if (const auto strips = flag_of(setting("strip_accents")))
    parts.settings.push_back({"tokenizer.ggml.normalizer.strip_accents", *strips});
  return parts;
}

}  // namespace abstractllm
