// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "hub/import/tokenizer.hpp"
#include "support/checkpoint_files.hpp"

namespace abstractllm {
namespace {

using testing_support::CheckpointFolder;

/// A vocabulary of the special tokens <1> to <7>, and "a".
class SpecialTokensOf {
 public:
  SpecialTokensOf& file(const std::string& name, const Json& value) {
    folder_.write(name, value.dump());
    return *this;
  }
  SpecialTokensOf& text(const std::string& name, const std::string& value) {
    folder_.write(name, value);
    return *this;
  }
  SpecialTokensOf& post_processor(const Json& value) {
    tokenizer_["post_processor"] = value;
    return *this;
  }

  /// The entries that are no lists of tokens.
  Json entries(const std::string& architecture = "qwen2") {
    folder_.write("tokenizer.json", tokenizer_.dump());
    const auto read = read_tokenizer(ModelFolder(folder_.path()), {Json::object(), architecture, 9});
    if (!read) return read.error().message;
    Json found = Json::object();
    for (const GgufEntry& entry : *read) {
      const std::string name = entry.key.substr(std::string("tokenizer.").size());
      if (const auto* id = std::get_if<std::uint32_t>(&entry.value)) found[name] = *id;
      if (const auto* flag = std::get_if<bool>(&entry.value)) found[name] = *flag;
      if (name.rfind("chat", 0) == 0) std::visit([&](const auto& value) { found[name] = value; }, entry.value);
    }
    return found;
  }

 private:
  static Json make() {
    Json json = {{"added_tokens", Json::array()},
                 {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}}},
                 {"model", {{"type", "BPE"}, {"vocab", {{"a", 0}}}, {"merges", Json::array()}}}};
    for (int id = 1; id < 8; ++id)
      json["added_tokens"].push_back({{"id", id}, {"content", "<" + std::to_string(id) + ">"}, {"special", true}});
    return json;
  }

  CheckpointFolder folder_;
  Json tokenizer_ = make();
};

Json one(const char* token) { return {{"SpecialToken", {{"id", token}, {"type_id", 0}}}}; }
Json text(const char* id) { return {{"Sequence", {{"id", id}, {"type_id", 0}}}}; }

TEST(SpecialTokens, AreThoseOfTheTokenizersSettingsAndThenOfTheModels) {
  const Json entries = SpecialTokensOf()
                           .file("tokenizer_config.json", {{"bos_token", "<1>"},
                                                           {"eos_token", {{"content", "<2>"}}},
                                                           {"pad_token", "<3>"},
                                                           {"add_bos_token", true}})
                           .file("config.json", {{"bos_token_id", 7}, {"unk_token_id", 4}, {"pad_token_id", -1}})
                           .entries();
  EXPECT_EQ(entries, Json::parse(R"({"ggml.bos_token_id": 1, "ggml.eos_token_id": 2, "ggml.unknown_token_id": 4,
                                     "ggml.padding_token_id": 3, "ggml.add_bos_token": true})"));
}

TEST(SpecialTokens, AreAddedAsThePostProcessorSays) {
  const Json single = {one("<1>"), text("A"), one("<2>")};
  const Json pair = {one("<1>"), text("A"), one("<2>"), one("<2>"), text("B"), one("<2>")};
  const Json steps = {{"type", "TemplateProcessing"}, {"single", single}, {"pair", pair}};
  const Json entries = SpecialTokensOf()
                           .post_processor({{"type", "Sequence"}, {"processors", {{{"type", "ByteLevel"}}, steps}}})
                           .file("tokenizer_config.json", {{"bos_token", {{"content", "<1>"}}}, {"eos_token", "<2>"}})
                           .entries();
  EXPECT_EQ(entries, Json::parse(R"({"ggml.bos_token_id": 1, "ggml.eos_token_id": 2, "ggml.seperator_token_id": 2,
                                     "ggml.add_bos_token": true, "ggml.add_eos_token": true, "ggml.add_sep_token": true})"));
}

TEST(SpecialTokens, WithoutAPostProcessorAreNotAddedAlthoughTheEngineWould) {
  CheckpointFolder folder;
  const std::string llama3 =
      R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
  const Json split = {{"type", "Split"}, {"pattern", {{"Regex", llama3}}}, {"behavior", "Isolated"}, {"invert", false}};
  const Json bytes = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}};
  const Json tokenizer = {
      {"pre_tokenizer", {{"type", "Sequence"}, {"pretokenizers", {split, bytes}}}},
      {"model",
       {{"type", "BPE"}, {"ignore_merges", true}, {"vocab", {{"a", 0}, {"e", 1}}}, {"merges", Json::array()}}}};
  folder.write("tokenizer.json", tokenizer.dump());
  folder.write("tokenizer_config.json", R"({"eos_token": "e"})");
  const auto entries = read_tokenizer(ModelFolder(folder.path()), {Json::object(), "llama", 2});
  ASSERT_TRUE(entries) << entries.error().message;
  const auto is_flag = [](const GgufEntry& entry) {
    return entry.key == "tokenizer.ggml.add_bos_token" && entry.value == GgufValue(false);
  };
  EXPECT_EQ(std::count_if(entries->begin(), entries->end(), is_flag), 1);
  EXPECT_EQ(std::get<std::string>(entries->at(1).value), "llama-bpe");
}

TEST(SpecialTokens, OfAListAllEndAGeneration) {
  SpecialTokensOf folder;
  folder.file("tokenizer_config.json", {{"eos_token", "<2>"}}).file("config.json", {{"eos_token_id", {1}}});
  const Json entries = folder.file("generation_config.json", {{"eos_token_id", {3, 2, 4, 5, 5}}}).entries();
  EXPECT_EQ(
      entries,
      Json::parse(
          R"({"ggml.eos_token_id": 2, "ggml.eot_token_id": 3, "ggml.eom_token_id": 4, "ggml.fim_rep_token_id": 5})"));
  EXPECT_NE(folder.file("generation_config.json", {{"eos_token_id", {1, 2, 3, 4, 5, 6, 7}}})
                .entries()
                .dump()
                .find("no more than six"),
            std::string::npos);
  EXPECT_NE(folder.file("generation_config.json", {{"eos_token_id", {100}}}).entries().dump().find("100 is no token"),
            std::string::npos);
  EXPECT_EQ(folder.file("generation_config.json", {{"eos_token_id", nullptr}}).entries(),
            Json::parse(R"({"ggml.eos_token_id": 2, "ggml.eot_token_id": 1})"));
}

TEST(SpecialTokens, HaveAnEndAlsoIfNoFileNamesOne) {
  EXPECT_EQ(SpecialTokensOf().entries(), Json::parse(R"({"ggml.eos_token_id": 8})"));
}

TEST(SpecialTokens, ThatAreAddedMustBeNamed) {
  const Json entries =
      SpecialTokensOf().file("tokenizer_config.json", {{"add_bos_token", true}, {"eos_token", "<2>"}}).entries();
  EXPECT_NE(entries.dump().find("no file of the tokenizer names one"), std::string::npos);
}

TEST(ChatTemplates, MayBeSeveralWithNames) {
  const Json templates = {{{"name", "default"}, {"template", "D"}},
                          {{"name", "tool use"}, {"template", "T"}},
                          {{"name", "rag"}, {"template", "old"}},
                          {{"name", "rag"}, {"template", "R"}}};
  const Json entries =
      SpecialTokensOf().file("tokenizer_config.json", {{"chat_template", templates}, {"eos_token", "<2>"}}).entries();
  EXPECT_EQ(entries, Json::parse(R"({"ggml.eos_token_id": 2, "chat_template.rag": "R", "chat_template.tool_use": "T",
                                     "chat_templates": ["rag", "tool_use"], "chat_template": "D"})"));
}

TEST(ChatTemplates, ComeFromTheirOwnFileFirst) {
  SpecialTokensOf folder;
  folder.file("tokenizer_config.json", {{"chat_template", "settings"}, {"eos_token", "<2>"}});
  EXPECT_EQ(folder.entries()["chat_template"], "settings");
  folder.file("chat_template.json", {{"chat_template", "json"}});
  EXPECT_EQ(folder.entries()["chat_template"], "json");
  folder.text("chat_template.jinja", "jinja").text("additional_chat_templates/rag.jinja", "more");
  EXPECT_EQ(folder.entries()["chat_template"], "jinja");
  EXPECT_EQ(folder.entries()["chat_template.rag"], "more");
}

TEST(ChatTemplates, MustBeTextThatCanBeRead) {
  SpecialTokensOf folder;
  EXPECT_NE(
      folder.file("tokenizer_config.json", {{"chat_template", 7}}).entries().dump().find("neither a text nor a list"),
      std::string::npos);
  EXPECT_NE(folder.file("tokenizer_config.json", {{"chat_template", {{{"name", "x"}}}}})
                .entries()
                .dump()
                .find("no name or no text"),
            std::string::npos);
  EXPECT_NE(folder.text("chat_template.jinja", "\xFF").entries().dump().find("not UTF-8 at byte 0"), std::string::npos);
}

}  // namespace
}  // namespace abstractllm
