// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "base/utf8.hpp"
#include "hub/import/bpe_merges.hpp"
#include "hub/import/byte_level_bpe.hpp"
#include "hub/import/pre_tokenizer.hpp"

namespace abstractllm {
namespace {

constexpr std::string_view merges_file = "merges.txt";

/// The rules that the classes of transformers have in their code
/// (https://github.com/huggingface/transformers/tree/main/src/transformers/models, read 2026-11).
struct Class {
  std::string_view name;
  std::string_view pre;
};

constexpr std::array classes = {
    Class{"GPT2Tokenizer", "gpt-2"},
    Class{"RobertaTokenizer", "gpt-2"},
    Class{"CodeGenTokenizer", "gpt-2"},
    Class{"Qwen2Tokenizer", "qwen2"},
};

Result<std::vector<Merge>> read_lines(std::string_view text, const Vocabulary& tokens) {
  std::vector<Merge> merges;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty() || (number == 1 && line[0] == '#')) continue;
    const std::size_t blank = line.find(' ');
    if (blank == line.npos || line.find(' ', blank + 1) != line.npos)
      return contradiction(merges_file, "line " + std::to_string(number) + " is not a pair of tokens");
    Result<Merge> merge = make_merge(line.substr(0, blank), line.substr(blank + 1), tokens);
    if (!merge) return merge.error();
    merges.push_back(*merge);
  }
  drop_repeated(merges);
  return merges;
}

}  // namespace

Result<TokenizerParts> read_vocab_and_merges(const ModelFolder& folder, std::int64_t rows,
                                             std::string_view tokenizer_class) {
  std::string_view name = tokenizer_class;
  constexpr std::string_view fast = "Fast";
  if (name.size() > fast.size() && name.substr(name.size() - fast.size()) == fast) name.remove_suffix(fast.size());
  std::optional<PreTokenizer> pre;
  for (const Class& known : classes) {
    if (known.name == name) pre = pre_tokenizer_named(known.pre);
  }
  if (!pre) {
    return unsupported_rule(merges_file, "it does not say how a text is split, and the tokenizer's class " +
                                             in_quotes(tokenizer_class) +
                                             " is not known. Add the model's tokenizer.json to the folder");
  }
  const Result<JsonFile> vocab = JsonFile::read(folder, "vocab.json");
  if (!vocab) return vocab.error();
  Result<Vocabulary> tokens = Vocabulary::with_rows(rows, "vocab.json and merges.txt");
  if (!tokens) return tokens.error();
  if (Result<void> added = add_tokens(vocab->root(), *tokens); !added) return added.error();
  const Result<std::string> text = folder.text(merges_file);
  if (!text) return text.error();
  if (const auto invalid = find_invalid_utf8(*text))
    return contradiction(merges_file, "it is not UTF-8 at byte " + std::to_string(*invalid));
  const Result<std::vector<Merge>> merges = read_lines(*text, *tokens);
  if (!merges) return merges.error();
  std::vector<std::string> spelled = spell_merges(*merges, *tokens);
  TokenizerParts parts(std::move(*tokens), "gpt2", std::string(pre->name));
  parts.merges = std::move(spelled);
  return parts;
}

}  // namespace abstractllm
