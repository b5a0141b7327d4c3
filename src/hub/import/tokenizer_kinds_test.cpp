// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "hub/import/tokenizer.hpp"
#include "support/checkpoint_files.hpp"

namespace abstractllm {
namespace {

using testing_support::CheckpointFolder;

Result<std::vector<GgufEntry>> import_kind(const Json& tokenizer, std::int64_t rows) {
  const CheckpointFolder folder;
  folder.write("tokenizer.json", tokenizer.dump());
  folder.write("tokenizer_config.json",
               R"({"bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>"})");
  return read_tokenizer(ModelFolder(folder.path()), {Json::object(), "bert", rows});
}

template <class Value>
Value entry(const Result<std::vector<GgufEntry>>& entries, const std::string& key) {
  if (entries) {
    for (const GgufEntry& each : *entries)
      if (each.key == "tokenizer.ggml." + key && std::holds_alternative<Value>(each.value))
        return std::get<Value>(each.value);
  }
  ADD_FAILURE() << key << ": " << (entries ? "is not there" : entries.error().message);
  return {};
}

struct Change {
  std::string member;
  Json value;
  ErrorKind kind;
  std::string part;
};

void expect_refusals(const Json& valid, std::int64_t rows, const std::vector<Change>& changes) {
  ASSERT_TRUE(import_kind(valid, rows)) << import_kind(valid, rows).error().message;
  for (const Change& change : changes) {
    SCOPED_TRACE(change.member + " " + change.value.dump());
    Json tokenizer = valid;
    tokenizer[Json::json_pointer(change.member)] = change.value;
    const auto entries = import_kind(tokenizer, rows);
    ASSERT_FALSE(entries);
    EXPECT_EQ(entries.error().kind, change.kind);
    EXPECT_NE(entries.error().message.find(change.part), std::string::npos) << entries.error().message;
  }
}

Json special(int id, const char* text) { return {{"id", id}, {"content", text}, {"special", true}}; }

/// The single template of a post-processor: <s> A </s>
Json enclosing() {
  return Json::parse(
      R"({"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}},
                         {"SpecialToken": {"id": "</s>"}}], "pair": []})");
}

Json wordpiece_json() {
  return {{"added_tokens", {special(0, "<s>"), special(1, "</s>")}},
          {"normalizer", {{"type", "BertNormalizer"}, {"lowercase", false}, {"strip_accents", true}}},
          {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
          {"post_processor", enclosing()},
          {"model",
           {{"type", "WordPiece"},
            {"unk_token", "[UNK]"},
            {"vocab", {{"<s>", 0}, {"</s>", 1}, {"[UNK]", 2}, {"a", 3}, {"##b", 4}}}}}};
}

TEST(WordPiece, IsReadWithItsSettings) {
  const auto entries = import_kind(wordpiece_json(), 6);
  EXPECT_EQ(entry<std::vector<std::string>>(entries, "tokens"),
            (std::vector<std::string>{"<s>", "</s>", "▁[UNK]", "▁a", "b", "▁[PAD5]"}));
  EXPECT_FALSE(entry<bool>(entries, "normalizer.lowercase"));
  EXPECT_TRUE(entry<bool>(entries, "normalizer.strip_accents"));
  EXPECT_EQ(entry<std::uint32_t>(entries, "unknown_token_id"), 2U);
}

TEST(WordPiece, IsRefusedWithRulesThatTheEngineDoesNotHave) {
  constexpr auto unsupported = ErrorKind::unsupported;
  expect_refusals(wordpiece_json(), 6,
                  {{"/normalizer", nullptr, unsupported, "other than BertNormalizer"},
                   {"/normalizer/clean_text", false, unsupported, "without clean_text"},
                   {"/normalizer/handle_chinese_chars", false, unsupported, "without handle_chinese_chars"},
                   {"/pre_tokenizer", {{"type", "Whitespace"}}, unsupported, "other than BertPreTokenizer"},
                   {"/post_processor", nullptr, unsupported, "between [CLS] and [SEP] always"},
                   {"/model/continuing_subword_prefix", "@@", unsupported, "'@@' and not '##'"},
                   {"/model/unk_token", "[NONE]", ErrorKind::engine_failed, "no unknown token"},
                   {"/model/vocab/##▁a", 5, ErrorKind::engine_failed, "cannot tell the token 5"}});
}

Json unigram_json() {
  return {
      {"added_tokens", {special(0, "<s>"), special(1, "</s>"), special(2, "<unk>")}},
      {"normalizer",
       {{"type", "Sequence"}, {"normalizers", {{{"type", "Precompiled"}, {"precompiled_charsmap", ""}}}}}},
      {"pre_tokenizer",
       {{"type", "Sequence"},
        {"pretokenizers",
         {{{"type", "WhitespaceSplit"}}, {{"type", "Metaspace"}, {"replacement", "▁"}, {"add_prefix_space", true}}}}}},
      {"post_processor", enclosing()},
      {"model",
       {{"type", "Unigram"},
        {"unk_id", 2},
        {"vocab", Json::parse(R"([["<s>", 0.0], ["</s>", 0], ["<unk>", 0.0], ["▁a", -1.5]])")}}}};
}

TEST(Unigram, IsReadWithItsSettings) {
  const auto entries = import_kind(unigram_json(), 5);
  EXPECT_EQ(entry<std::string>(entries, "model"), "t5");
  EXPECT_EQ(entry<std::vector<float>>(entries, "scores"), (std::vector<float>{0, 0, 0, -1.5, -10000}));
  EXPECT_EQ(entry<std::vector<std::int32_t>>(entries, "token_type"), (std::vector<std::int32_t>{3, 3, 2, 1, 5}));
  EXPECT_TRUE(entry<bool>(entries, "add_space_prefix"));
  EXPECT_TRUE(entry<bool>(entries, "remove_extra_whitespaces"));
  EXPECT_TRUE(entry<bool>(entries, "add_bos_token"));
}

TEST(Unigram, IsRefusedIfItContradictsItselfOrTheEngine) {
  constexpr auto unsupported = ErrorKind::unsupported;
  constexpr auto damaged = ErrorKind::engine_failed;
  const std::string map = "/normalizer/normalizers/0/precompiled_charsmap";
  expect_refusals(unigram_json(), 5,
                  {{"/model/byte_fallback", true, unsupported, "byte_fallback"},
                   {"/model/unk_id", nullptr, damaged, "unk_id is no token"},
                   {"/model/unk_id", 4, damaged, "unk_id is no token"},
                   {"/model/unk_id", -1, damaged, "unk_id is no token"},
                   {"/model/vocab/3", {"▁a", "x"}, damaged, "token 3 of model.vocab"},
                   {"/model/vocab/3", {"▁a", 1e39}, damaged, "token 3 of model.vocab"},
                   {"/model/vocab/3", {"▁a"}, damaged, "token 3 of model.vocab"},
                   {"/model/vocab/3", {"a▁b", -1}, unsupported, "cross the borders of words"},
                   {"/model/vocab", Json::object(), damaged, "no list"},
                   {map, "%%%", damaged, "not base64"},
                   {map, "/////w==", damaged, "does not fit"},
                   {"/normalizer", {{"type", "NFKD"}}, unsupported, "'NFKD'"},
                   {"/pre_tokenizer", nullptr, unsupported, "pre-tokenizer ''"}});
}

Json sentencepiece_json() {
  Json vocab = {{"<unk>", 0}, {"<s>", 1}, {"</s>", 2}};
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (unsigned byte = 0; byte < 256; ++byte)
    vocab[std::string{'<', '0', 'x', digits[byte >> 4], digits[byte & 15], '>'}] = 3 + byte;
  for (const char* text : {"▁", "a", "b", "\n", "▁a", "▁ab"}) vocab[text] = vocab.size();
  return {{"added_tokens", {special(0, "<unk>"), special(1, "<s>"), special(2, "</s>")}},
          {"normalizer", {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "▁"}}},
          {"pre_tokenizer", nullptr},
          {"model",
           {{"type", "BPE"},
            {"byte_fallback", true},
            {"unk_token", "<unk>"},
            {"vocab", vocab},
            {"merges", {"▁ a", "▁a b"}}}}};
}

TEST(SentencePieceBpe, HasMergesOrScoresAsItsBlanksNeed) {
  Json json = sentencepiece_json();
  auto entries = import_kind(json, 265);
  EXPECT_EQ(entry<std::string>(entries, "model"), "gpt2");
  EXPECT_EQ(entry<std::vector<std::string>>(entries, "merges"), (std::vector<std::string>{"▁ a", "▁a b"}));
  EXPECT_EQ(entry<std::vector<std::int32_t>>(entries, "token_type").at(3), 6);
  json["normalizer"] = {{"type", "Sequence"},
                        {"normalizers", {{{"type", "Prepend"}, {"prepend", "▁"}}, json["normalizer"]}}};
  entries = import_kind(json, 265);
  EXPECT_EQ(entry<std::string>(entries, "model"), "llama");
  EXPECT_EQ(entry<std::vector<float>>(entries, "scores").at(264), -2);
  json["model"]["vocab"]["ab"] = 265;
  entries = import_kind(json, 266);
  ASSERT_FALSE(entries);
  EXPECT_NE(entries.error().message.find("Add the model's tokenizer.model"), std::string::npos)
      << entries.error().message;
}

TEST(SentencePieceBpe, IsRefusedWithRulesThatTheEngineDoesNotHave) {
  constexpr auto unsupported = ErrorKind::unsupported;
  Json lines = sentencepiece_json()["model"]["vocab"];
  lines["\n▁"] = 265;
  expect_refusals(sentencepiece_json(), 266,
                  {{"/normalizer", {{"type", "NFKC"}}, unsupported, "'NFKC'"},
                   {"/pre_tokenizer", {{"type", "Whitespace"}}, unsupported, "'Whitespace'"},
                   {"/model/ignore_merges", true, unsupported, "ignore_merges"},
                   {"/model",
                    {{"type", "BPE"}, {"byte_fallback", true}, {"vocab", {{"a", 0}}}, {"merges", Json::array()}},
                    unsupported,
                    "no token <0x00>"},
                   {"/model",
                    {{"type", "BPE"}, {"byte_fallback", true}, {"vocab", lines}, {"merges", {"\n ▁"}}},
                    unsupported,
                    "a line end and other"}});
}

}  // namespace
}  // namespace abstractllm
