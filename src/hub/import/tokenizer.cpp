// SPDX-License-Identifier: Apache-2.0
#include "hub/import/tokenizer.hpp"

#include <algorithm>
#include <array>

#include "base/utf8.hpp"
#include "hub/import/tokenizer_files.hpp"

namespace abstractllm {
namespace {

struct Source {
  TokenizerParts parts;
  VocabularySource kind;
};

Result<Source> make_source(Result<TokenizerParts> parts, VocabularySource kind) {
  if (!parts) return std::move(parts).error();
  return Source{std::move(*parts), kind};
}

bool is_byte_level(const JsonFile& file) {
  const auto has_byte_level = [](const auto& self, JsonElement rule) -> bool {
    if (text_of(member(rule, "type")) == "ByteLevel") return true;
    bool found = false;
    for_each(member(rule, "pretokenizers"), [&](JsonElement part) { found = found || self(self, part); });
    return found;
  };
  const auto pre_tokenizer = file.member("pre_tokenizer");
  return pre_tokenizer && has_byte_level(has_byte_level, *pre_tokenizer);
}

/// Older files have no type: https://github.com/huggingface/tokenizers, models/mod.rs (read 2026-11).
std::string_view model_type(JsonElement model) {
  const auto [type, merges, vocab] = members(model, std::array<std::string_view, 3>{"type", "merges", "vocab"});
  if (type) return text_of(type);
  if (merges) return "BPE";
  return vocab && vocab->is_array() ? "Unigram" : "WordPiece";
}

constexpr const char* prefix_key = "tokenizer.ggml.add_space_prefix";

void set_prefix(TokenizerParts& parts, bool adds_prefix) {
  for (GgufEntry& entry : parts.settings) {
    if (entry.key != prefix_key) continue;
    entry.value = adds_prefix;
    return;
  }
  parts.settings.push_back({prefix_key, adds_prefix});
}

/// tokenizer.json tells the rules. But the scores of the original are better than those that can be derived.
Result<Source> read_with_scores(const ModelFolder& folder, const JsonFile& file, std::int64_t rows) {
  const Result<BlankBefore> blank = blank_before(file);
  if (!blank) return blank.error();
  Result<TokenizerParts> parts = read_sentencepiece_model(folder, rows, true);
  if (!parts) return parts.error();
  // As upstream's converter, this says nothing where the engine puts a blank before a text anyway.
  const auto is_set = [](const GgufEntry& entry) { return entry.key == prefix_key; };
  const bool adds_prefix = *blank != BlankBefore::nothing;
  if (!adds_prefix || std::any_of(parts->settings.begin(), parts->settings.end(), is_set))
    set_prefix(*parts, adds_prefix);
  parts->blank = *blank;
  return make_source(std::move(parts), VocabularySource::sentencepiece_model);
}

Result<Source> read_tokenizer_json(const ModelFolder& folder, const JsonFile& file, std::int64_t rows) {
  const auto model = file.member("model");
  if (!model || !model->is_object()) return contradiction(file.name(), "it has no model");
  const std::string_view type = model_type(*model);
  constexpr auto json = VocabularySource::tokenizer_json;
  if (type == "WordPiece") return make_source(read_wordpiece(file, rows), json);
  if (type == "Unigram") return make_source(read_unigram(file, rows), json);
  if (type != "BPE") return unsupported_rule(file.name(), "the engine has no tokenizer of the type " + in_quotes(type));
  const bool falls_back = flag_of(member(*model, "byte_fallback")).value_or(false);
  if (!falls_back || is_byte_level(file)) return make_source(read_byte_level_bpe(file, rows), json);
  if (folder.has("tokenizer.model")) return read_with_scores(folder, file, rows);
  return make_source(read_sentencepiece_bpe(file, rows), json);
}

Result<Source> read_source(const ModelFolder& folder, const TokenizerFiles& files, const TokenizerContext& context) {
  if (files.tokenizer) return read_tokenizer_json(folder, *files.tokenizer, context.rows);
  if (folder.has("tokenizer.model"))
    return make_source(read_sentencepiece_model(folder, context.rows, false), VocabularySource::sentencepiece_model);
  constexpr auto text = VocabularySource::text_files;
  if (folder.has("vocab.json") && folder.has("merges.txt")) {
    std::string_view name = text_of(files.setting("tokenizer_class"));
    if (name.empty() && context.architecture == "gpt2") name = "GPT2Tokenizer";
    return make_source(read_vocab_and_merges(folder, context.rows, name), text);
  }
  if (folder.has("vocab.txt")) return make_source(read_vocab_txt(folder, context.rows, files.settings), text);
  return Error(ErrorKind::not_configured,
               "the folder " + folder.path().string() +
                   " has no tokenizer: no tokenizer.json, tokenizer.model, vocab.json with merges.txt, or vocab.txt. "
                   "Download the whole repository");
}

/// The engine reads a blank before the text from here also where a file of transformers sets it.
void override_prefix(const TokenizerFiles& files, std::string_view architecture, TokenizerParts& parts) {
  const auto prefix = flag_of(files.setting("add_prefix_space"));
  if (!prefix || architecture != "llama") return;
  set_prefix(parts, *prefix);
}

std::vector<GgufEntry> make_entries(TokenizerParts& parts) {
  std::vector<GgufEntry> entries;
  entries.push_back({"tokenizer.ggml.model", parts.model});
  entries.push_back({"tokenizer.ggml.pre", parts.pre});
  parts.tokens.write(entries, parts.has_scores);
  if (parts.model == "gpt2") entries.push_back({"tokenizer.ggml.merges", std::move(parts.merges)});
  for (GgufEntry& entry : parts.settings) entries.push_back(std::move(entry));
  return entries;
}

}  // namespace

Result<TokenizerFiles> TokenizerFiles::read(const ModelFolder& folder) {
  TokenizerFiles files;
  const std::array<std::pair<const char*, std::optional<JsonFile>*>, 6> wanted = {{
      {"tokenizer.json", &files.tokenizer},
      {"tokenizer_config.json", &files.settings},
      {"special_tokens_map.json", &files.names},
      {"added_tokens.json", &files.added},
      {"config.json", &files.model},
      {"generation_config.json", &files.generation},
  }};
  for (const auto& [name, file] : wanted) {
    Result<std::optional<JsonFile>> read = JsonFile::read_if_present(folder, name);
    if (!read) return read.error();
    *file = std::move(*read);
  }
  return files;
}

Result<std::vector<GgufEntry>> read_tokenizer(const ModelFolder& folder, const TokenizerContext& context) {
  const Result<TokenizerFiles> files = TokenizerFiles::read(folder);
  if (!files) return files.error();
  Result<Source> source = read_source(folder, *files, context);
  if (!source) return source.error();
  TokenizerParts& parts = source->parts;
  override_prefix(*files, context.architecture, parts);
  std::vector<GgufEntry> templates;
  if (Result<void> added = add_chat_templates(folder, *files, templates); !added) return added.error();
  // The engine puts a blank after each special token or nowhere, and templates begin with a special token.
  if (parts.blank == BlankBefore::beginning && !templates.empty()) set_prefix(parts, false);
  if (Result<void> added = add_added_tokens(*files, source->kind, parts); !added) return added.error();
  if (parts.marks_words) mark_words(parts.tokens);
  if (Result<void> finished = parts.tokens.finish(parts.unused_score, parts.marks_words ? "▁" : ""); !finished)
    return finished.error();
  std::vector<GgufEntry> special;
  if (Result<void> added = add_special_tokens(*files, context.architecture, source->kind, parts, special); !added)
    return added.error();
  std::vector<GgufEntry> entries = make_entries(parts);
  for (GgufEntry& entry : special) entries.push_back(std::move(entry));
  for (GgufEntry& entry : templates) entries.push_back(std::move(entry));
  return entries;
}

Result<void> add_tokens(const std::optional<JsonElement>& vocab, Vocabulary& tokens) {
  simdjson::dom::object members;
  if (!vocab || vocab->get(members) != simdjson::SUCCESS)
    return contradiction(tokens.file(), "the vocabulary is no object");
  const auto end = members.end();
  for (auto token = members.begin(); token != end; ++token) {
    std::int64_t id = 0;
    if (token.value().get(id) != simdjson::SUCCESS)
      return contradiction(tokens.file(), "the token " + in_quotes(token.key()) + " has no id");
    if (Result<void> added = tokens.add(id, token.key(), TokenType::normal); !added) return added;
  }
  return {};
}

}  // namespace abstractllm
