// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <map>

#include "hub/import/end_tokens.hpp"
#include "hub/import/post_processor.hpp"
#include "hub/import/tokenizer_files.hpp"

namespace abstractllm {
namespace {

struct Kind {
  std::string_view name;  ///< as in "bos_token" and "bos_token_id"
  std::string_view key;   ///< "tokenizer.ggml.KEY_token_id"
};

constexpr std::array kinds = {Kind{"bos", "bos"},       Kind{"eos", "eos"},     Kind{"unk", "unknown"},
                              Kind{"sep", "seperator"}, Kind{"pad", "padding"}, Kind{"mask", "mask"},
                              Kind{"eot", "eot"},       Kind{"eom", "eom"}};

/// The beginning, the end and the separator that the engine takes if a file names none
/// (https://github.com/ggml-org/llama.cpp/blob/master/src/llama-vocab.cpp, v0.5.0, read 2026-11).
struct EngineDefaults {
  std::string_view model;
  std::int64_t bos;
  std::int64_t eos;
  std::int64_t sep;
};

constexpr std::array engine_defaults = {EngineDefaults{"llama", 1, 2, -1}, EngineDefaults{"bert", 101, -1, 102},
                                        EngineDefaults{"gpt2", 11, 11, -1}, EngineDefaults{"t5", -1, 1, -1}};

/// The names that the classes of transformers have for tokenizers of text files, if no file says otherwise
/// (https://github.com/huggingface/transformers/tree/main/src/transformers/models, read 2026-11).
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> class_names = {
    {{"bos", "[CLS]"}, {"sep", "[SEP]"}, {"pad", "[PAD]"}, {"mask", "[MASK]"}, {"eos", "<|endoftext|>"}}};

/// Finds the ids of the special tokens, and whether they are added to a text, in the order of the engine's converter:
/// first what tokenizer.json adds, then what tokenizer_config.json says, then config.json.
class SpecialTokens {
 public:
  SpecialTokens(const TokenizerFiles& files, TokenizerParts& parts) : files_(files), parts_(parts) {}

  Result<void> read(VocabularySource source) {
    AddedSpecials added = read_added_specials(files_);
    adds_ = std::move(added.adds);
    for (const Kind& kind : kinds) {
      if (const auto flag = flag_of(files_.setting("add_" + std::string(kind.name) + "_token")))
        adds_[std::string(kind.name)] = *flag;
      const auto text = added.names.find(kind.name);
      if (text != added.names.end()) set(kind.name, id_of(text->second));
    }
    for (const Kind& kind : kinds) set(kind.name, configured(kind.name));
    if (parts_.unknown) set("unk", parts_.unknown);
    if (source == VocabularySource::text_files) {
      for (const auto& [kind, text] : class_names) set(kind, id_of(text));
    }
    if (source == VocabularySource::tokenizer_json) {
      if (parts_.adds_beginning && !parts_.marks_words) adds_.emplace("bos", false);
      if (parts_.adds_end) adds_.emplace("eos", false);
      if (parts_.marks_words && !added.encloses)
        return unsupported_rule("tokenizer.json",
                                "the engine puts WordPiece between [CLS] and [SEP] always, and this file does not");
    }
    return {};
  }

  void set(std::string_view kind, std::optional<std::int64_t> id) {
    if (id && *id >= 0 && *id < parts_.tokens.rows()) ids_.emplace(kind, *id);
  }

  void set_adds(const std::string& kind, bool adds) { adds_[kind] = adds; }

  /// The engine ends the process when it has to add a token that it does not know.
  Result<void> check() {
    const bool is_wordpiece = parts_.marks_words;
    if ((adds("bos", parts_.adds_beginning) || is_wordpiece) && !effective("bos")) return unnamed("beginning");
    if (adds("eos", parts_.adds_end) && !effective("eos")) return unnamed("end");
    if (is_wordpiece && !effective("sep")) return unnamed("separator");
    if (!is_wordpiece && !effective("eos")) return invent_end();
    return {};
  }

  Result<void> add_ends() { return add_end_tokens(files_, parts_.tokens, ids_); }

  void write(std::vector<GgufEntry>& entries) const {
    for (const Kind& kind : kinds) {
      const auto id = ids_.find(kind.name);
      if (id != ids_.end())
        entries.push_back(
            {"tokenizer.ggml." + std::string(kind.key) + "_token_id", static_cast<std::uint32_t>(id->second)});
    }
    for (const auto& [kind, id] : ids_) {
      if (kind.substr(0, 3) == "fim")
        entries.push_back({"tokenizer.ggml." + std::string(kind) + "_token_id", static_cast<std::uint32_t>(id)});
    }
    for (const char* kind : {"bos", "eos", "sep"}) {
      const auto flag = adds_.find(kind);
      if (flag != adds_.end()) entries.push_back({"tokenizer.ggml.add_" + std::string(kind) + "_token", flag->second});
    }
  }

 private:
  std::optional<std::int64_t> id_of(std::string_view text) const { return parts_.tokens.find(text); }

  std::optional<std::int64_t> configured(std::string_view kind) const {
    if (!files_.model) return std::nullopt;
    const std::string key = std::string(kind) + "_token_id";
    const auto text_model = files_.model->member("text_config");
    const auto own = files_.model->member(key);
    const auto value = own || !text_model ? own : member(*text_model, key);
    std::int64_t id = 0;
    if (!value || value->get(id) != simdjson::SUCCESS) return std::nullopt;
    return id;
  }

  bool adds(const std::string& kind, bool otherwise) const {
    const auto flag = adds_.find(kind);
    return flag == adds_.end() ? otherwise : flag->second;
  }

  /// The token that the engine will use, if it is one that can be meant.
  std::optional<std::int64_t> effective(std::string_view kind) const {
    if (const auto id = ids_.find(kind); id != ids_.end()) return id->second;
    for (const EngineDefaults& defaults : engine_defaults) {
      if (defaults.model != parts_.model) continue;
      const std::int64_t id = kind == "bos" ? defaults.bos : kind == "eos" ? defaults.eos : defaults.sep;
      if (parts_.tokens.has(id) && parts_.tokens.type(id) == TokenType::control) return id;
    }
    return std::nullopt;
  }

  Error unnamed(std::string_view what) const {
    return contradiction("tokenizer_config.json", "texts get a token for their " + std::string(what) +
                                                      ", but no file of the tokenizer names one");
  }

  /// Without an end token the engine ends at a token of its own choice.
  Result<void> invent_end() {
    for (std::int64_t id = parts_.tokens.rows() - 1; id >= 0; --id) {
      if (parts_.tokens.has(id)) continue;
      ids_.emplace("eos", id);
      return {};
    }
    if (const auto bos = ids_.find("bos"); bos != ids_.end()) ids_.emplace("eos", bos->second);
    if (ids_.count("eos") == 0)
      return contradiction("tokenizer_config.json", "neither it nor config.json names an end token");
    return {};
  }

  const TokenizerFiles& files_;
  TokenizerParts& parts_;
  SpecialIds ids_;
  std::map<std::string, bool, std::less<>> adds_;
};

/// What the engine's converter adds for a family (conversion/llama.py and gemma.py, v0.5.0, read 2026-11).
void add_family_tokens(std::string_view architecture, const Vocabulary& tokens, SpecialTokens& special) {
  constexpr std::int64_t code_llama_rows = 32016;
  constexpr std::int64_t granite_rows = 49152;
  if (architecture == "gemma") special.set("eot", 107);
  if (architecture == "llama" && tokens.rows() == code_llama_rows) special.set("eot", 32010);
  if (architecture == "llama" && tokens.rows() == granite_rows) special.set_adds("bos", false);
}

}  // namespace

Result<void> add_special_tokens(const TokenizerFiles& files, std::string_view architecture, VocabularySource source,
                                TokenizerParts& parts, std::vector<GgufEntry>& entries) {
  SpecialTokens special(files, parts);
  if (Result<void> read = special.read(source); !read) return read;
  add_family_tokens(architecture, parts.tokens, special);
  if (Result<void> added = special.add_ends(); !added) return added;
  if (Result<void> complete = special.check(); !complete) return complete;
  special.write(entries);
  return {};
}

}  // namespace abstractllm
