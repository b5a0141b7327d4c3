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

std::optional<JsonElement> find_ends(const TokenizerFiles& files) {
  if (files.generation) {
    if (const auto ends = files.generation->member("eos_token_id")) return ends;
  }
  if (!files.model) return std::nullopt;
  if (const auto ends = files.model->member("eos_token_id")) return ends;
  const auto text_model = files.model->member("text_config");
  return text_model ? member(*text_model, "eos_token_id") : std::nullopt;
}

Result<void> add_end(std::int64_t id, const Vocabulary& tokens, SpecialIds& ids) {
  if (!tokens.has(id))
    return contradiction("generation_config.json", "the end token " + std::to_string(id) + " is no token");
  const auto has_place = [&](const char* place) { return ids.count(place) != 0 && ids.find(place)->second == id; };
  if (std::any_of(places.begin(), places.end(), has_place)) return {};
  const bool needs_end = ids.count("eos") == 0;
  if (!needs_end && std::find(known_texts.begin(), known_texts.end(), tokens.text(id)) != known_texts.end()) return {};
  for (const char* place : places) {
    if (ids.emplace(place, id).second) return {};
  }
  return unsupported_rule("generation_config.json",
                          "the engine ends at no more than six tokens of a list, and this one has more");
}

}  // namespace

Result<void> add_end_tokens(const TokenizerFiles& files, const Vocabulary& tokens, SpecialIds& ids) {
  const auto ends = find_ends(files);
  std::int64_t id = 0;
  if (ends && ends->get(id) == simdjson::SUCCESS) {
    // Some files write -1 for none.
    return id < 0 ? Result<void>() : add_end(id, tokens, ids);
  }
  Result<void> added;
  for_each(ends, [&](JsonElement end) {
    if (added && end.get(id) == simdjson::SUCCESS) added = add_end(id, tokens, ids);
  });
  return added;
}

}  // namespace abstractllm
