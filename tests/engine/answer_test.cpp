// SPDX-License-Identifier: Apache-2.0
#include "engine/ask.hpp"

namespace abstractllm::engine_test {
namespace {

bool is_whole_utf8(const json& text) {
  // What is broken is dropped by the one and replaced by the other; what came replaced already is as bad.
  const std::string replaced = text.dump(-1, ' ', false, json::error_handler_t::replace);
  return replaced == text.dump(-1, ' ', false, json::error_handler_t::ignore) &&
         replaced.find("\ufffd") == replaced.npos;
}

TEST(Engine, StreamsHeadFramesUsageAndEnd) {
  const TinyModelFile model;
  const Reply reply = ask(*model.transport(), chat("hi", {{"stream", true},
                                                          {"stream_options", {{"include_usage", true}}},
                                                          {"max_tokens", 5},
                                                          {"grammar", "root ::= [a-z]+"},
                                                          {"ignore_eos", true}}));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.content_type, "text/event-stream");
  EXPECT_TRUE(reply.ended);
  EXPECT_TRUE(reply.done());
  EXPECT_EQ(reply.finish_reason(), "length");
  EXPECT_EQ(reply.usage()["completion_tokens"], 5);
  EXPECT_GT(reply.usage()["prompt_tokens"], 2);
  EXPECT_EQ(reply.frames().front()["choices"][0]["delta"]["role"], "assistant");
  EXPECT_EQ(reply.frames().front()["model"], "tiny.gguf");
}

TEST(Engine, GivesOneBodyWithUsage) {
  const TinyModelFile model;
  const Reply reply = ask(*model.transport(), chat("hi", {{"grammar", grammar_for("yes")}}));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.content_type, "application/json; charset=utf-8");
  EXPECT_EQ(reply.text(), "yes");
  EXPECT_EQ(reply.finish_reason(), "stop");
  EXPECT_EQ(reply.usage()["completion_tokens"], 4);  // and the end of the answer
}

TEST(Engine, StaysEmptyAfterTheEnd) {
  const TinyModelFile model;
  auto transport = model.transport();
  const auto channel = open(*transport, chat("hi", {{"max_tokens", 1}}));
  EXPECT_TRUE(drain(*channel).ended);
  EXPECT_FALSE(channel->poll());
  EXPECT_FALSE(channel->poll());
}

TEST(Engine, BodyAndStreamSayTheSame) {
  const TinyModelFile model;
  auto transport = model.transport();
  json body = chat("hi", {{"grammar", "root ::= [a-z ,.\\n\"\\\\]+"},
                          {"max_tokens", 40},
                          {"seed", 7},
                          {"ignore_eos", true},
                          {"cache_prompt", false}});
  const Reply whole = ask(*transport, body);
  body["stream"] = true;
  const Reply streamed = ask(*transport, body);
  EXPECT_EQ(whole.text(), streamed.text());
  EXPECT_EQ(whole.text().size(), 40);
}

TEST(Engine, StreamsWholeUtf8Characters) {
  const TinyModelFile model;
  const std::string text = "h\u00e9 \u20ac \U0001F600 \u65e5\u672c\u8a9e!";
  const Reply reply = ask(*model.transport(), chat("hi", {{"stream", true}, {"grammar", grammar_for(text)}}));
  EXPECT_EQ(reply.text(), text);
  for (const json& frame : reply.frames())
    for (const json& choice : frame["choices"])
      EXPECT_TRUE(is_whole_utf8(choice["delta"].value("content", json()))) << frame;
}

TEST(Engine, EndsAtAStopStringThatIsSplitOverTokens) {
  const TinyModelFile model;
  for (const bool stream : {false, true}) {
    const Reply reply =
        ask(*model.transport(),
            chat("hi", {{"stream", stream}, {"grammar", grammar_for("abc STOP def")}, {"stop", {"STOP"}}}));
    EXPECT_EQ(reply.text(), "abc ") << stream;
    EXPECT_EQ(reply.finish_reason(), "stop");
  }
}

TEST(Engine, GivesOutTheBeginningOfAStopStringThatDoesNotCome) {
  const TinyModelFile model;
  const Reply reply = ask(*model.transport(),
                          chat("hi", {{"stream", true}, {"grammar", grammar_for("abc STO def")}, {"stop", {"STOP"}}}));
  EXPECT_EQ(reply.text(), "abc STO def");
}

TEST(Engine, HonoursLogitBias) {
  const TinyModelFile model;
  const Reply reply = ask(*model.transport(), chat("hi", {{"max_tokens", 6}, {"logit_bias", {{"122", 100}}}}));
  EXPECT_EQ(reply.text(), "zzzzzz");
}

TEST(Engine, RepeatsItselfWithTheSameSeedAndNotWithAnother) {
  const TinyModelFile model;
  auto transport = model.transport();
  const auto text_with_seed = [&](int seed) {
    return ask(*transport, chat("hi", {{"max_tokens", 24},
                                       {"seed", seed},
                                       {"temperature", 1.5},
                                       {"cache_prompt", false},
                                       {"grammar", "root ::= [a-z]+"}}))
        .text();
  };
  const std::string first = text_with_seed(1);
  EXPECT_EQ(first.size(), 24);
  EXPECT_EQ(first, text_with_seed(1));
  EXPECT_NE(first, text_with_seed(2));
}

TEST(Engine, GivesSeveralAnswersInOneBody) {
  const TinyModelFile model;
  auto transport = model.transport();
  const Reply reply = ask(*transport, chat("hi", {{"n", 3}, {"max_tokens", 4}, {"ignore_eos", true}}));
  ASSERT_EQ(reply.parsed()["choices"].size(), 3);
  EXPECT_EQ(reply.parsed()["choices"][2]["index"], 2);
  EXPECT_EQ(ask(*transport, chat("hi", {{"n", 5}})).status, 400) << "more than there are slots";
}

TEST(Engine, AnswersAnEmptyPrompt) {
  const TinyModelFile model;
  EXPECT_EQ(ask(*model.transport(), chat("", {{"max_tokens", 2}})).status, 200);
}

TEST(Engine, EvaluatesThePromptOnlyWithoutTokensToMake) {
  const TinyModelFile model;
  const Reply reply = ask(*model.transport(), chat("hi", {{"max_tokens", 0}}));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.finish_reason(), "length");
}

TEST(Engine, RefusesWhatItCannotRead) {
  const TinyModelFile model;
  auto transport = model.transport();
  for (
      const char* body :
      {"", "nonsense", "[]", "{}", R"({"messages":"hi"})", R"({"messages":[{"role":"user"}]})",
       "{\"messages\":[{\"role\":\"user\",\"content\":\"\xff\xfe\"}]}",
       R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]}]})",
       R"({"messages":[{"role":"user","content":"hi"}],"max_tokens":-7})",
       R"({"messages":[{"role":"user","content":"hi"}],"grammar":"root ::= ("})"}) {
    const Reply reply = drain(*open(*transport, std::string(body)));
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_EQ(reply.parsed()["error"]["type"], "invalid_request_error") << body;
    EXPECT_FALSE(reply.parsed()["error"]["message"].get<std::string>().empty()) << body;
  }
  EXPECT_EQ(ask(*transport, chat("hi", {{"max_tokens", 1}})).status, 200);
}

TEST(Engine, KnowsNoOtherEndpoint) {
  const TinyModelFile model;
  auto transport = model.transport();
  const Reply reply = drain(*open(*transport, "{}", "local:///v1/images"));
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.parsed()["error"]["type"], "not_found_error");
  EXPECT_EQ(
      drain(*open(*transport, chat("hi", {{"max_tokens", 1}}).dump(), "local://host/v1/chat/completions?x=1")).status,
      200);
}

TEST(Engine, RefusesAPromptThatDoesNotFitWithBothNumbers) {
  const TinyModelFile model;
  auto transport = *make_llama_cpp_transport(model.options().context_size(512));
  for (const bool stream : {false, true}) {
    const Reply reply = ask(*transport, chat(std::string(600, 'x'), {{"stream", stream}}));
    EXPECT_EQ(reply.status, 400);
    const json error = reply.parsed()["error"];
    EXPECT_EQ(error["type"], "exceed_context_size_error");
    EXPECT_GT(error["n_prompt_tokens"], 600);
    EXPECT_EQ(error["n_ctx"], 512);
  }
}

TEST(Engine, RefusesTwoMegabytesAtOnce) {
  const TinyModelFile model;
  const Reply reply = ask(*model.transport(), chat(std::string(2'000'000, 'x'), {{"stream", true}}));
  EXPECT_EQ(reply.status, 400);
  EXPECT_GT(reply.parsed()["error"]["n_prompt_tokens"], 2'000'000);
  EXPECT_EQ(reply.parsed()["error"]["n_ctx"], 2048);
}

TEST(Engine, EndsWithLengthWhenTheContextIsFull) {
  const TinyModelFile model;
  auto transport = *make_llama_cpp_transport(model.options().context_size(256));
  for (const bool stream : {false, true}) {
    json body = endless("hi");
    body["stream"] = stream;
    body["stream_options"] = {{"include_usage", true}};
    const Reply reply = ask(*transport, body);
    EXPECT_EQ(reply.finish_reason(), "length");
    EXPECT_GT(reply.usage()["total_tokens"], 250);
    EXPECT_LE(reply.usage()["total_tokens"], 257);
  }
}

TEST(Engine, ReusesTheContextOfASharedPrefix) {
  const TinyModelFile model;
  auto transport = model.transport();
  const std::string prefix(500, 'p');
  const Reply first = ask(*transport, chat(prefix + " one", {{"max_tokens", 2}}));
  const Reply second =
      ask(*transport,
          chat(prefix + " two", {{"max_tokens", 2}, {"stream", true}, {"stream_options", {{"include_usage", true}}}}));
  EXPECT_EQ(first.usage()["prompt_tokens_details"]["cached_tokens"], 0);
  EXPECT_GT(second.usage()["prompt_tokens_details"]["cached_tokens"], 490);
}

TEST(Engine, UsesTheTemplateOfTheModel) {
  TinyModel shouting;
  shouting.chat_template =
      "{{ raise_exception('no system role here') if messages[0].role == 'system' else messages[0].content }}";
  const TinyModelFile model(shouting);
  auto transport = model.transport();
  EXPECT_EQ(ask(*transport, chat("abcdef", {{"max_tokens", 1}})).usage()["prompt_tokens"], 6);
}

}  // namespace
}  // namespace abstractllm::engine_test
