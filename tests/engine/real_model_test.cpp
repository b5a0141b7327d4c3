// SPDX-License-Identifier: Apache-2.0
#include "engine/ask.hpp"

namespace abstractllm::engine_test {
namespace {

class EngineRealModel : public testing::Test {
 protected:
  // A failure, not a skip: what only a real model shows must not go unseen.
  void SetUp() override {
    ASSERT_NE(path, nullptr) << "set ABSTRACTLLM_TEST_MODEL to the path of the real test model (.gguf)";
  }

  Options options() const { return Options{}.model(path).context_size(2048).threads(1); }

 private:
  const char* path = std::getenv("ABSTRACTLLM_TEST_MODEL");
};

json capital(bool stream) {
  return chat(
      "What is the capital of France? Answer in one word.",
      {{"temperature", 0}, {"max_tokens", 40}, {"stream", stream}, {"stream_options", {{"include_usage", true}}}});
}

TEST_F(EngineRealModel, KnowsTheCapitalOfFranceStreamedAndWhole) {
  auto transport = *make_llama_cpp_transport(options());
  const Reply streamed = ask(*transport, capital(true));
  EXPECT_NE(streamed.text().find("Paris"), std::string::npos) << streamed.text();
  EXPECT_EQ(streamed.finish_reason(), "stop");
  EXPECT_TRUE(streamed.done());
  EXPECT_EQ(streamed.usage()["prompt_tokens"], 42);
  const Reply whole = ask(*transport, capital(false));
  EXPECT_EQ(whole.text(), streamed.text());
  EXPECT_EQ(whole.usage()["completion_tokens"], streamed.usage()["completion_tokens"]);
  EXPECT_EQ(whole.usage()["prompt_tokens_details"]["cached_tokens"], 41);
}

TEST_F(EngineRealModel, AnswersSixAtOnce) {
  auto transport = *make_llama_cpp_transport(options());
  std::vector<std::unique_ptr<Channel>> channels;
  for (int i = 0; i < 6; ++i) channels.push_back(open(*transport, capital(i % 2 == 0)));
  for (const auto& channel : channels) {
    const Reply reply = drain(*channel);
    EXPECT_NE(reply.text().find("Paris"), std::string::npos) << reply.text();
  }
}

TEST_F(EngineRealModel, StopsInTheMiddleOfAnAnswerAndOfAPrompt) {
  auto transport = *make_llama_cpp_transport(options().parallel(1));
  {
    const auto channel = open(*transport, endless("Tell me a long story."));
    read_some(*channel);
  }
  {
    std::string prompt;
    for (int i = 0; i < 300; ++i) prompt += "word " + std::to_string(i) + ", ";
    const auto channel = open(*transport, endless(prompt));
    Reply reply;
    read_until(*channel, reply, [](const Reply& so_far) { return so_far.status == 200; });
  }
  EXPECT_NE(ask(*transport, capital(false)).text().find("Paris"), std::string::npos);
}

TEST_F(EngineRealModel, StopsAtAStopString) {
  auto transport = *make_llama_cpp_transport(options());
  json body = capital(true);
  body["stop"] = {"Par"};
  const Reply reply = ask(*transport, body);
  EXPECT_EQ(reply.text().find("Par"), std::string::npos) << reply.text();
  EXPECT_EQ(reply.finish_reason(), "stop");
}

}  // namespace
}  // namespace abstractllm::engine_test
