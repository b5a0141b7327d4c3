// SPDX-License-Identifier: Apache-2.0
#include "hub/import/end_tokens.hpp"

#include <algorithm>
#include <array>

namespace abstractllm {
namespace {

/// At these texts the engine ends (https://github.com/ggml-org/llama.cpp/blob/master/src/llama-vocab.cpp, v0.5.0, read
/// 2026-11). Not "</s>" and "<|end|>": in some vocabularies it takes them back.
constexpr std::array known_texts = {
    "<|eot_id|>",
    "<|im_end|>",
    "<|return|>",
    "<|call|>",
    "<|flush|>",
    "<|calls|>",
    "<end_of_turn>",
    "<|endoftext|>",
    "<|eom_id|>",
    "<EOT>",
    "_<EOT>",
    "[EOT]",
    "[EOS]",
    "<|end_of_text|>",
    "<end_of_utterance>",
    "<eos>",
    "<turn|>",
    "<|tool_response>",
    "<｜end▁of▁sentence｜>",
    "[e~[",
};

/// The first places are meant for it. The others serve the completion of code in the middle, but also end a generation.
constexpr std::array places = {"eos", "eot", "eom", "fim_rep", "fim_sep", "fim_pad"};

struct Ends {
  std::optional<JsonElement> ids;
  std::string_view file;
};

Ends find_ends(const TokenizerFiles& files) {
  constexpr std::string_view key = "eos_token_id";
  if (files.generation) {
    if (const auto ids = files.generation->member(key)) return {ids, files.generation->name()};
  }
  if (!files.model) return {};
  const auto text_model = files.model->member("text_config");
  const auto ids = files.model->member(key);
  return {ids || !text_model ? ids : member(*text_model, key), files.model->name()};
}

Result<void> add_end(std::int64_t id, std::string_view file, const Vocabulary& tokens, SpecialIds& ids) {
  if (id < 0 || id >= tokens.rows()) return contradiction(file, "the end token " + std::to_string(id) + " is no token");
  const auto has_place = [&](const char* place) { return ids.count(place) != 0 && ids.find(place)->second == id; };
  if (std::any_of(places.begin(), places.end(), has_place)) return {};
  const bool needs_end = ids.count("eos") == 0;
  if (!needs_end && std::find(known_texts.begin(), known_texts.end(), tokens.text(id)) != known_texts.end()) return {};
  for (const char* place : places) {
    if (ids.emplace(place, id).second) return {};
  }
  return unsupported_rule(file, "the engine ends at no more than six tokens of a list, and this one has more");
}

}  // namespace

Result<void> add_end_tokens(const TokenizerFiles& files, const Vocabulary& tokens, SpecialIds& ids) {
  const Ends ends = find_ends(files);
  std::int64_t id = 0;
  if (ends.ids && ends.ids->get(id) == simdjson::SUCCESS) {
    // Some files write -1 if there is no such token.
    return id < 0 ? Result<void>() : add_end(id, ends.file, tokens, ids);
  }
  Result<void> added;
  for_each(ends.ids, [&](JsonElement end) {
    if (added && end.get(id) == simdjson::SUCCESS) added = add_end(id, ends.file, tokens, ids);
  });
  return added;
}

}  // namespace abstractllm
