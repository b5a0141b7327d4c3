// SPDX-License-Identifier: Apache-2.0
// BERT, RoBERTa and XLM-RoBERTa for embeddings, and their classifiers of one sequence for reranking. Sources, read
// 2026-11: conversion/bert.py, gguf-py/gguf/tensor_mapping.py, src/models/bert.cpp and build_pooling() in
// src/llama-graph.cpp of llama.cpp v0.5.0; configuration_bert.py and configuration_xlm_roberta.py of transformers 5.24.
#include <charconv>
#include <map>

#include "hub/import/architectures/architectures.hpp"

namespace abstractllm::bert_import {
namespace {

constexpr std::string_view bert_classes[] = {"BertModel", "BertForMaskedLM"};
constexpr std::string_view bert_classifier_classes[] = {"BertForSequenceClassification"};
constexpr std::string_view roberta_classes[] = {"RobertaModel", "RobertaForMaskedLM", "XLMRobertaModel",
                                                "XLMRobertaForMaskedLM"};
constexpr std::string_view roberta_classifier_classes[] = {"RobertaForSequenceClassification",
                                                           "XLMRobertaForSequenceClassification"};

constexpr SettingDefault bert_defaults[] = {
    {"layer_norm_eps", 1e-12}, {"type_vocab_size", 2}, {"max_position_embeddings", 512}};
constexpr SettingDefault roberta_defaults[] = {
    {"layer_norm_eps", 1e-12}, {"type_vocab_size", 2}, {"max_position_embeddings", 512}, {"pad_token_id", 1}};

// The engine computes gelu by its approximation with tanh.
constexpr FixedSetting fixed[] = {
    {"hidden_act", {"\"gelu\"", "\"gelu_new\"", "\"gelu_pytorch_tanh\""}},
    {"position_embedding_type", {"\"absolute\""}},
    {"is_decoder", {"false"}},
    {"add_cross_attention", {"false"}},
};

constexpr Rename bert_prefixes[] = {{"bert.", ""}};
constexpr Rename roberta_prefixes[] = {{"roberta.", ""}};
// The names of the first TensorFlow checkpoints.
constexpr Rename suffixes[] = {{"LayerNorm.gamma", "LayerNorm.weight"}, {"LayerNorm.beta", "LayerNorm.bias"}};
constexpr std::string_view bert_skipped[] = {"embeddings.position_ids", "pooler.*", "cls.predictions.*",
                                             "cls.seq_relationship.*"};
constexpr std::string_view roberta_skipped[] = {"embeddings.position_ids", "pooler.*", "lm_head.*"};
constexpr std::string_view classifier_skipped[] = {"embeddings.position_ids"};

using enum Size;

constexpr TensorRow bert_positions[] = {
    {"embeddings.position_embeddings.weight",
     "position_embd.weight",
     {positions, embedding},
     Transform::keep,
     Presence::required,
     {},
     true},
};
constexpr TensorRow roberta_positions[] = {
    {"embeddings.position_embeddings.weight",
     "position_embd.weight",
     {positions, embedding},
     Transform::skip_positions,
     Presence::required,
     {},
     true},
};

constexpr TensorRow body[] = {
    {"embeddings.word_embeddings.weight", "token_embd.weight", {vocabulary, embedding}},
    {"embeddings.token_type_embeddings.weight",
     "token_types.weight",
     {token_types, embedding},
     Transform::keep,
     Presence::required,
     {},
     true},
    {"embeddings.LayerNorm.weight", "token_embd_norm.weight", {embedding}},
    {"embeddings.LayerNorm.bias", "token_embd_norm.bias", {embedding}},
    {"encoder.layer.{}.attention.self.query.weight", "blk.{}.attn_q.weight", {query_rows, embedding}},
    {"encoder.layer.{}.attention.self.query.bias", "blk.{}.attn_q.bias", {query_rows}},
    {"encoder.layer.{}.attention.self.key.weight", "blk.{}.attn_k.weight", {query_rows, embedding}},
    {"encoder.layer.{}.attention.self.key.bias", "blk.{}.attn_k.bias", {query_rows}},
    {"encoder.layer.{}.attention.self.value.weight", "blk.{}.attn_v.weight", {query_rows, embedding}},
    {"encoder.layer.{}.attention.self.value.bias", "blk.{}.attn_v.bias", {query_rows}},
    {"encoder.layer.{}.attention.output.dense.weight", "blk.{}.attn_output.weight", {embedding, query_rows}},
    {"encoder.layer.{}.attention.output.dense.bias", "blk.{}.attn_output.bias", {embedding}},
    {"encoder.layer.{}.attention.output.LayerNorm.weight", "blk.{}.attn_output_norm.weight", {embedding}},
    {"encoder.layer.{}.attention.output.LayerNorm.bias", "blk.{}.attn_output_norm.bias", {embedding}},
    {"encoder.layer.{}.intermediate.dense.weight", "blk.{}.ffn_up.weight", {feed_forward, embedding}},
    {"encoder.layer.{}.intermediate.dense.bias", "blk.{}.ffn_up.bias", {feed_forward}},
    {"encoder.layer.{}.output.dense.weight", "blk.{}.ffn_down.weight", {embedding, feed_forward}},
    {"encoder.layer.{}.output.dense.bias", "blk.{}.ffn_down.bias", {embedding}},
    {"encoder.layer.{}.output.LayerNorm.weight", "blk.{}.layer_output_norm.weight", {embedding}},
    {"encoder.layer.{}.output.LayerNorm.bias", "blk.{}.layer_output_norm.bias", {embedding}},
};

// The engine computes cls.output(tanh(cls(first token))), which is what both classes compute. Its converter leaves
// BERT's pooler out, which changes the scores.
constexpr TensorRow bert_head[] = {
    {"pooler.dense.weight", "cls.weight", {embedding, embedding}},
    {"pooler.dense.bias", "cls.bias", {embedding}},
    {"classifier.weight", "cls.output.weight", {labels, embedding}},
    {"classifier.bias", "cls.output.bias", {labels}},
};
constexpr TensorRow roberta_head[] = {
    {"classifier.dense.weight", "cls.weight", {embedding, embedding}},
    {"classifier.dense.bias", "cls.bias", {embedding}},
    {"classifier.out_proj.weight", "cls.output.weight", {labels, embedding}},
    {"classifier.out_proj.bias", "cls.output.bias", {labels}},
};

template <std::size_t count, std::size_t more>
constexpr std::array<TensorRow, count + more> with(const std::array<TensorRow, count>& rows,
                                                   const TensorRow (&added)[more]) {
  std::array<TensorRow, count + more> all{};
  for (std::size_t at = 0; at < count; ++at) all[at] = rows[at];
  for (std::size_t at = 0; at < more; ++at) all[count + at] = added[at];
  return all;
}

constexpr auto bert_tensors = joined(bert_positions, body);
constexpr auto roberta_tensors = joined(roberta_positions, body);
constexpr auto bert_classifier_tensors = with(bert_tensors, bert_head);
constexpr auto roberta_classifier_tensors = with(roberta_tensors, roberta_head);

constexpr KeyRow keys[] = {number_key("attention.layer_norm_epsilon", "layer_norm_eps")};

constexpr std::size_t most_labels = 100'000;

/// The names of the classes, by their numbers. Without names there are two, as in transformers.
std::vector<std::string> read_labels(ModelConfig& config) {
  const Json* stored = config.find("id2label");
  if (stored == nullptr) return {"LABEL_0", "LABEL_1"};
  std::map<std::size_t, std::string> names;
  if (stored->is_object() && stored->size() <= most_labels) {
    for (const auto& [number, name] : stored->get_ref<const Json::object_t&>()) {
      std::size_t at = 0;
      const auto [end, wrong] = std::from_chars(number.data(), number.data() + number.size(), at);
      if (wrong == std::errc() && end == number.data() + number.size() && name.is_string())
        names[at] = name.get<std::string>();
    }
  }
  std::vector<std::string> ordered;
  for (auto& [number, name] : names)
    if (number == ordered.size()) ordered.push_back(std::move(name));
  if (ordered.empty() || ordered.size() != stored->size())
    config.refuse(ErrorKind::engine_failed, "has 'id2label' that does not name classes from 0");
  return ordered;
}

void read_label_count(ImportDraft& draft) {
  draft.sizes[labels] = static_cast<std::int64_t>(read_labels(draft.config).size());
}

/// Positions begin after the number of the padding token (create_position_ids_from_input_ids).
void skip_padding(ImportDraft& draft) {
  const std::int64_t offset = draft.config.integer("pad_token_id", 0, draft.sizes[vocabulary]) + 1;
  draft.sizes[context] = draft.sizes[positions] - offset;
  if (draft.sizes[context] < 1)
    draft.config.refuse(ErrorKind::engine_failed, "has no more max_position_embeddings than pad_token_id takes");
}

void adjust_roberta_classifier(ImportDraft& draft) {
  skip_padding(draft);
  read_label_count(draft);
}

void extend(ImportDraft& draft) { draft.add("attention.causal", false); }

void extend_classifier(ImportDraft& draft) {
  extend(draft);
  draft.add("classifier.output_labels", read_labels(draft.config));
}

}  // namespace

const Architecture bert = {
    .name = "bert",
    .classes = bert_classes,
    .defaults = bert_defaults,
    .aliases = {},
    .fixed = fixed,
    .prefixes = bert_prefixes,
    .suffixes = suffixes,
    .skipped = bert_skipped,
    .tensors = bert_tensors,
    .keys = keys,
    .has_key_heads = false,
    .pooling = PoolingRule::as_stored_or_mean,
    .square_heads = true,
    .extend = extend,
};

const Architecture roberta = {
    .name = "bert",
    .classes = roberta_classes,
    .defaults = roberta_defaults,
    .aliases = {},
    .fixed = fixed,
    .prefixes = roberta_prefixes,
    .suffixes = suffixes,
    .skipped = roberta_skipped,
    .tensors = roberta_tensors,
    .keys = keys,
    .has_key_heads = false,
    .pooling = PoolingRule::as_stored_or_mean,
    .square_heads = true,
    .adjust_sizes = skip_padding,
    .extend = extend,
};

const Architecture bert_classifier = {
    .name = "bert",
    .classes = bert_classifier_classes,
    .defaults = bert_defaults,
    .aliases = {},
    .fixed = fixed,
    .prefixes = bert_prefixes,
    .suffixes = suffixes,
    .skipped = classifier_skipped,
    .tensors = bert_classifier_tensors,
    .keys = keys,
    .has_key_heads = false,
    .pooling = PoolingRule::rank,
    .square_heads = true,
    .adjust_sizes = read_label_count,
    .extend = extend_classifier,
};

const Architecture roberta_classifier = {
    .name = "bert",
    .classes = roberta_classifier_classes,
    .defaults = roberta_defaults,
    .aliases = {},
    .fixed = fixed,
    .prefixes = roberta_prefixes,
    .suffixes = suffixes,
    .skipped = roberta_skipped,
    .tensors = roberta_classifier_tensors,
    .keys = keys,
    .has_key_heads = false,
    .pooling = PoolingRule::rank,
    .square_heads = true,
    .adjust_sizes = adjust_roberta_classifier,
    .extend = extend_classifier,
};

}  // namespace abstractllm::bert_import
