// SPDX-License-Identifier: Apache-2.0
#include "hub/import/tokenizer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "support/checkpoint_files.hpp"

namespace abstractllm {
namespace {

using testing_support::CheckpointFolder;

using Texts = std::vector<std::string>;
using Types = std::vector<std::int32_t>;

/// A byte-level BPE of the tokens a, b, c, ab, abc.
Json byte_level_json() {
  return Json::parse(R"({
    "added_tokens": [{"id": 5, "content": "<|end|>", "special": true, "normalized": false}],
    "normalizer": null,
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
    "post_processor": null,
    "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2, "ab": 3, "abc": 4}, "merges": ["a b", "ab c"]}
  })");
}

struct Import {
  Json tokenizer = byte_level_json();
  Json settings = {{"eos_token", "<|end|>"}};
  Json config = Json::object();
  std::optional<Json> generation;
  std::int64_t rows = 6;
  std::string architecture = "llama";

  Result<std::vector<GgufEntry>> read() const {
    folder.write("tokenizer.json", tokenizer.dump());
    folder.write("tokenizer_config.json", settings.dump());
    folder.write("config.json", config.dump());
    if (generation) folder.write("generation_config.json", generation->dump());
    return read_tokenizer(ModelFolder(folder.path()), {Json::object(), architecture, rows});
  }

  CheckpointFolder folder;
};

template <class Value>
std::optional<Value> find_entry(const Result<std::vector<GgufEntry>>& entries, const std::string& key) {
  if (!entries) return std::nullopt;
  for (const GgufEntry& entry : *entries) {
    if (entry.key == "tokenizer." + key && std::holds_alternative<Value>(entry.value))
      return std::get<Value>(entry.value);
  }
  return std::nullopt;
}

std::string message(const Result<std::vector<GgufEntry>>& entries) { return entries ? "" : entries.error().message; }

void expect_fault(const Import& import, ErrorKind kind, const std::string& part) {
  const auto entries = import.read();
  ASSERT_FALSE(entries);
  EXPECT_EQ(entries.error().kind, kind) << entries.error().message;
  EXPECT_NE(entries.error().message.find(part), std::string::npos) << entries.error().message;
}

TEST(Tokenizer, ReadsByteLevelBpe) {
  const Import import;
  const auto entries = import.read();
  ASSERT_TRUE(entries) << message(entries);
  EXPECT_EQ(find_entry<std::string>(entries, "ggml.model"), "gpt2");
  EXPECT_EQ(find_entry<std::string>(entries, "ggml.pre"), "gpt-2");
  EXPECT_EQ(find_entry<Texts>(entries, "ggml.tokens"), (Texts{"a", "b", "c", "ab", "abc", "<|end|>"}));
  EXPECT_EQ(find_entry<Types>(entries, "ggml.token_type"), (Types{1, 1, 1, 1, 1, 3}));
  EXPECT_EQ(find_entry<Texts>(entries, "ggml.merges"), (Texts{"a b", "ab c"}));
  EXPECT_EQ(find_entry<std::uint32_t>(entries, "ggml.eos_token_id"), 5U);
}

TEST(Tokenizer, ReadsMergesThatArePairsAndKeepsBlanksInThem) {
  Import import;
  import.tokenizer["model"]["vocab"] = {{"a", 0}, {" ", 1}, { "a ", 2 }};
  import.tokenizer["model"]["merges"] = Json::parse(R"([["a", " "]])");
  EXPECT_EQ(find_entry<Texts>(import.read(), "ggml.merges"), (Texts{"a \xC4\xA0"}));
}

TEST(Tokenizer, TakesTheLastOfEqualMerges) {
  Import import;
  import.tokenizer["model"]["merges"] = {"a b", "ab c", "a b"};
  EXPECT_EQ(find_entry<Texts>(import.read(), "ggml.merges"), (Texts{"ab c", "a b"}));
}

TEST(Tokenizer, FillsRowsWithoutATokenUp) {
  Import import;
  import.rows = 8;
  const auto entries = import.read();
  EXPECT_EQ(find_entry<Texts>(entries, "ggml.tokens")->at(7), "[PAD7]");
  EXPECT_EQ(find_entry<Types>(entries, "ggml.token_type")->at(7), 5);
}

TEST(Tokenizer, KeepsAnAddedTokenInTheMiddle) {
  Import import;
  import.tokenizer["model"]["vocab"] = {{"a", 0}, {"b", 1}, { "ab", 3 }};
  import.tokenizer["model"]["merges"] = {"a b"};
  import.tokenizer["added_tokens"].push_back({{"id", 2}, {"content", "▁x"}, { "special", false }});
  const auto entries = import.read();
  EXPECT_EQ(find_entry<Texts>(entries, "ggml.tokens"), (Texts{"a", "b", " x", "ab", "[PAD4]", "<|end|>"}));
  EXPECT_EQ(find_entry<Types>(entries, "ggml.token_type"), (Types{1, 1, 4, 1, 5, 3}));
}

TEST(Tokenizer, RefusesAVocabularyThatContradictsItself) {
  struct Case {
    std::string member;
    Json value;
    std::string part;
  };
  const std::vector<Case> cases = {
      {"/model/vocab", {{"a", 0}, {"b", 0}}, "belongs to two tokens"},
      {"/model/vocab/a", -1, "has the id -1"},
      {"/model/vocab/a", 2147483648, "has only 6 rows"},
      {"/model/vocab/a", std::numeric_limits<std::uint64_t>::max(), "has no id"},
      {"/model/vocab/a", "0", "has no id"},
      {"/model/vocab/a", 0.5, "has no id"},
      {"/model/vocab", Json::array(), "is no object"},
      {"/model/vocab", nullptr, "is no object"},
      {"/model/merges", {"a x"}, "needs a token that is not in the vocabulary: 'x'"},
      {"/model/merges", {"b c"}, "needs a token that is not in the vocabulary: its result"},
      {"/model/merges", {"ab"}, "merge 0 is not a pair"},
      {"/model/merges", {"a b c"}, "merge 0 is not a pair"},
      {"/model/merges", {{"a", "b", "c"}}, "merge 0 is not a pair"},
      {"/model/merges", {{1, 2}}, "merge 0 is not a pair"},
      {"/model/merges", 7, "is no list"},
      {"/model", nullptr, "has no model"},
      {"/added_tokens", {{{"id", 1}, {"content", "other"}}}, "which belongs to 'b'"},
      {"/added_tokens", {{{"id", 5}, {"content", "a"}}}, "has two ids"},
      {"/added_tokens", {{{"id", 6}, {"content", "x"}}}, "has only 6 rows"},
      {"/added_tokens", {{{"id", -5}, {"content", "x"}}}, "has no id"},
      {"/added_tokens", {{{"content", "x"}}}, "has no id"},
      {"/added_tokens", "x", "is no list"},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.member + " " + each.value.dump());
    Import import;
    import.tokenizer[Json::json_pointer(each.member)] = each.value;
    expect_fault(import, ErrorKind::engine_failed, each.part);
  }
}

TEST(Tokenizer, SurvivesEveryMemberOfEveryWrongType) {
  const std::vector<Json> values = {nullptr,       true,           -1,           1e300,          "", "x",
                                    Json::array(), Json::object(), {{"x", {1}}}, {Json::array()}};
  const Json flat = byte_level_json().flatten();
  for (const auto& [pointer, value] : flat.items()) {
    for (const Json& wrong : values) {
      for (std::string place = pointer; !place.empty(); place.resize(place.rfind('/'))) {
        Import import;
        import.tokenizer[Json::json_pointer(place)] = wrong;
        const auto entries = import.read();
        EXPECT_TRUE(entries || !message(entries).empty());
      }
    }
  }
}

TEST(Tokenizer, RefusesTokensThatTheEngineCannotTellApart) {
  for (const char* text : {"a\\u0000x", "[PAD6]", "[EMPTY_7]"}) {
    Import import;
    import.rows = 8;
    import.tokenizer =
        Json::parse(R"({"model": {"type": "BPE", "vocab": {"a": 0, "": 7, ")" + std::string(text) +
                    R"(": 1}, "merges": []}, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false}})");
    expect_fault(import, ErrorKind::engine_failed, "cannot tell the token");
  }
}

Result<std::vector<GgufEntry>> import_text(const std::string& tokenizer, std::int64_t rows) {
  const CheckpointFolder folder;
  folder.write("tokenizer.json", tokenizer);
  return read_tokenizer(ModelFolder(folder.path()), {Json::object(), "llama", rows});
}

constexpr const char* byte_level = R"("pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false}, )";

TEST(Tokenizer, RefusesATokenOf100Megabytes) {
  const std::string token(100'000'000, 'x');
  const auto entries = import_text(
      "{" + std::string(byte_level) + R"("model": {"type": "BPE", "merges": [], "vocab": {")" + token + R"(": 0}}})",
      1);
  EXPECT_NE(message(entries).find("has 100000000 bytes"), std::string::npos) << message(entries);
}

TEST(Tokenizer, ReadsAMillionMerges) {
  std::string vocab;
  std::string merges;
  int id = 0;
  const auto add = [&](const std::string& token) {
    vocab += (id == 0 ? "\"" : ",\"") + token + "\":" + std::to_string(id);
    ++id;
  };
  for (int left = 0; left < 1000; ++left) add("l" + std::to_string(left));
  for (int right = 0; right < 1000; ++right) add("r" + std::to_string(right));
  for (int left = 0; left < 1000; ++left) {
    for (int right = 0; right < 1000; ++right) {
      add("l" + std::to_string(left) + "r" + std::to_string(right));
      merges += (merges.empty() ? "\"l" : ",\"l") + std::to_string(left) + " r" + std::to_string(right) + "\"";
    }
  }
  const auto entries = import_text("{" + std::string(byte_level) + R"("model": {"type": "BPE", "merges": [)" + merges +
                                       R"(], "vocab": {)" + vocab + "}}}",
                                   id + 1);
  ASSERT_TRUE(entries) << message(entries);
  EXPECT_EQ(find_entry<Texts>(entries, "ggml.merges")->size(), 1'000'000U);
}

TEST(Tokenizer, RefusesInvalidTextDeepNestingAndNonsense) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{\"model\": {\"vocab\": {\"\xFF\": 0}}}", "not UTF-8 at byte 22"},
      {std::string(65, '[') + std::string(65, ']'), "nests more than 64 levels"},
      {std::string(1'000'000, '['), "nests more than 64 levels"},
      {"{", "not valid JSON"},
      {"", "not valid JSON"},
      {"7", "has no model"},
      {"[]", "has no model"},
  };
  for (const auto& [text, part] : cases) {
    const CheckpointFolder folder;
    folder.write("tokenizer.json", text);
    const auto entries = read_tokenizer(ModelFolder(folder.path()), {Json::object(), "llama", 6});
    ASSERT_FALSE(entries);
    EXPECT_EQ(entries.error().kind, ErrorKind::engine_failed);
    EXPECT_NE(message(entries).find(part), std::string::npos) << message(entries);
  }
}

TEST(Tokenizer, RefusesRulesThatTheEngineDoesNotHave) {
  struct Case {
    std::string member;
    Json value;
    std::string part;
  };
  const std::vector<Case> cases = {
      {"/pre_tokenizer", {{"type", "ByteLevel"}}, "ByteLevel(regex, prefix space)"},
      {"/pre_tokenizer", {{"type", "Whitespace"}}, "'Whitespace'"},
      {"/pre_tokenizer", nullptr, "'none'"},
      {"/normalizer", {{"type", "NFKC"}}, "no normalizer 'NFKC'"},
      {"/normalizer", {{"type", "Lowercase"}}, "no normalizer 'Lowercase'"},
      {"/model/type", "WordLevel", "of the type 'WordLevel'"},
      {"/model/dropout", 0.1, "dropout"},
      {"/model/end_of_word_suffix", "</w>", "the end of words"},
      {"/model/unk_token", "a", "no token for the byte 0"},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.part);
    Import import;
    import.tokenizer[Json::json_pointer(each.member)] = each.value;
    expect_fault(import, ErrorKind::unsupported, each.part);
  }
}

TEST(Tokenizer, ExplainsThatThereIsNone) {
  const CheckpointFolder folder;
  const auto entries = read_tokenizer(ModelFolder(folder.path()), {Json::object(), "llama", 6});
  ASSERT_FALSE(entries);
  EXPECT_EQ(entries.error().kind, ErrorKind::not_configured);
}

TEST(Tokenizer, ReadsVocabularyAndMergesOfTheClassThatSaysHowToSplit) {
  const CheckpointFolder folder;
  folder.write("vocab.json", R"({"a": 0, "b": 1, "ab": 2, "<|endoftext|>": 3})");
  folder.write("merges.txt", "#version: 0.2\na b\n");
  const ModelFolder model(folder.path());
  auto entries = read_tokenizer(model, {Json::object(), "gpt2", 4});
  ASSERT_TRUE(entries) << message(entries);
  EXPECT_EQ(find_entry<std::string>(entries, "ggml.pre"), "gpt-2");
  EXPECT_EQ(find_entry<Types>(entries, "ggml.token_type"), (Types{1, 1, 1, 3}));
  entries = read_tokenizer(model, {Json::object(), "llama", 4});
  EXPECT_NE(message(entries).find("does not say how a text is split"), std::string::npos);
  folder.write("tokenizer_config.json", R"({"tokenizer_class": "Qwen2TokenizerFast", "eos_token": "<|endoftext|>"})");
  EXPECT_EQ(find_entry<std::string>(read_tokenizer(model, {Json::object(), "qwen2", 4}), "ggml.pre"), "qwen2");
  folder.write("merges.txt", "a b c\n");
  EXPECT_NE(message(read_tokenizer(model, {Json::object(), "qwen2", 4})).find("line 1 is not a pair"),
            std::string::npos);
}

TEST(Tokenizer, ReadsTheLinesOfVocabTxt) {
  const CheckpointFolder folder;
  folder.write("vocab.txt", "[PAD]\n[UNK]\r\n[CLS]\n[SEP]\nword\n##s\n");
  folder.write("tokenizer_config.json", R"({"do_lower_case": false, "cls_token": "[CLS]", "sep_token": "[SEP]"})");
  const auto entries = read_tokenizer(ModelFolder(folder.path()), {Json::object(), "bert", 7});
  ASSERT_TRUE(entries) << message(entries);
  EXPECT_EQ(find_entry<Texts>(entries, "ggml.tokens"),
            (Texts{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "▁word", "s", "▁[PAD6]"}));
  EXPECT_EQ(find_entry<bool>(entries, "ggml.normalizer.lowercase"), false);
  EXPECT_EQ(find_entry<std::uint32_t>(entries, "ggml.bos_token_id"), 2U);
  EXPECT_EQ(find_entry<std::uint32_t>(entries, "ggml.seperator_token_id"), 3U);
  EXPECT_EQ(find_entry<std::uint32_t>(entries, "ggml.unknown_token_id"), 1U);
}

}  // namespace
}  // namespace abstractllm
