// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cmath>

#include "base/utf8.hpp"
#include "hub/import/charsmap.hpp"
#include "hub/import/protobuf.hpp"
#include "hub/import/sentencepiece_rules.hpp"
#include "hub/import/tokenizer_parts.hpp"
#include "hub/import/unigram.hpp"

namespace abstractllm {
namespace {

constexpr std::string_view model_file_name = "tokenizer.model";

/// A ModelProto (https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto, read 2026-11) with
/// its defaults. The numbers of the fields are in the functions that read them.
struct Model {
  std::uint64_t kind = 1;  // TrainerSpec.ModelType
  bool marks_ends = false;
  std::string_view charsmap;
  bool adds_prefix = true;
  bool merges_spaces = true;
  bool escapes_spaces = true;
};

constexpr std::uint64_t unigram = 1;
constexpr std::uint64_t bpe = 2;

Error damaged(const std::string& what) { return contradiction(model_file_name, what); }

bool read_trainer(std::string_view message, Model& model) {
  ProtobufReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == 3) model.kind = field->value;
    if (field->number == 24) model.marks_ends = field->value != 0;
  }
  return !reader.failed();
}

bool read_normalizer(std::string_view message, Model& model) {
  ProtobufReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == 2) model.charsmap = field->bytes;
    if (field->number == 3) model.adds_prefix = field->value != 0;
    if (field->number == 4) model.merges_spaces = field->value != 0;
    if (field->number == 5) model.escapes_spaces = field->value != 0;
  }
  return !reader.failed();
}

struct Piece {
  std::string_view text;
  float score = 0;
  TokenType type = TokenType::normal;
};

Result<Piece> read_piece(std::string_view message, std::int64_t id) {
  Piece piece;
  ProtobufReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == 1) piece.text = field->bytes;
    if (field->number == 2) piece.score = std::bit_cast<float>(static_cast<std::uint32_t>(field->value));
    if (field->number == 3) piece.type = static_cast<TokenType>(std::min<std::uint64_t>(field->value, 7));
  }
  const auto type = static_cast<std::int32_t>(piece.type);
  if (reader.failed() || type < 1 || type > 6 || !std::isfinite(piece.score) || find_invalid_utf8(piece.text))
    return damaged("token " + std::to_string(id) + " is damaged");
  // Its trainer's own symbols have a score and merge like others; the engine would put a blank after each.
  if (piece.type == TokenType::user_defined) piece.type = TokenType::normal;
  return piece;
}

Result<Model> read_model(std::string_view bytes, Vocabulary& tokens) {
  Model model;
  std::int64_t id = 0;
  ProtobufReader reader(bytes);
  while (const auto field = reader.next()) {
    if (field->number == 1) {
      const Result<Piece> piece = read_piece(field->bytes, id);
      if (!piece) return piece.error();
      if (Result<void> added = tokens.add(id++, piece->text, piece->type, piece->score); !added) return added.error();
    }
    const bool is_trainer = field->number == 2;
    const bool is_normalizer = field->number == 3;
    if ((is_trainer && !read_trainer(field->bytes, model)) || (is_normalizer && !read_normalizer(field->bytes, model)))
      return damaged("its settings are damaged");
  }
  if (reader.failed()) return damaged("it is no SentencePiece model, or it is cut");
  if (id == 0) return damaged("it has no tokens");
  return model;
}

Result<void> check_bpe(const Model& model, bool rules_are_known) {
  if (!model.escapes_spaces || model.marks_ends)
    return unsupported_rule(
        model_file_name,
        "the engine's SentencePiece marks the beginning of a word with U+2581, and this file does not");
  if (rules_are_known) return {};
  if (!model.charsmap.empty())
    return unsupported_rule(model_file_name, "the engine has no normalizer for SentencePiece's BPE");
  if (model.merges_spaces)
    return unsupported_rule(model_file_name, "the engine's BPE keeps extra blanks, and this file removes them");
  return {};
}

}  // namespace

Result<TokenizerParts> read_sentencepiece_model(const ModelFolder& folder, std::int64_t rows, bool rules_are_known) {
  const Result<std::string> bytes = folder.text(model_file_name);
  if (!bytes) return bytes.error();
  Result<Vocabulary> tokens = Vocabulary::with_rows(rows, std::string(model_file_name));
  if (!tokens) return tokens.error();
  const Result<Model> model = read_model(*bytes, *tokens);
  if (!model) return model.error();
  std::optional<std::int64_t> unknown;
  for (std::int64_t id = 0; id < tokens->rows() && !unknown; ++id) {
    if (tokens->type(id) == TokenType::unknown) unknown = id;
  }
  const bool is_bpe = model->kind == bpe;
  if (!is_bpe && model->kind != unigram)
    return unsupported_rule(model_file_name, "the engine has only BPE and Unigram of SentencePiece");
  if (is_bpe) {
    if (Result<void> known = check_bpe(*model, rules_are_known); !known) return known.error();
    if (Result<void> complete = mark_byte_tokens(*tokens); !complete) return complete.error();
  } else {
    if (!unknown) return damaged("it has no unknown token");
    if (!model->escapes_spaces || model->marks_ends)
      return unsupported_rule(model_file_name,
                              "the engine's Unigram marks the beginning of a word with U+2581, and this file does not");
    if (!model->charsmap.empty()) {
      if (Result<void> sound = check_charsmap(model->charsmap, model_file_name); !sound) return sound.error();
    }
  }
  TokenizerParts parts(std::move(*tokens), is_bpe ? "llama" : "t5", "default");
  parts.has_scores = true;
  parts.unused_score = -10000;
  parts.unknown = unknown;
  parts.adds_beginning = is_bpe;
  parts.adds_end = !is_bpe;
  parts.drops_ids_without_row = true;
  if (!is_bpe) add_space_settings(parts, model->adds_prefix, model->merges_spaces, model->charsmap);
  else if (!model->adds_prefix) parts.settings.push_back({"tokenizer.ggml.add_space_prefix", false});
  return parts;
}

}  // namespace abstractllm
