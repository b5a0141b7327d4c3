// SPDX-License-Identifier: Apache-2.0
#include "hub/import/pre_tokenizer.hpp"

#include <algorithm>
#include <array>

#include "base/utf8.hpp"

namespace abstractllm {
namespace {

struct Row {
  PreTokenizer pre_tokenizer;
  std::string_view rules;
};

constexpr std::array known_rules = {
#define ABSTRACTLLM_PRE_TOKENIZER(name, ignore_merges, adds_beginning, rules) \
  Row{{name, ignore_merges, adds_beginning}, rules},
#include "hub/import/pre_tokenizers.def"
#undef ABSTRACTLLM_PRE_TOKENIZER
};

/// The engine has two for these rules. The other one splits words at marks, as they are in Thai and Hindi.
constexpr std::string_view nearest_rules = "granite-embed-multi-97m";

/// An expression whose matches cover every text. Then it does not matter what becomes of the rest.
bool covers_all(std::string_view expression) {
  const bool others = expression.find(R"([^\s\p{L}\p{N}]+)") != expression.npos;
  const bool letters =
      expression.find(R"(\p{L}+)") != expression.npos || expression.find(R"(\p{Lo}\p{M}]+)") != expression.npos;
  return others && letters && expression.find(R"(\p{N})") != expression.npos && expression.size() > 4 &&
         expression.substr(expression.size() - 4) == R"(|\s+)";
}

std::string describe_split(JsonElement rule) {
  const auto [pattern, behavior, invert] =
      members(rule, std::array<std::string_view, 3>{"pattern", "behavior", "invert"});
  const auto [regex, plain] = pattern ? members(*pattern, std::array<std::string_view, 2>{"Regex", "String"})
                                      : std::array<std::optional<JsonElement>, 2>{};
  const std::string text(text_of(regex ? regex : plain));
  const std::string_view kept = text_of(behavior);
  const bool inverted = flag_of(invert).value_or(false);
  const bool isolated = regex && !inverted && kept == "Isolated";
  if (isolated || (regex && inverted && kept == "Removed" && covers_all(text))) return "Split(" + text + ")";
  return "Split(" + text + "; " + std::string(kept) + (inverted ? "; inverted)" : ")");
}

std::string describe_byte_level(JsonElement rule) {
  const auto [space, regex] = members(rule, std::array<std::string_view, 2>{"add_prefix_space", "use_regex"});
  std::string flags;
  if (flag_of(regex).value_or(true)) flags = "regex";
  // The default is to add one: https://github.com/huggingface/tokenizers, pre_tokenizers/byte_level.rs (read 2026-11).
  if (flag_of(space).value_or(true)) flags += flags.empty() ? "prefix space" : ", prefix space";
  return "ByteLevel(" + flags + ")";
}

std::string describe_rule(JsonElement rule) {
  const std::string_view type = text_of(member(rule, "type"));
  if (type == "Split") return describe_split(rule);
  if (type == "ByteLevel") return describe_byte_level(rule);
  if (type == "Digits")
    return flag_of(member(rule, "individual_digits")).value_or(false) ? "Digits(each)" : "Digits(runs)";
  if (type == "Punctuation") {
    const std::string_view behavior = text_of(member(rule, "behavior"));
    return "Punctuation(" + std::string(behavior.empty() ? "Isolated" : behavior) + ")";
  }
  return type.empty() ? "a rule without a type" : std::string(type);
}

void append_rules(JsonElement rule, std::string& text) {
  if (text_of(member(rule, "type")) == "Sequence") {
    for_each(member(rule, "pretokenizers"), [&](JsonElement part) { append_rules(part, text); });
    return;
  }
  if (!text.empty()) text += ' ';
  text += describe_rule(rule);
}

}  // namespace

std::string describe_rules(const std::optional<JsonElement>& pre_tokenizer) {
  std::string text;
  if (pre_tokenizer) append_rules(*pre_tokenizer, text);
  return text;
}

Result<std::vector<PreTokenizer>> find_pre_tokenizers(const JsonFile& file, bool ignore_merges) {
  const std::string rules = describe_rules(file.member("pre_tokenizer"));
  std::vector<PreTokenizer> found;
  for (const Row& row : known_rules) {
    if (row.rules == rules) found.push_back(row.pre_tokenizer);
  }
  if (found.empty()) {
    return unsupported_rule(
        file.name(), "the engine has no pre-tokenizer with the rules " + (rules.empty() ? "'none'" : in_quotes(rules)));
  }
  const auto nearest_end = found.begin() + (found.front().name == nearest_rules ? 1 : 0);
  std::stable_partition(nearest_end, found.end(),
                        [&](const PreTokenizer& each) { return each.ignore_merges == ignore_merges; });
  return found;
}

PreTokenizer pre_tokenizer_named(std::string_view name) {
  for (const Row& row : known_rules) {
    if (row.pre_tokenizer.name == name) return row.pre_tokenizer;
  }
  return {};
}

bool is_nfc_at_most(const std::optional<JsonElement>& normalizer) {
  if (!normalizer) return true;
  const std::string_view type = text_of(member(*normalizer, "type"));
  if (type != "Sequence") return type == "NFC";
  bool all = true;
  for_each(member(*normalizer, "normalizers"), [&](JsonElement part) { all = all && is_nfc_at_most(part); });
  return all;
}

}  // namespace abstractllm
