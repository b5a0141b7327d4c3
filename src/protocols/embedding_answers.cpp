// SPDX-License-Identifier: Apache-2.0
#include "protocols/embedding_answers.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/base64.hpp"
#include "base/json_parser.hpp"
#include "protocols/errors.hpp"

namespace abstractllm {
namespace {

// From here on a number would be rounded to infinity. The largest float, with as few digits as it needs, is a little
// more than itself, and less than this.
constexpr double float_limit = 0x1.ffffffp127;

Error broken(std::string message) { return {ErrorKind::protocol, std::move(message)}; }

std::string text_at(std::size_t index) { return "the vector of text " + std::to_string(index) + " (counted from 0)"; }

/// Why a body without the expected list is refused: the failure that it reports, or what it lacks.
Error lacking_list(std::string_view body, std::string message) {
  return error_in_body(body).value_or(broken(std::move(message)));
}

/// Parses `body` and calls `read` with its root, while the memory of the parser is valid.
template <class Answer, class Read>
Result<Answer> with_root(std::string_view body, Read read) {
  JsonParser parser;
  std::string padded;
  padded.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  padded.append(body).append(simdjson::SIMDJSON_PADDING, '\0');
  const auto root = parser.parse(std::string_view(padded).substr(0, body.size()), 0);
  if (!root) return error_in_body(body).value_or(root.error());
  return read(*root);
}

Usage usage_of(const std::optional<JsonElement>& usage) {
  Usage found;
  if (!usage) return found;
  const auto [prompt, input, total] =
      members(*usage, std::array<std::string_view, 3>{"prompt_tokens", "input_tokens", "total_tokens"});
  for (const auto& count : {prompt, input, total}) {
    const auto tokens = integer_of(count);
    if (tokens && *tokens >= 0) return Usage{*tokens, {}, {}, {}, {}};
  }
  return found;
}

/// Returns the numbers of a list. Appends them to `values`.
Result<void> take_numbers(JsonElement list, std::size_t text, std::vector<float>& values) {
  std::size_t at = 0;
  simdjson::dom::array numbers;
  if (list.get(numbers) != simdjson::SUCCESS) return broken(text_at(text) + " is neither a list of numbers nor base64");
  for (const JsonElement each : numbers) {
    double number = 0;
    if (each.get(number) != simdjson::SUCCESS || !(std::abs(number) < float_limit)) {
      const std::string where = "number " + std::to_string(at) + " of " + text_at(text);
      if (each.is_array())
        return broken(where + " is a list: the model gives a vector for each token, and not one for each text");
      return broken(where + (each.is_null() ? " is null, which stands for a number that is not finite"
                                            : " is not a finite number"));
    }
    values.push_back(static_cast<float>(number));
    ++at;
  }
  return {};
}

/// Appends the little-endian floats that `text` has in base64.
Result<void> take_base64(std::string_view base64, std::size_t text, std::vector<float>& values) {
  const std::optional<std::string> bytes = from_base64(base64);
  if (!bytes) return broken(text_at(text) + " is not base64");
  if (bytes->size() % sizeof(float) != 0)
    return broken(text_at(text) + " has " + std::to_string(bytes->size()) +
                  " bytes, which is no multiple of 4: it is not made of 32-bit floats");
  const std::size_t begin = values.size();
  values.resize(begin + bytes->size() / sizeof(float));
  static_assert(std::endian::native == std::endian::little, "the bytes of each number would have to be swapped");
  if (!bytes->empty()) std::memcpy(values.data() + begin, bytes->data(), bytes->size());
  for (std::size_t at = begin; at < values.size(); ++at)
    if (!std::isfinite(values[at]))
      return broken("number " + std::to_string(at - begin) + " of " + text_at(text) + " is not a finite number");
  return {};
}

/// Joins the vectors, which are in the order of their texts. Memory grows with what arrived, not with what the first
/// vector promises.
Result<Embeddings> joined(const std::vector<JsonElement>& vectors) {
  std::vector<float> values;
  std::size_t dimensions = 0;
  for (std::size_t text = 0; text < vectors.size(); ++text) {
    const std::size_t begin = values.size();
    std::string_view base64;
    auto taken = vectors[text].get(base64) == simdjson::SUCCESS ? take_base64(base64, text, values)
                                                                : take_numbers(vectors[text], text, values);
    if (!taken) return std::move(taken).error();
    const std::size_t length = values.size() - begin;
    if (length == 0) return broken(text_at(text) + " is empty");
    if (text == 0) dimensions = length;
    if (length != dimensions)
      return broken(text_at(text) + " has " + std::to_string(length) + " numbers, but that of text 0 has " +
                    std::to_string(dimensions));
  }
  values.shrink_to_fit();
  return Embeddings(std::move(values), dimensions);
}

/// Where each text's vector is. Returns an error for an index that is out of range, or that occurs twice.
Result<std::vector<JsonElement>> in_order(simdjson::dom::array data) {
  struct Entry {
    std::optional<std::int64_t> index;
    JsonElement vector;
  };
  std::vector<Entry> entries;
  for (const JsonElement each : data) {
    const auto [index, vector] = members(each, std::array<std::string_view, 2>{"index", "embedding"});
    if (index && !integer_of(index))
      return broken("element " + std::to_string(entries.size()) + " of the answer has an index that is no number");
    // Not later: a list of small elements must not need much more memory than the body.
    if (!vector) return broken("element " + std::to_string(entries.size()) + " of the answer has no embedding");
    entries.push_back({integer_of(index), *vector});
  }
  std::vector<const Entry*> places(entries.size());
  for (std::size_t at = 0; at < entries.size(); ++at) {
    const std::int64_t index = entries[at].index.value_or(static_cast<std::int64_t>(at));
    if (index < 0 || static_cast<std::uint64_t>(index) >= entries.size())
      return broken("element " + std::to_string(at) + " of the answer has index " + std::to_string(index) +
                    ", but there are " + std::to_string(entries.size()) + " vectors");
    const Entry*& place = places[static_cast<std::size_t>(index)];
    if (place != nullptr) return broken("the answer has two vectors with index " + std::to_string(index));
    place = &entries[at];
  }
  // Each of n elements has another place of n, so none is empty.
  std::vector<JsonElement> vectors;
  vectors.reserve(places.size());
  for (const Entry* place : places) vectors.push_back(place->vector);
  return vectors;
}

Result<Ranking> ranked(simdjson::dom::array results) {
  Ranking ranking;
  for (const JsonElement each : results) {
    const auto [index, relevance, score] =
        members(each, std::array<std::string_view, 3>{"index", "relevance_score", "score"});
    const std::string where = "result " + std::to_string(ranking.documents.size()) + " of the ranking";
    const auto place = integer_of(index);
    if (!place || *place < 0) return broken(where + " has no index of a document");
    double number = 0;
    const auto& given = relevance ? relevance : score;
    if (!given || given->get(number) != simdjson::SUCCESS || !std::isfinite(number))
      return broken(where + " has no score, or one that is not a finite number");
    ranking.documents.push_back({static_cast<std::size_t>(*place), number});
  }
  auto& documents = ranking.documents;
  std::sort(documents.begin(), documents.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
  const auto twice = std::adjacent_find(documents.begin(), documents.end(),
                                        [](const auto& a, const auto& b) { return a.index == b.index; });
  if (twice != documents.end()) return broken("the ranking names document " + std::to_string(twice->index) + " twice");
  std::stable_sort(documents.begin(), documents.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  return ranking;
}

}  // namespace

Result<Embeddings> read_embeddings(std::string_view body) {
  return with_root<Embeddings>(body, [&](JsonElement root) -> Result<Embeddings> {
    const auto [data, model, usage] = members(root, std::array<std::string_view, 3>{"data", "model", "usage"});
    simdjson::dom::array list;
    if (!data || data->get(list) != simdjson::SUCCESS)
      return lacking_list(body, "the answer has no list 'data' with vectors");
    auto vectors = in_order(list);
    if (!vectors) return std::move(vectors).error();
    auto embeddings = joined(*vectors);
    if (!embeddings) return embeddings;
    embeddings->model = text_of(model);
    embeddings->usage = usage_of(usage);
    return embeddings;
  });
}

Result<Embeddings> read_ollama_embeddings(std::string_view body) {
  return with_root<Embeddings>(body, [&](JsonElement root) -> Result<Embeddings> {
    const auto [data, model, tokens] =
        members(root, std::array<std::string_view, 3>{"embeddings", "model", "prompt_eval_count"});
    simdjson::dom::array list;
    if (!data || data->get(list) != simdjson::SUCCESS)
      return lacking_list(body, "the answer has no list 'embeddings' with vectors");
    std::vector<JsonElement> vectors;
    for (const JsonElement each : list) {
      if (!each.is_array()) return broken(text_at(vectors.size()) + " is not a list of numbers");
      vectors.push_back(each);
    }
    auto embeddings = joined(vectors);
    if (!embeddings) return embeddings;
    embeddings->model = text_of(model);
    if (const auto count = integer_of(tokens); count && *count >= 0) embeddings->usage.input_tokens = *count;
    return embeddings;
  });
}

Result<Ranking> read_ranking(std::string_view body) {
  return with_root<Ranking>(body, [&](JsonElement root) -> Result<Ranking> {
    const auto [results, data, model, usage] =
        members(root, std::array<std::string_view, 4>{"results", "data", "model", "usage"});
    const JsonElement list = results ? *results : data ? *data : root;
    simdjson::dom::array elements;
    if (list.get(elements) != simdjson::SUCCESS) return lacking_list(body, "the answer has no list 'results'");
    auto ranking = ranked(elements);
    if (!ranking) return ranking;
    ranking->model = text_of(model);
    ranking->usage = usage_of(usage);
    return ranking;
  });
}

}  // namespace abstractllm
