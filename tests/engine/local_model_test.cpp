// SPDX-License-Identifier: Apache-2.0
//
// What a handle can ask of a local model besides an answer, and what the answer says of the engine.
#include <gtest/gtest.h>

#include <fstream>

#include "abstractllm/abstractllm.hpp"
#include "ask.hpp"

namespace abstractllm::engine_test {
namespace {

Llm handle(const TinyModelFile& file, const Options& options = {}) {
  return create_llm("huggingface", options.over(file.options().max_tokens(4).temperature(0))).value();
}

std::vector<std::string> codes(const Response& response) {
  std::vector<std::string> found;
  for (const Warning& warning : response.warnings) found.push_back(warning.code);
  return found;
}

TEST(LocalModel, IsLoadedAheadOnce) {
  clear_model_cache();
  const TinyModelFile file;
  const Llm model = handle(file);
  const std::int64_t loads = model_cache_stats().loads;
  ASSERT_TRUE(model.preload());
  ASSERT_TRUE(model.preload());
  ASSERT_EQ(model_cache_stats().loads, loads + 1);
  const auto reply = model.generate("Hi");
  ASSERT_TRUE(reply);
  EXPECT_FALSE(reply->timing.model.load) << "it was there";
  EXPECT_EQ(model_cache_stats().loads, loads + 1);
}

TEST(LocalModel, WarmsUpWhereItIsAskedTo) {
  for (const bool wanted : {false, true}) {
    clear_model_cache();
    const TinyModelFile file;
    ASSERT_TRUE(handle(file, Options().auto_warmup(wanted)).preload());
    const ModelInMemory info = model_cache_stats().models.at(0);
    EXPECT_EQ(info.warmup_time.count() > 0, wanted);
    EXPECT_GT(info.load_time, info.warmup_time);
  }
}

TEST(LocalModel, AFailedLoadIsPreloadsError) {
  const auto model = create_llm("huggingface", Options().model("/nowhere.gguf"));
  const auto loaded = model->preload();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().kind, ErrorKind::not_configured);
  EXPECT_EQ(loaded.error().model, "/nowhere.gguf");
}

TEST(LocalModel, AStopEndsAPreloadAndTheNextOneLoads) {
  const TinyModelFile file;
  const Llm model = handle(file);
  std::stop_source stop;
  ModelObserver observer = on_model_loading([&](const LoadProgress&) { stop.request_stop(); });
  const auto stopped = model.preload(Options().stop_token(stop.get_token()));
  observer = {};
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
  // It also waits for the end of the stopped load, which still reads the file.
  const auto loaded = model.preload();
  EXPECT_TRUE(loaded) << loaded.error().message;
}

TEST(LocalModel, SaysHowItWorked) {
  const TinyModelFile file;
  const Llm model = handle(file);
  const auto first = model.generate("Tell me something");
  const auto again = model.generate("Tell me something");
  const auto anew = model.generate("Tell me something", Options().cache_prompt(false));
  ASSERT_TRUE(first && again && anew);
  EXPECT_TRUE(first->timing.model.load);
  for (const Response* reply : {&*first, &*again, &*anew}) {
    const ModelTiming& timing = reply->timing.model;
    EXPECT_TRUE(timing.prompt && timing.generation);
    EXPECT_TRUE(timing.slot && *timing.slot >= 0 && *timing.slot < 4);
    EXPECT_EQ(timing.prompt_tokens.value_or(-1) + timing.cached_tokens.value_or(-1),
              reply->usage.input_tokens.value_or(0));
  }
  EXPECT_GT(again->timing.model.cached_tokens, 0);
  EXPECT_EQ(anew->timing.model.cached_tokens, 0);
  EXPECT_EQ(anew->text, first->text);
}

TEST(LocalModel, DescribesItselfAsLlamaServerDoes) {
  const TinyModelFile file;
  const TinyProjectorFile projector;
  for (const bool sees : {false, true}) {
    Options options = file.options();
    if (sees) options.mmproj(projector.path());
    const Reply reply = drain(*open(**make_llama_cpp_transport(options), "", "local:///v1/models"));
    EXPECT_EQ(reply.status, 200);
    const json models = reply.parsed()["models"];
    ASSERT_EQ(models.size(), 1u) << reply.body;
    EXPECT_EQ(models[0]["name"], "tiny.gguf");
    EXPECT_EQ(models[0]["capabilities"],
              sees ? json({"completion", "multimodal", "vision"}) : json::array({"completion"}));
    EXPECT_EQ(reply.parsed()["data"][0]["meta"]["n_ctx"], 2048);
  }
}

TEST(LocalModel, CountsTokensAsTheCallDoes) {
  const TinyModelFile file;
  const Llm model = handle(file);
  const std::vector<Message> talk = {Message::system("Be brief."), Message::user("H\u00e9llo"),
                                     Message::assistant("Yes"), Message::user("Why?")};
  const auto counted = model.count_tokens(talk);
  const auto reply = model.generate(talk);
  ASSERT_TRUE(counted) << counted.error().message;
  ASSERT_TRUE(reply);
  EXPECT_EQ(*counted, reply->usage.input_tokens.value_or(0));
  EXPECT_GT(*model.count_tokens("Why?", Options().system_prompt("Be brief.")), *model.count_tokens("Why?"));
  const auto hosted = create_llm("groq", Options().model("m").api_key("k"))->count_tokens("Hi");
  ASSERT_FALSE(hosted);
  EXPECT_EQ(hosted.error().kind, ErrorKind::unsupported);
}

TEST(LocalModel, WithoutATemplateItGoesOnWithTheTextAndSaysSo) {
  const TinyModelFile file({.chat_template = ""});
  const Llm model = handle(file);
  const auto reply = model.generate("abc");
  ASSERT_TRUE(reply);
  EXPECT_EQ(codes(*reply).at(0), "no_chat_template");
  EXPECT_EQ(reply->usage.input_tokens, 3) << "a byte is a token";
  const auto strict = model.generate("abc", Options().strict(true));
  ASSERT_FALSE(strict);
  EXPECT_EQ(strict.error().kind, ErrorKind::unsupported);
}

TEST(LocalModel, AModelForConversationsGetsTheTemplateOfItsFamilyAndSaysSo) {
  const TinyModelFile own;
  const TinyModelFile file({.name = "Tiny 1B Instruct", .chat_template = ""});
  const auto expected = handle(own).generate("abc");
  const auto reply = handle(file).generate("abc");
  ASSERT_TRUE(expected && reply);
  EXPECT_EQ(codes(*reply).at(0), "chat_template_inferred");
  EXPECT_NE(reply->warnings.at(0).message.find("'chatml'"), std::string::npos) << reply->warnings.at(0).message;
  EXPECT_EQ(reply->text, expected->text) << "its own template is ChatML too";
  EXPECT_EQ(reply->usage.input_tokens, expected->usage.input_tokens);
}

TEST(LocalModel, TakesATemplateByNameFileAndText) {
  const TinyModelFile file({.chat_template = ""});
  const Folder folder;
  const std::string text = "{% for m in messages %}<{{ m['content'] }}>{% endfor %}";
  std::ofstream(folder / "own.jinja") << text;
  const std::pair<std::string, std::int64_t> cases[] = {{"plain", 3},   {(folder / "own.jinja").string(), 5},
                                                        {text, 5},      {"gemma", -1},
                                                        {"zephyr", -1}, {"mistral", -1},
                                                        {"llama3", -1}, {"phi3", -1}};
  for (const auto& [asked, tokens] : cases) {
    const auto reply = handle(file, Options().chat_template(asked)).generate("abc");
    ASSERT_TRUE(reply) << asked << ": " << reply.error().message;
    EXPECT_TRUE(codes(*reply).empty() || codes(*reply).at(0) == "length_limit") << codes(*reply).at(0);
    if (tokens > 0) EXPECT_EQ(reply->usage.input_tokens, tokens) << asked;
    else EXPECT_GT(reply->usage.input_tokens.value_or(0), 3) << asked;
  }
}

TEST(LocalModel, SaysWhyATemplateIsNone) {
  const TinyModelFile file;
  for (const char* asked : {"no such name", "{% for %}"}) {
    const auto reply = handle(file, Options().chat_template(asked)).generate("abc");
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().kind, ErrorKind::invalid_argument);
    EXPECT_NE(reply.error().message.find("chat_template"), std::string::npos) << reply.error().message;
  }
}

}  // namespace
}  // namespace abstractllm::engine_test
