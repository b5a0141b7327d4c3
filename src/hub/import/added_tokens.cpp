// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>

#include "base/utf8.hpp"
#include "hub/import/tokenizer_files.hpp"

namespace abstractllm {
namespace {

constexpr float added_score = -1000;

struct AddedToken {
  std::int64_t id = 0;
  std::string_view text;
  bool is_special = false;
};

bool is_between(std::string_view text, std::string_view begin, std::string_view end) {
  return text.size() >= begin.size() && text.substr(0, begin.size()) == begin && text.size() >= end.size() &&
         text.substr(text.size() - end.size()) == end;
}

std::string with_blanks(std::string_view text) {
  std::string changed;
  for (std::size_t at = 0; at < text.size();) {
    const bool is_space = text.substr(at, word_mark.size()) == word_mark;
    changed += is_space ? ' ' : text[at];
    at += is_space ? word_mark.size() : 1;
  }
  return changed;
}

/// Puts added tokens into a vocabulary. What a token means to the engine: a control token is found only where the
/// template puts it, and a user-defined one in every text.
class Adder {
 public:
  Adder(VocabularySource source, TokenizerParts& parts) : source_(source), parts_(parts) {}

  Result<void> add(const AddedToken& token, std::string_view file) {
    if (token.id >= parts_.tokens.rows() && parts_.drops_ids_without_row) return {};
    if (source_ == VocabularySource::sentencepiece_model) return put(token);
    if (!parts_.tokens.has(token.id)) {
      if (Result<void> added = parts_.tokens.add(token.id, token.text, TokenType::normal, added_score); !added)
        return added;
    } else if (parts_.tokens.text(token.id) != token.text) {
      return contradiction(file, "the added token " + in_quotes(token.text) + " has the id " +
                                     std::to_string(token.id) + ", which belongs to " +
                                     in_quotes(parts_.tokens.text(token.id)));
    }
    mark(token);
    return {};
  }

  /// A token of the vocabulary that tokenizer_config.json names, such as "bos_token".
  void name(std::string_view text) {
    const auto id = parts_.tokens.find(text);
    if (id && parts_.tokens.type(*id) == TokenType::normal) parts_.tokens.set_type(*id, TokenType::control);
  }

 private:
  Result<void> put(const AddedToken& token) {
    const bool hides = token.is_special || looks_special(token.text);
    const TokenType type = hides ? TokenType::control : TokenType::user_defined;
    return parts_.tokens.replace(token.id, hides ? std::string(token.text) : with_blanks(token.text), type,
                                 added_score);
  }

  void mark(const AddedToken& token) {
    Vocabulary& tokens = parts_.tokens;
    const bool is_unigram = parts_.model == "t5";
    if (is_unigram && tokens.type(token.id) == TokenType::unknown) return;
    if (token.is_special || (!is_unigram && looks_special(token.text))) {
      tokens.set_type(token.id, TokenType::control);
      return;
    }
    tokens.set_type(token.id, TokenType::user_defined);
    if (token.text.find(word_mark) != token.text.npos) tokens.respell(token.id, with_blanks(token.text));
  }

  VocabularySource source_;
  TokenizerParts& parts_;
};

/// tokenizer.json: [{"id": 0, "content": "<s>", "special": true, …}, …]
Result<void> add_list(Adder& adder, const JsonFile& file, const Vocabulary* unless_taken) {
  const auto list = file.member("added_tokens");
  simdjson::dom::array tokens;
  if (!list) return {};
  if (list->get(tokens) != simdjson::SUCCESS) return contradiction(file.name(), "added_tokens is no list");
  for (const JsonElement token : tokens) {
    const auto [id, content, special] = members(token, std::array<std::string_view, 3>{"id", "content", "special"});
    std::int64_t number = 0;
    if (!id || id->get(number) != simdjson::SUCCESS || number < 0 || !string_of(content))
      return contradiction(file.name(), "an added token has no id or no content");
    if (unless_taken && unless_taken->has(number)) continue;
    if (Result<void> added = adder.add({number, *string_of(content), flag_of(special).value_or(false)}, file.name());
        !added)
      return added;
  }
  return {};
}

/// tokenizer_config.json: {"0": {"content": "<s>", "special": true, …}, …}
Result<void> add_decoder(Adder& adder, const JsonFile& file) {
  const auto decoder = file.member("added_tokens_decoder");
  simdjson::dom::object tokens;
  if (!decoder) return {};
  if (decoder->get(tokens) != simdjson::SUCCESS) return contradiction(file.name(), "added_tokens_decoder is no object");
  const auto end = tokens.end();
  for (auto token = tokens.begin(); token != end; ++token) {
    const std::string_view key = token.key();
    const auto [content, special] = members(token.value(), std::array<std::string_view, 2>{"content", "special"});
    std::int64_t id = -1;
    const auto read = std::from_chars(key.data(), key.data() + key.size(), id);
    if (read.ec != std::errc() || read.ptr != key.data() + key.size() || id < 0 || !string_of(content))
      return contradiction(file.name(), "a token of added_tokens_decoder has no id or no content");
    if (Result<void> added = adder.add({id, *string_of(content), flag_of(special).value_or(false)}, file.name());
        !added)
      return added;
  }
  return {};
}

/// added_tokens.json: {"<s>": 0, …}
Result<void> add_map(Adder& adder, const JsonFile& file) {
  simdjson::dom::object tokens;
  if (file.root().get(tokens) != simdjson::SUCCESS) return contradiction(file.name(), "it is no object");
  const auto end = tokens.end();
  for (auto token = tokens.begin(); token != end; ++token) {
    std::int64_t id = 0;
    if (token.value().get(id) != simdjson::SUCCESS || id < 0)
      return contradiction(file.name(), "the token " + in_quotes(token.key()) + " has no id");
    if (Result<void> added = adder.add({id, token.key(), false}, file.name()); !added) return added;
  }
  return {};
}

void add_names(Adder& adder, const JsonFile& file) {
  for (const std::string_view key :
       {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"}) {
    if (const auto text = token_text(file.member(key))) adder.name(*text);
  }
  for_each(file.member("additional_special_tokens"), [&](JsonElement token) {
    if (const auto text = token_text(token)) adder.name(*text);
  });
}

}  // namespace

std::optional<std::string_view> token_text(const std::optional<JsonElement>& token) {
  if (const auto text = string_of(token)) return text;
  if (!token) return std::nullopt;
  return string_of(member(*token, "content"));
}

bool looks_special(std::string_view text) {
  return text == "<pad>" || text == "<mask>" || text == "<2mass>" || text == "[@BOS@]" ||
         is_between(text, "<|", "|>") || is_between(text, "<｜", "｜>") || is_between(text, "<unused", ">");
}

Result<void> add_added_tokens(const TokenizerFiles& files, VocabularySource source, TokenizerParts& parts) {
  Adder adder(source, parts);
  Result<void> added;
  const bool is_json = source == VocabularySource::tokenizer_json;
  if (is_json) added = add_list(adder, *files.tokenizer, nullptr);
  if (added && !is_json && files.added) added = add_map(adder, *files.added);
  if (added && files.settings) added = add_decoder(adder, *files.settings);
  // Older repositories list them in tokenizer.json only.
  if (added && !is_json && files.tokenizer) added = add_list(adder, *files.tokenizer, &parts.tokens);
  if (!added || source == VocabularySource::sentencepiece_model) return added;
  for (const auto* file : {&files.settings, &files.names}) {
    if (*file) add_names(adder, **file);
  }
  if (source == VocabularySource::text_files) {
    for (const std::string_view text : {"[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]", "<|endoftext|>"})
      adder.name(text);
  }
  return {};
}

}  // namespace abstractllm
