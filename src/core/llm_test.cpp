// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/llm.hpp"

#include <gtest/gtest.h>

#include <functional>

#include <cstdlib>
#include <thread>

#include "abstractllm/log.hpp"
#include "abstractllm/registry.hpp"
#include "base/json.hpp"
#include "support/scripted_transport.hpp"

namespace abstractllm {
namespace {

using namespace abstractllm::test;

// Sets a variable of the environment for the duration of a test.
class Variable {
 public:
  Variable(std::string name, const std::string& value) : name_(std::move(name)) {
    setenv(name_.c_str(), value.c_str(), 1);
  }
  ~Variable() { unsetenv(name_.c_str()); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  std::string name_;
};

class LlmTest : public ::testing::Test {
 protected:
  // Registers a provider with a new name whose server plays these scripts.
  std::string provider(std::vector<Script> scripts, Options defaults = {}) {
    static int number = 0;
    server = std::make_shared<ScriptedTransport>(std::move(scripts), clock);
    Provider made;
    made.name = "scripted_" + std::to_string(++number);
    made.protocols = {protocol("openai_chat")};
    made.base_url = "http://scripted.invalid/v1";
    made.base_url_variable = "SCRIPTED_BASE_URL";
    made.defaults = std::move(defaults);
    made.transport = [to = server](const Options&) -> Result<std::shared_ptr<Transport>> {
      return std::shared_ptr<Transport>(to);
    };
    EXPECT_TRUE(register_provider(made));
    return made.name;
  }
  Json sent(std::size_t index = 0) { return Json::parse(server->requests().at(index)->body); }

  FakeClock clock;
  std::shared_ptr<ScriptedTransport> server;
};

Script streamed(const std::vector<std::string>& pieces, const std::string& reason = "stop") {
  return {Head{}, Bytes{chat_stream(pieces, reason)}, End{}};
}
Script whole(const std::string& text) { return {Head{}, Bytes{chat_body(text)}, End{}}; }

TEST_F(LlmTest, GeneratesAWholeAnswer) {
  const auto model = create_llm(provider({whole("Paris.")}), Options().model("m"));
  ASSERT_TRUE(model);
  const auto reply = model->generate("Capital of France?");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->text, "Paris.");
  EXPECT_EQ(reply->finish_reason, FinishReason::stop);
  EXPECT_EQ(reply->usage.input_tokens, TokenCount(7));
  EXPECT_FALSE(reply->usage.reasoning_tokens.known());
  EXPECT_EQ(reply->model, "m-1");
  EXPECT_EQ(reply->id, "chat-1");
  EXPECT_EQ(reply->timing.attempts, 1);
  EXPECT_FALSE(sent().value("stream", false));
  EXPECT_EQ(server->requests()[0]->url, "http://scripted.invalid/v1/chat/completions");
}

TEST_F(LlmTest, StreamsTheSameAnswerThatItGenerates) {
  const auto model = create_llm(provider({streamed({"Par", "is."}), whole("Paris.")})).value();
  Stream stream = model.stream("Capital?");
  std::string text;
  for (const StreamEvent& event : stream)
    if (const auto* delta = std::get_if<TextDelta>(&event)) text += delta->text;
  const Response reply = model.generate("Capital?").value();
  EXPECT_EQ(text, "Paris.");
  EXPECT_EQ(stream.response().text, reply.text);
  EXPECT_EQ(stream.response().usage, reply.usage);
  EXPECT_EQ(stream.response().finish_reason, reply.finish_reason);
  EXPECT_TRUE(sent(0).at("stream").get<bool>());
}

TEST_F(LlmTest, PrefersTheCallOverTheInstanceOverTheEnvironmentOverTheDefault) {
  const Variable seed("ABSTRACTLLM_SEED", "2");
  const Variable top_p("ABSTRACTLLM_TOP_P", "0.2");
  const Variable temperature("ABSTRACTLLM_TEMPERATURE", "0.2");
  const std::string name = provider({whole("x")}, Options().seed(1).top_p(0.1).temperature(0.1).max_tokens(1));
  const auto model = create_llm(name, Options().top_p(0.3).temperature(0.3)).value();
  ASSERT_TRUE(model.generate("p", Options().temperature(0.4)));
  EXPECT_EQ(sent().at("max_tokens"), 1);
  EXPECT_EQ(sent().at("seed"), 2);
  EXPECT_EQ(sent().at("top_p"), 0.3);
  EXPECT_EQ(sent().at("temperature"), 0.4);
}

TEST_F(LlmTest, NamesTheEnvironmentVariableThatDoesNotFit) {
  const Variable temperature("ABSTRACTLLM_TEMPERATURE", "9");
  const auto model = create_llm(provider({whole("x")}));
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().message,
            "environment variable ABSTRACTLLM_TEMPERATURE: temperature is 9; it must be from 0 to 2");
}

TEST_F(LlmTest, TakesTheBaseUrlFromTheProvidersVariable) {
  const Variable url("SCRIPTED_BASE_URL", "http://elsewhere.invalid/v9");
  const auto model = create_llm(provider({whole("x")})).value();
  EXPECT_EQ(model.request({Message::user("p")})->url, "http://elsewhere.invalid/v9/chat/completions");
  EXPECT_EQ(model.request({Message::user("p")}, Options().base_url("http://here.invalid"))->url,
            "http://here.invalid/chat/completions");
}

TEST_F(LlmTest, PutsExtraHeadersOnTheRequestAndMasksThem) {
  const auto model = create_llm(provider({whole("x")})).value();
  ASSERT_TRUE(model.generate("p", Options().extra_headers({{"X-Key", "hush"}})));
  const HttpRequest& request = *server->requests()[0];
  EXPECT_TRUE(std::any_of(request.headers.begin(), request.headers.end(),
                          [](const HttpHeader& h) { return h.name == "X-Key" && h.value == "hush"; }));
  EXPECT_EQ(to_json(request).find("hush"), std::string::npos);
}

TEST_F(LlmTest, ShowsTheRequestWithoutSendingIt) {
  const auto model = create_llm(provider({whole("x")})).value();
  const auto request = model.request({Message::user("p")}, Options().temperature(0), Delivery::body);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->method, "POST");
  EXPECT_EQ(Json::parse(request->body).at("temperature"), 0.0);
  EXPECT_TRUE(server->requests().empty());
}

TEST_F(LlmTest, RefusesWhatCannotBeAsked) {
  const auto model = create_llm(provider({whole("x")})).value();
  const auto message = [&](auto prompt, Options options = {}) {
    const auto reply = model.generate(prompt, options);
    EXPECT_FALSE(reply);
    EXPECT_EQ(reply.error().kind, ErrorKind::invalid_argument);
    EXPECT_EQ(reply.error().provider, model.provider());
    return reply.error().message;
  };
  EXPECT_EQ(message(""), "the prompt is empty");
  EXPECT_EQ(message(std::vector<Message>{}), "there is no message to answer");
  EXPECT_EQ(message("p", Options().temperature(9)), "temperature is 9; it must be from 0 to 2");
  EXPECT_EQ(message("p", Options().protocol("smoke_signals")),
            "provider " + model.provider() + " does not speak protocol 'smoke_signals'; it speaks openai_chat");
  EXPECT_NE(message("half a character: \xe2\x82").find("UTF-8"), std::string::npos);
  EXPECT_TRUE(server->requests().empty());
}

TEST_F(LlmTest, GivesAValidationErrorOutOfTheStreamAgainAndAgain) {
  const auto model = create_llm(provider({whole("x")})).value();
  Stream stream = model.stream("");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(stream.next().error().message, "the prompt is empty");
  Stream thrown = model.stream("");
  EXPECT_THROW(
      {
        for (const auto& event : thrown) (void)event;
      },
      Exception);
}

TEST_F(LlmTest, ListsTheKnownProvidersAndTheNearestName) {
  const auto model = create_llm("hugingface");
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(
      model.error().message.rfind("unknown provider 'hugingface'; did you mean 'huggingface'? (known: huggingface", 0),
      0u);
}

TEST_F(LlmTest, KeepsWhatHadArrivedBeforeAFailure) {
  const std::string bytes = chat_stream({"Par", "is."});
  const auto model = create_llm(provider({{Head{}, Bytes{bytes.substr(0, bytes.find("\n\n") + 2)}, End{}}})).value();
  Stream stream = model.stream("Capital?");
  EXPECT_TRUE(stream.next());
  const auto failure = stream.next();
  ASSERT_FALSE(failure);
  EXPECT_EQ(failure.error().kind, ErrorKind::protocol);
  EXPECT_EQ(failure.error().partial->text, "Par");
  EXPECT_EQ(failure.error().delivered_events, 1);
  EXPECT_EQ(stream.response().text, "Par");
  EXPECT_FALSE(stream.response().finish_reason);
}

TEST_F(LlmTest, WarnsWhenTheAnswerWasCut) {
  const auto model = create_llm(provider({streamed({"Par"}, "length")})).value();
  Stream stream = model.stream("Capital?");
  std::vector<std::size_t> kinds;
  for (const StreamEvent& event : stream) kinds.push_back(event.index());
  EXPECT_EQ(kinds, (std::vector<std::size_t>{StreamEvent(TextDelta{}).index(), StreamEvent(Warning{}).index(),
                                             StreamEvent(Finished{}).index()}));
  ASSERT_EQ(stream.response().warnings.size(), 1u);
  EXPECT_EQ(stream.response().warnings[0].code, "length_limit");
}

TEST_F(LlmTest, WarnsWhenOllamasOwnCountShowsThatThePromptWasCut) {
  const std::string answer =
      R"({"message":{"content":"a"},"done":true,"done_reason":"stop","prompt_eval_count":4096,"eval_count":1})";
  server = std::make_shared<ScriptedTransport>(std::vector<Script>{{Head{}, Bytes{answer + "\n"}, End{}}}, clock);
  Provider ollama;
  ollama.name = "scripted_ollama";
  ollama.protocols = {protocol("ollama_chat")};
  ollama.base_url = "http://scripted.invalid";
  ollama.transport = [to = server](const Options&) -> Result<std::shared_ptr<Transport>> {
    return std::shared_ptr<Transport>(to);
  };
  ASSERT_TRUE(register_provider(ollama));
  const Llm model = create_llm(ollama.name, Options().model("m")).value();
  Stream stream = model.stream(std::string(100'000, 'a'));
  while (stream.next().value()) {
  }
  const Result<Response> replies[] = {model.generate(std::string(100'000, 'a')),
                                      model.generate_async(std::string(100'000, 'a')).wait(), stream.response()};
  for (const Result<Response>& reply : replies) {
    ASSERT_TRUE(reply) << reply.error().message;
    ASSERT_EQ(reply->warnings.size(), 1U);
    EXPECT_EQ(reply->warnings[0].code, "prompt_truncated");
  }
  EXPECT_TRUE(model.generate("short")->warnings.empty());
}

TEST_F(LlmTest, EndsTheStreamOnceAndForAll) {
  const auto model = create_llm(provider({streamed({"a"})})).value();
  Stream stream = model.stream("p");
  while (*stream.next()) {
  }
  EXPECT_FALSE(stream.next()->has_value());
  EXPECT_EQ(stream.response().text, "a");
}

TEST_F(LlmTest, CancelsTheCallOfADroppedStream) {
  const auto model = create_llm(provider({{Head{}, Bytes{chat_stream({"a", "b"}).substr(0, 200)}, Silence{}}})).value();
  {
    Stream stream = model.stream("p");
    EXPECT_TRUE(stream.next());
    EXPECT_EQ(server->open_channels(), 1);
  }
  EXPECT_EQ(server->open_channels(), 0);
}

TEST_F(LlmTest, GivesOneCancelledOutcomeAfterAStop) {
  const auto model = create_llm(provider({{Head{}, Bytes{chat_stream({"a", "b"}).substr(0, 200)}, Silence{}}})).value();
  std::stop_source stop;
  Stream stream = model.stream("p", Options().stop_token(stop.get_token()));
  EXPECT_TRUE(stream.next());
  stop.request_stop();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(stream.next().error().kind, ErrorKind::cancelled);
  EXPECT_EQ(stream.response().text, "a");
}

TEST_F(LlmTest, OutlivesItsHandle) {
  auto model = std::make_unique<Llm>(create_llm(provider({streamed({"a"})})).value());
  Stream stream = model->stream("p");
  model.reset();
  while (*stream.next()) {
  }
  EXPECT_EQ(stream.response().text, "a");
}

TEST_F(LlmTest, ServesEightThreadsAtOnce) {
  const auto model = create_llm(provider({whole("x")})).value();
  std::vector<std::thread> threads;
  std::atomic<int> answers{0};
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int j = 0; j < 50; ++j) answers += model.generate("p").has_value() ? 1 : 0;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answers, 400);
}

TEST_F(LlmTest, LogsRequestAndResponseWithoutTextsUntilDebug) {
  const auto model = create_llm(provider({whole("the answer")})).value();
  std::string info;
  std::string debug;
  const LogSink low = add_log_sink(LogLevel::info, [&](const LogRecord& r) { info += to_json(r) + "\n"; });
  ASSERT_TRUE(model.generate("the question", Options().system_prompt("the system prompt")));
  EXPECT_NE(info.find("\"event\":\"request\""), std::string::npos);
  EXPECT_NE(info.find("\"event\":\"response\""), std::string::npos);
  EXPECT_NE(info.find("\"output_tokens\":3"), std::string::npos);
  for (const char* text : {"the question", "the answer", "the system prompt"})
    EXPECT_EQ(info.find(text), std::string::npos) << text;

  const LogSink high = add_log_sink(LogLevel::debug, [&](const LogRecord& r) { debug += to_json(r) + "\n"; });
  ASSERT_TRUE(
      model.generate("the question", Options().system_prompt("the system prompt").extra_headers({{"X-Key", "hush"}})));
  for (const char* text : {"the question", "the answer", "the system prompt"})
    EXPECT_NE(debug.find(text), std::string::npos) << text;
  EXPECT_EQ(debug.find("hush"), std::string::npos);
}

std::vector<LogRecord> records_during(const std::function<void()>& calls) {
  std::vector<LogRecord> records;
  const LogSink sink = add_log_sink(LogLevel::debug, [&](const LogRecord& record) { records.push_back(record); });
  calls();
  return records;
}

std::int64_t call_of(const LogRecord& record) {
  const LogField* field = record.field("call");
  return field == nullptr ? 0 : std::get<std::int64_t>(field->value);
}

TEST_F(LlmTest, LogsEachRepeatedAttemptWithoutTheWordsOfTheServer) {
  const Script busy = {Head{503, {HttpHeader("Retry-After", "0")}}, Bytes{R"({"error":{"message":"hush"}})"}, End{}};
  const Llm model = create_llm(provider({busy, whole("b")}), Options().model("m")).value();
  const auto records = records_during([&] { ASSERT_TRUE(model.generate("Hi")); });
  const auto retry =
      std::find_if(records.begin(), records.end(), [](const LogRecord& record) { return record.event == "retry"; });
  ASSERT_NE(retry, records.end());
  EXPECT_EQ(retry->level, LogLevel::info);
  EXPECT_EQ(call_of(*retry), call_of(records.front()));
  const std::string text = to_json(*retry);
  EXPECT_NE(text.find(R"("error":"unavailable","http_status":503,"wait_ms":0)"), std::string::npos) << text;
  EXPECT_EQ(text.find("hush"), std::string::npos);
}

TEST_F(LlmTest, LogsEachCallUnderItsOwnNumber) {
  const Llm model = create_llm(provider({streamed({"a"}, "length"), whole("b")}), Options().model("m")).value();
  const auto records = records_during([&] {
    Stream stream = model.stream("one");
    while (stream.next().value()) {
    }
    ASSERT_TRUE(model.generate("two"));
  });
  std::string events;
  for (const LogRecord& record : records) events += record.event + " ";
  EXPECT_EQ(events, "request request_body warning response response_body request request_body response response_body ");
  ASSERT_EQ(records.size(), 9u);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(call_of(records[i]), call_of(records[i < 5 ? 0 : 5])) << i;
  EXPECT_GT(call_of(records[0]), 0);
  EXPECT_NE(call_of(records[0]), call_of(records[5]));
  EXPECT_EQ(std::get<std::string>(records[2].field("code")->value), "length_limit");
}

TEST_F(LlmTest, LogsWhatFailsBeforeItIsSent) {
  const Llm model = create_llm(provider({whole("x")}), Options().model("m")).value();
  const auto records = records_during([&] {
    EXPECT_FALSE(model.generate(""));
    EXPECT_FALSE(model.stream("Hi", Options().temperature(99)).next());
  });
  ASSERT_EQ(records.size(), 2u);
  for (const LogRecord& record : records) {
    EXPECT_EQ(record.event, "response");
    EXPECT_EQ(record.level, LogLevel::warn);
    EXPECT_EQ(std::get<std::string>(record.field("error")->value), "invalid_argument");
    EXPECT_EQ(std::get<std::string>(record.field("model")->value), "m");
    EXPECT_FALSE(record.message.empty());
  }
  EXPECT_NE(call_of(records[0]), call_of(records[1]));
}

TEST_F(LlmTest, RefusesAProviderThatCannotWork) {
  const std::string name = provider({whole("x")});
  Provider twice;
  twice.name = name;
  twice.protocols = {protocol("openai_chat")};
  twice.transport = [](const Options&) -> Result<std::shared_ptr<Transport>> { return Error(); };
  EXPECT_EQ(register_provider(twice).error().message, "there is a provider '" + name + "' already");
  twice.name = "Bad Name";
  EXPECT_FALSE(register_provider(twice));
  twice.name = "no_protocol";
  twice.protocols.clear();
  EXPECT_EQ(register_provider(twice).error().message, "provider 'no_protocol' needs at least one protocol");
  twice.protocols = {nullptr};
  EXPECT_FALSE(register_provider(twice));
  EXPECT_EQ(protocol("no such protocol"), nullptr);
}

TEST_F(LlmTest, SaysAtCreationThatAProviderCannotWork) {
  Provider broken;
  broken.name = "broken";
  broken.protocols = {protocol("openai_chat")};
  broken.transport = [](const Options&) -> Result<std::shared_ptr<Transport>> {
    return Error(ErrorKind::not_configured, "no engine");
  };
  ASSERT_TRUE(register_provider(broken));
  const auto model = create_llm("broken");
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().kind, ErrorKind::not_configured);
  EXPECT_EQ(model.error().provider, "broken");
  const auto all = providers();
  const auto listed = std::find_if(all.begin(), all.end(), [](const ProviderInfo& p) { return p.name == "broken"; });
  ASSERT_NE(listed, all.end());
  EXPECT_FALSE(listed->configured);
}

}  // namespace
}  // namespace abstractllm
