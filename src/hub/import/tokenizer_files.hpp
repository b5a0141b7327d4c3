// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/result.hpp"
#include "hub/import/json_file.hpp"
#include "hub/import/tokenizer_parts.hpp"

namespace abstractllm {

/// The JSON files of a checkpoint that say something about its tokenizer. Each may be absent.
struct TokenizerFiles {
  /// Errors: those of JsonFile::read().
  static Result<TokenizerFiles> read(const ModelFolder& folder);

  std::optional<JsonFile> tokenizer;   ///< tokenizer.json
  std::optional<JsonFile> settings;    ///< tokenizer_config.json
  std::optional<JsonFile> names;       ///< special_tokens_map.json
  std::optional<JsonFile> added;       ///< added_tokens.json
  std::optional<JsonFile> model;       ///< config.json
  std::optional<JsonFile> generation;  ///< generation_config.json

  /// A member of tokenizer_config.json.
  std::optional<JsonElement> setting(std::string_view key) const {
    return settings ? settings->member(key) : std::nullopt;
  }
};

/// The text of a token, written as a text or as {"content": text, …}.
std::optional<std::string_view> token_text(const std::optional<JsonElement>& token);

/// Whether a token is one that the user should not see, although the files call it an ordinary added token. The list is
/// that of the engine's converter (https://github.com/ggml-org/llama.cpp/blob/master/conversion/base.py, v0.5.0, read
/// 2026-11).
bool looks_special(std::string_view text);

/// Which files a vocabulary was read from.
enum class VocabularySource { tokenizer_json, sentencepiece_model, text_files };

/// Adds the tokens of tokenizer.json, added_tokens.json and tokenizer_config.json, and says which are special. Errors:
/// engine_failed.
Result<void> add_added_tokens(const TokenizerFiles& files, VocabularySource source, TokenizerParts& parts);

/// Adds the entries about the beginning, the end, unknown tokens and so on. All tokens must be there. Errors:
/// engine_failed, unsupported.
Result<void> add_special_tokens(const TokenizerFiles& files, std::string_view architecture, VocabularySource source,
                                TokenizerParts& parts, std::vector<GgufEntry>& entries);

/// Adds `tokenizer.chat_template` and, for templates with another name than "default", `tokenizer.chat_template.NAME`
/// and `tokenizer.chat_templates`. chat_template.jinja counts most (with additional_chat_templates/NAME.jinja), then
/// chat_template.json, then tokenizer_config.json. If two have one name, the last one counts. Errors: engine_failed.
Result<void> add_chat_templates(const ModelFolder& folder, const TokenizerFiles& files,
                                std::vector<GgufEntry>& entries);

}  // namespace abstractllm
