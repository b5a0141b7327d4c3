// SPDX-License-Identifier: Apache-2.0
//
// A chat template is part of a model's file, and a program of its own: what hostile ones can do.
#include <fstream>
#include <sstream>
#include <thread>

#include "abstractllm/abstractllm.hpp"
#include "ask.hpp"

namespace abstractllm::engine_test {
namespace {

using namespace std::chrono_literals;

/// The error of a model with that template in its file.
Error error_with(const std::string& chat_template) {
  const TinyModelFile file({.chat_template = chat_template});
  const auto reply = create_llm("huggingface", file.options())->generate("Hi", Options().max_tokens(1));
  return reply ? Error() : reply.error();
}

void expect_refused(const std::string& chat_template) {
  const Error error = error_with(chat_template);
  EXPECT_TRUE(error.kind == ErrorKind::engine_failed || error.kind == ErrorKind::invalid_argument) << error.message;
  EXPECT_NE(error.message.find("chat template"), std::string::npos) << chat_template << ": " << error.message;
  EXPECT_NE(error.message.find("--chat-template"), std::string::npos) << error.message;
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(TemplateLimits, EndATemplateThatDoesNotEnd) {
  expect_refused("{% for i in range(1000000000000) %}{% endfor %}");
  expect_refused("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}");
  expect_refused("{% macro f(x) %}{{ f(x) }}{{ f(x) }}{% endmacro %}{{ f(1) }}");
}

TEST(TemplateLimits, EndATemplateThatTakesAllMemory) {
  expect_refused("{{ 'a' * 1000000000000 }}");
  expect_refused(
      "{% set ns = namespace(s='aaaaaaaaaaaaaaaa') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}");
  expect_refused("{% set ns = namespace(a=[1, 2]) %}{% for i in range(60) %}{% set ns.a = ns.a + ns.a %}{% endfor %}");
  expect_refused("{{ ('a' * 100000)|replace('a', 'b' * 100000) }}");
  expect_refused("{{ 'a'|indent(1000000000000, true) }}");
  expect_refused("{{ {'a': [1]}|tojson(indent=1000000000) }}");
}

TEST(TemplateLimits, EndATemplateThatNestsValues) {
  const std::string doubled =
      "{% set ns = namespace(a=[]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}";
  expect_refused(doubled + "{{ ns.a }}");
  expect_refused(doubled + "{{ ns.a|tojson }}");
  expect_refused("{% set ns = namespace(a=1) %}{% set ns.a = ns %}{{ ns|tojson }}");
  expect_refused("{% set a = [] %}{{ a.append(a) }}{{ a }}");
  expect_refused("{% set a = [] %}{% set b = {'key': [a]} %}{{ a.append(b) }}");
  expect_refused("{% set a = namespace(b=1) %}{% set b = namespace(a=a) %}{% set a.b = b %}");
  expect_refused("{% set ns = namespace(a=[]) %}{% for i in range(100000) %}{% set ns.a = [ns.a] %}{% endfor %}");
  expect_refused(
      "{% set ns = namespace(t=namespace(c=0)) %}{% for i in range(100000) %}{% set n = namespace(c=0) %}"
      "{% set ns.t.c = n %}{% set ns.t = n %}{% endfor %}");
}

TEST(TemplateLimits, AllowContainersInContainers) {
  const TinyModelFile file({.chat_template =
                                "{% set a = [] %}{% set b = [a, a] %}{{ b.append(a) }}{{ b.append({'c': a}) }}"
                                "{% set ns = namespace(kept=b) %}{% set ns.kept = [ns.kept] %}"
                                "{{ messages[0].content }}"});
  const auto reply = create_llm("huggingface", file.options())->generate("Hi", Options().max_tokens(1));
  EXPECT_TRUE(reply) << reply.error().message;
}

TEST(TemplateLimits, RefuseATemplateWhoseSourceNestsTooDeeply) {
  for (const std::string& each :
       {"{{ " + repeated("(", 100'000) + " }}", "{{ " + repeated("not ", 100'000) + "1 }}",
        "{{ 1" + repeated(" + 1", 100'000) + " }}", "{{ a" + repeated(".a", 100'000) + " }}",
        repeated("{% if 1 %}", 100'000), "{% if 0 %}" + repeated("{% elif 0 %}", 100'000) + "{% endif %}"}) {
    const Error error = error_with(each);
    EXPECT_NE(error.kind, ErrorKind::internal);
    EXPECT_FALSE(error.message.empty()) << each.substr(0, 20);
  }
}

TEST(TemplateLimits, QuoteTheBeginningOfWhatIsNoTemplate) {
  const TinyModelFile file;
  const auto reply = create_llm("huggingface", file.options())
                         ->generate("Hi", Options().chat_template("no\n\xFF" + std::string(100'000, 'x')));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::invalid_argument);
  EXPECT_NE(reply.error().message.find("'no \\xffxxx"), std::string::npos) << reply.error().message.substr(0, 100);
  EXPECT_LT(reply.error().message.size(), 600U);
}

TEST(TemplateLimits, AnAnswerUnlikeItsTemplateIsAFailureOfTheEngine) {
  const TinyModelFile file;
  const auto asked = Options().max_tokens(3).temperature(0).chat_template(
      std::string(ABSTRACTLLM_LLAMA_CPP_MODELS) + "/templates/meetkai-functionary-medium-v3.2.jinja");
  const auto llm = create_llm("huggingface", file.options());
  const auto whole = llm->generate("Hi", asked);
  Stream stream = llm->stream("Hi", asked);
  auto event = stream.next();
  while (event && *event) event = stream.next();
  ASSERT_FALSE(whole);
  ASSERT_FALSE(event);
  for (const Error& error : {whole.error(), event.error()}) {
    EXPECT_EQ(error.kind, ErrorKind::engine_failed);
    EXPECT_NE(error.message.find("another chat_template may fit it"), std::string::npos) << error.message;
  }
}

TEST(TemplateLimits, AnEndlessTemplateThatTheCallerGivesIsRefusedToo) {
  const TinyModelFile file;
  const auto endless =
      Options().chat_template("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}");
  const auto reply = create_llm("huggingface", file.options())->generate("Hi", endless);
  ASSERT_FALSE(reply);
  EXPECT_NE(reply.error().message.find("chat template"), std::string::npos) << reply.error().message;
}

TEST(TemplateLimits, AStopRequestEndsTheRenderingAndLeavesTheModelToOthers) {
  // Ends for what the engine asks it when it loads, and not for this user.
  const TinyModelFile file({.chat_template =
                                "{% for m in messages %}{% if m.content == 'for ever' %}"
                                "{% for i in range(3000) %}{% for j in range(3000) %}{% endfor %}{% endfor %}"
                                "{% endif %}{{ m.content }}{% endfor %}"});
  const auto transport = file.transport();
  EXPECT_EQ(ask(*transport, chat("Hi", {{"grammar", grammar_for("yes")}})).text(), "yes");
  const auto began = Clock::now();
  auto stopped = open(*transport, chat("for ever"));
  std::this_thread::sleep_for(20ms);
  stopped.reset();
  EXPECT_EQ(ask(*transport, chat("Hi", {{"grammar", grammar_for("yes")}})).text(), "yes");
  const auto with_stop = Clock::now() - began;

  const auto begun_again = Clock::now();
  const Reply refused = ask(*transport, chat("for ever"));
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("chat template does not end"), std::string::npos) << refused.body;
  EXPECT_LT(with_stop, Clock::now() - begun_again);
}

TEST(TemplateLimits, LeaveRoomForALongConversation) {
  const TinyModelFile file({.context_tokens = 1 << 20U});
  json body = chat("Hi", {{"grammar", grammar_for("yes")}});
  for (int i = 0; i < 5000; ++i) {
    body["messages"].push_back({{"role", "assistant"}, {"content", "Well"}});
    body["messages"].push_back({{"role", "user"}, {"content", "Hi"}});
  }
  auto transport = *make_llama_cpp_transport(file.options().context_size(1 << 10U));
  const Reply reply = drain(*open(*transport, body.dump(), "local:///v1/chat/completions/input_tokens"));
  EXPECT_EQ(reply.status, 200) << reply.body;
}

TEST(EngineLimits, RefuseAGrammarThatWouldOverflowTheStack) {
  const TinyModelFile file;
  const auto transport = file.transport();
  const Reply reply =
      ask(*transport, chat("Hi", {{"grammar", "root ::= " + repeated("(", 60'000) + "\"a\"" + repeated(")", 60'000)}}));
  EXPECT_EQ(reply.status, 400);
  EXPECT_NE(reply.body.find("60000 groups"), std::string::npos) << reply.body;
  EXPECT_EQ(ask(*transport, chat("Hi", {{"grammar", "root ::= " + repeated("(", 100) + "\"a\"" + repeated(")", 100)}}))
                .text(),
            "a");
  std::string chain;
  for (int i = 0; i < 4'000; ++i) chain += "r" + std::to_string(i) + " ::= r" + std::to_string(i + 1) + "\n";
  EXPECT_EQ(ask(*transport, chat("Hi", {{"grammar", "root ::= r0\n" + chain + "r4000 ::= \"a\""}})).text(), "a");
}

TEST(EngineLimits, RefuseAGrammarThatCanBeReadInTooManyWays) {
  const TinyModelFile file;
  const auto transport = file.transport();
  std::string alternatives = "\"a\"";
  for (int i = 0; i < 12'000; ++i) alternatives += " | \"b" + std::to_string(i) + "\"";
  const Reply reply = ask(*transport, chat("Hi", {{"grammar", "root ::= " + alternatives}}));
  EXPECT_EQ(reply.status, 400) << reply.body;
  EXPECT_EQ(ask(*transport, chat("Hi", {{"grammar", grammar_for("yes")}})).text(), "yes");
}

TEST(EngineLimits, RefuseJsonThatWouldOverflowTheStack) {
  const TinyModelFile file;
  const auto transport = file.transport();
  const std::string schema = repeated(R"({"type":"array","items":)", 60'000) + "{}" + repeated("}", 60'000);
  const std::string body =
      R"({"messages":[{"role":"user","content":"Hi"}],"response_format":{"type":"json_schema","json_schema":{"schema":)" +
      schema + "}}}";
  const Reply deep = drain(*open(*transport, body));
  EXPECT_EQ(deep.status, 400);
  EXPECT_NE(deep.body.find("levels deep"), std::string::npos) << deep.body;
  json call = {{"id", "1"}, {"type", "function"}, {"function", {{"name", "f"}, {"arguments", repeated("[", 100'000)}}}};
  json messages = chat("Hi");
  messages["messages"].push_back({{"role", "assistant"}, {"content", ""}, {"tool_calls", {call}}});
  messages["messages"].push_back({{"role", "user"}, {"content", "?"}});
  EXPECT_EQ(ask(*transport, messages).status, 400);
}

TEST(EngineLimits, AContextThatIsTooSmallIsRaisedWithAWarning) {
  const TinyModelFile file;
  for (const std::int64_t asked : {1, 64, 255}) {
    const auto reply =
        create_llm("huggingface", file.options().context_size(asked))->generate("Hi", Options().max_tokens(1));
    ASSERT_TRUE(reply) << reply.error().message;
    ASSERT_FALSE(reply->warnings.empty());
    EXPECT_EQ(reply->warnings[0].code, "context_size_raised");
    EXPECT_NE(reply->warnings[0].message.find("it is 256"), std::string::npos) << reply->warnings[0].message;
  }
}

TEST(EngineLimits, RefuseMoreThreadsThanTheProcessorsCanRun) {
  const TinyModelFile file;
  const auto reply = create_llm("huggingface", file.options().threads(4096))->generate("Hi");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::invalid_argument);
  EXPECT_NE(reply.error().message.find("threads: 4096 are more"), std::string::npos) << reply.error().message;
}

/// As the kernel counts them.
int threads_now() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("Threads:")) return std::stoi(line.substr(8));
  return -1;
}

TEST(EngineThreads, AreGoneAfterALoadThatFailed) {
  const Folder folder;
  const int before = threads_now();
  std::vector<std::shared_ptr<Transport>> held;
  for (int i = 0; i < 100; ++i) {
    const Options options = Options().model((folder / ("wrong-" + std::to_string(i) + ".gguf")).string());
    held.push_back(*make_llama_cpp_transport(options));
    EXPECT_TRUE(ask(*held.back(), chat("Hi")).error);
  }
  const auto give_up = Clock::now() + hang_guard;
  while (threads_now() > before + 2 && Clock::now() < give_up) std::this_thread::sleep_for(1ms);
  EXPECT_LE(threads_now(), before + 2) << "at most the last one has not ended yet";
}

TEST(EngineThreads, AreGoneAfterAnEvictionAndComeAgain) {
  const TinyModelFile file;
  const int before = threads_now();
  const auto transport = file.transport();
  EXPECT_EQ(ask(*transport, chat("Hi", {{"grammar", grammar_for("yes")}})).text(), "yes");
  EXPECT_GT(threads_now(), before);
  clear_model_cache();
  const auto give_up = Clock::now() + hang_guard;
  while (threads_now() > before && Clock::now() < give_up) std::this_thread::sleep_for(1ms);
  EXPECT_LE(threads_now(), before);
  EXPECT_EQ(ask(*transport, chat("Hi", {{"grammar", grammar_for("yes")}})).text(), "yes");
}

}  // namespace
}  // namespace abstractllm::engine_test
