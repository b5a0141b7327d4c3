// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/embedding_json.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "base/thrown.hpp"
#include "core/json_writer.hpp"

namespace abstractllm {
namespace {

template <class Answer>
void add_rest(JsonWriter& json, const Answer& answer) {
  if (answer.usage.input_tokens.known()) {
    JsonWriter usage;
    usage.add_known("input_tokens", answer.usage.input_tokens);
    json.add_json("usage", std::move(usage).finish());
  }
  json.add_known("provider", answer.provider);
  if (answer.warnings.empty()) return;
  JsonWriter warnings("[]");
  for (const Warning& warning : answer.warnings) {
    JsonWriter each;
    each.add("code", warning.code);
    each.add("message", warning.message);
    warnings.add_element(std::move(each).finish());
  }
  json.add_json("warnings", std::move(warnings).finish());
}

}  // namespace

void append_json(std::span<const float> vector, std::string& json) {
  json += '[';
  std::array<char, 32> text{};
  for (std::size_t at = 0; at < vector.size(); ++at) {
    if (at > 0) json += ',';
    const auto written = std::to_chars(text.data(), text.data() + text.size(), vector[at]);
    json.append(text.data(), written.ptr);
  }
  json += ']';
}

std::string to_json(const Embeddings& embeddings) {
  JsonWriter json;
  json.add_known("model", embeddings.model);
  json.add("dimensions", embeddings.dimensions());
  std::string vectors = "[";
  for (std::size_t at = 0; at < embeddings.size(); ++at) {
    if (at > 0) vectors += ',';
    append_json(embeddings[at], vectors);
  }
  json.add_json("embeddings", vectors + "]");
  add_rest(json, embeddings);
  return std::move(json).finish();
}

std::string to_json(const Ranking& ranking) {
  JsonWriter json;
  json.add_known("model", ranking.model);
  JsonWriter results("[]");
  for (const RankedDocument& document : ranking.documents) {
    JsonWriter each;
    each.add("index", document.index);
    each.add("score", document.score);
    results.add_element(std::move(each).finish());
  }
  json.add_json("results", std::move(results).finish());
  add_rest(json, ranking);
  return std::move(json).finish();
}

Result<std::string> text_from_json(std::string_view json) {
  return guarded([&]() -> Result<std::string> {
    const Result<Json> parsed = parse_json(json, "the line");
    if (!parsed) return parsed.error();
    if (parsed->is_string()) return parsed->get<std::string>();
    if (parsed->is_object())
      for (const char* name : {"text", "input"})
        if (const auto found = parsed->find(name); found != parsed->end() && found->is_string())
          return found->get<std::string>();
    return Error(ErrorKind::invalid_argument,
                 "the line is neither a JSON string nor an object with the string \"text\" or \"input\"");
  });
}

}  // namespace abstractllm
