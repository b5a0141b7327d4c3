// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_embeddings.hpp"

#include <string>
#include <utility>

#include "protocols/embed_request.hpp"
#include "protocols/embedding_answers.hpp"

namespace abstractllm {
namespace {

Result<HttpRequest> encode_embed(const EmbedQuestion& question) {
  const Options& options = question.options;
  const EmbeddingRules& rules = question.rules;
  BodyWriter writer;
  writer.field("model", "model", options.model());
  write_texts(writer, question);
  if (rules.takes_base64) writer.body()["encoding_format"] = "base64";
  if (!rules.dimensions_field.empty()) writer.field("dimensions", rules.dimensions_field, options.dimensions());
  if (!rules.kind_field.empty() && options.embedding_kind())
    writer.body()[rules.kind_field] = *options.embedding_kind() == "query" ? rules.query_word : rules.document_word;
  if (!rules.cut_field.empty()) writer.body()[rules.cut_field] = false;
  // -1 stands for "no normalisation" (llama-server v0.5.0, tools/server/README.md, de3ff81, 2026-09-28).
  if (!rules.normalize_field.empty() && options.normalize() == false) writer.body()[rules.normalize_field] = -1;
  return whole_request(writer, options, "/embeddings");
}

Result<HttpRequest> encode_rerank(const RerankQuestion& question) {
  BodyWriter writer;
  writer.field("model", "model", question.options.model());
  writer.body()["query"] = writer.checked(question.query, "the query");
  Json documents = Json::array();
  for (const std::string& document : question.documents)
    documents.push_back(writer.checked(document, "document " + std::to_string(documents.size()) + " (counted from 0)"));
  writer.body()["documents"] = std::move(documents);
  return whole_request(writer, question.options, "/rerank");
}

}  // namespace

EmbedOperation openai_embed_operation() { return {encode_embed, read_embeddings}; }

RerankOperation openai_rerank_operation() { return {encode_rerank, read_ranking}; }

}  // namespace abstractllm
