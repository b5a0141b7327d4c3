// SPDX-License-Identifier: Apache-2.0
// What a tool, a model or an approval may do wrong, and how a tool loop ends.
#include <atomic>
#include <future>
#include <stdexcept>

#include "integration/tools_fixture.hpp"

namespace abstractllm {
namespace {

using test::Answer;
using test::calling;
using test::FakeProvider;
using test::saying;

/// Runs one call of one tool. Returns its result.
ToolResult result_of(const Tool& tool, const std::string& called, const std::string& arguments = "{}",
                     Options options = {}) {
  const FakeProvider provider("openai_chat", {calling(called, arguments), {"Done.", {}, ""}});
  const auto reply = provider.llm().generate("Go", options.tools({tool}));
  EXPECT_TRUE(reply) << reply.error().message;
  if (!reply || reply->steps.empty() || reply->steps[0].tool_results.empty()) return {};
  return reply->steps[0].tool_results[0];
}

TEST(ToolFault, IsAResultForTheModelIfTheToolThrows) {
  const auto throwing = [](auto what) {
    return Tool::raw("t", "", test::any_arguments,
                     [what](const std::string&, ToolContext&) -> Result<std::string> { throw what; });
  };
  const ToolResult exception = result_of(throwing(std::runtime_error("boom")), "t");
  EXPECT_TRUE(exception.is_error);
  EXPECT_EQ(exception.text, "the tool failed: boom");
  const ToolResult number = result_of(throwing(42), "t");
  EXPECT_TRUE(number.is_error);
  EXPECT_EQ(number.text, "the tool failed: it threw something that is not a std::exception");
}

TEST(ToolFault, NamesTheToolsIfTheModelCallsAnother) {
  const ToolResult result = result_of(saying("t", "x"), "u");
  EXPECT_TRUE(result.is_error);
  EXPECT_EQ(result.text, "there is no tool 'u'; the tools are: t");
}

TEST(ToolFault, IsAResultIfArgumentsAreNotJson) {
  EXPECT_EQ(result_of(saying("t", "x"), "t", "{\"a\":").text,
            "the call was cut off, so it was not run: send it again, whole");
  for (const std::string arguments : {"null", "[]", "\"x\"", "{\"a\":1,}", "nonsense"}) {
    const ToolResult result = result_of(saying("t", "x"), "t", arguments);
    EXPECT_TRUE(result.is_error) << arguments;
    EXPECT_EQ(result.text.rfind("invalid arguments: ", 0), 0u) << result.text;
  }
  EXPECT_EQ(result_of(saying("t", "x"), "t", "").text, "x");
}

TEST(ToolFault, IsAResultIfTheToolTakesTooLong) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  const Tool slow =
      Tool::raw("t", "", test::any_arguments, [released](const std::string&, ToolContext&) -> Result<std::string> {
        released.wait();
        return std::string("too late");
      });
  for (const bool asynchronous : {false, true}) {
    const FakeProvider provider("openai_chat", {calling("t"), {"Done.", {}, ""}});
    const Options options = Options().tools({slow}).tool_timeout(std::chrono::milliseconds(20));
    const auto reply =
        asynchronous ? provider.llm().generate_async("Go", options).wait() : provider.llm().generate("Go", options);
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->text, "Done.");
    const ToolResult& result = reply->steps[0].tool_results[0];
    EXPECT_TRUE(result.is_error);
    EXPECT_EQ(result.text, "the tool took longer than 0.02 s (tool_timeout) and was given up");
  }
  release.set_value();
}

TEST(ToolFault, DoesNotFillTheProcessWithToolsThatNeverReturn) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::atomic<int> started = 0;
  const Tool stuck = Tool::raw("t", "", test::any_arguments,
                               [&started, released](const std::string&, ToolContext&) -> Result<std::string> {
                                 ++started;
                                 released.wait();
                                 return std::string();
                               });
  Answer many;
  for (int at = 0; at < 50; ++at) many.calls.emplace_back("call_" + std::to_string(at), "t", "{}");
  const FakeProvider provider("openai_chat", {many, many, {"Done.", {}, ""}});
  const auto reply = provider.llm().generate(
      "Go", Options().tools({stuck}).tool_timeout(std::chrono::milliseconds(20)).max_parallel_tools(3));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_LE(started, 3);
  EXPECT_EQ(reply->steps[1].tool_results.at(49).text,
            "the tool was not run: earlier tools do not return and hold all places");
  release.set_value();
}

TEST(ToolFault, EndsTheCallAfterThreeRoundsWithOnlyErrors) {
  const FakeProvider provider("openai_chat", {calling("u"), calling("u"), calling("u"), {"Done.", {}, ""}});
  const auto reply = provider.llm().generate("Go", Options().tools({saying("t", "x")}));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::tool_failed);
  EXPECT_NE(reply.error().message.find("there is no tool 'u'"), std::string::npos);
  EXPECT_EQ(reply.error().attempts, 3);
  ASSERT_TRUE(reply.error().partial);
  EXPECT_EQ(reply.error().partial->steps.size(), 3u);
  EXPECT_EQ(reply.error().partial->usage.input_tokens, TokenCount(21));
  EXPECT_EQ(provider.requests(), 3u);
}

TEST(ToolFault, CutsAResultThatIsTooLarge) {
  const FakeProvider provider("openai_chat", {calling("t"), {"Done.", {}, ""}});
  const auto reply = provider.llm().generate("Go", Options().tools({saying("t", std::string(50'000'000, 'x'))}));
  ASSERT_TRUE(reply);
  EXPECT_EQ(test::codes_of(reply->warnings), std::vector<std::string>{"tool_result_cut"});
  const std::string& text = reply->steps[0].tool_results[0].text;
  EXPECT_EQ(text.size(),
            (std::size_t{1} << 20) + std::string("\n[The result was cut: it is longer than 1048576 bytes.]").size());
}

TEST(ToolFault, SendsNoInvalidUtf8) {
  const FakeProvider provider("openai_chat", {calling("t"), {"Done.", {}, ""}});
  const auto reply = provider.llm().generate("Go", Options().tools({saying("t", "a\xff\xfe z")}));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->steps[0].tool_results[0].text, "a\xEF\xBF\xBD\xEF\xBF\xBD z");
  EXPECT_EQ(test::codes_of(reply->warnings), std::vector<std::string>{"tool_result_repaired"});
}

TEST(ToolRounds, RepeatNoWarning) {
  Json answer = Json::parse(test::answer_bytes("openai_chat", Delivery::body, calling("t")));
  answer["choices"].push_back(answer["choices"][0]);
  answer["choices"][1]["index"] = 1;
  const FakeProvider provider(std::vector<test::Script>{{test::Head{}, test::Bytes{answer.dump()}, test::End{}}});
  const auto reply = provider.llm().generate("Go", Options().tools({saying("t", "x")}).max_tool_rounds(2));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(provider.requests(), 3u);
  EXPECT_EQ(test::codes_of(reply->warnings), (std::vector<std::string>{"choices_ignored", "tool_round_limit"}));
}

TEST(ToolRounds, EndInAnErrorOfTheSameKindAsOtherWarningsUnderStrict) {
  const Options strict = Options().strict(true);
  const auto kind_of = [](const test::Answer& answer, Options options) {
    const FakeProvider provider("openai_chat", {answer, {"Done.", {}, ""}});
    const auto reply = provider.llm().generate("Go", std::move(options));
    EXPECT_FALSE(reply);
    return reply ? ErrorKind::internal : reply.error().kind;
  };
  const Options cut = Options(strict).max_tool_result_bytes(2).tools({saying("t", "long")});
  EXPECT_EQ(kind_of(calling("t"), cut), ErrorKind::unsupported);
  const Options limited = Options(strict).max_tool_rounds(1).tools({saying("t", "x")});
  const FakeProvider again("openai_chat", {calling("t")});
  EXPECT_EQ(again.llm().generate("Go", limited).error().kind, ErrorKind::unsupported);
}

TEST(ToolRounds, AreLimited) {
  const FakeProvider provider("openai_chat", {calling("t")});
  const auto reply = provider.llm().generate("Go", Options().tools({saying("t", "x")}).max_tool_rounds(2));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(provider.requests(), 3u);
  EXPECT_EQ(reply->finish_reason, FinishReason::tool_calls);
  EXPECT_EQ(test::codes_of(reply->warnings), std::vector<std::string>{"tool_round_limit"});
  ASSERT_EQ(reply->tool_calls.size(), 1u);
  EXPECT_EQ(reply->steps.size(), 3u);
  EXPECT_TRUE(reply->steps[2].tool_results.empty());
}

TEST(ToolRounds, OfZeroHandTheCallsOut) {
  const FakeProvider provider("openai_chat", {calling("t")});
  const auto reply = provider.llm().generate("Go", Options().tools({saying("t", "x")}).max_tool_rounds(0));
  ASSERT_TRUE(reply);
  EXPECT_EQ(provider.requests(), 1u);
  EXPECT_EQ(reply->tool_calls.size(), 1u);
  ASSERT_EQ(reply->messages.size(), 1u);
  EXPECT_EQ(reply->messages[0].role(), Role::assistant);
  EXPECT_TRUE(reply->warnings.empty());
}

TEST(ToolRounds, RunWhatCanRunAndHandOutTheRest) {
  Answer both;
  both.calls = {ToolCall("call_1", "mine", "{}"), ToolCall("call_2", "yours", "{}"), ToolCall("call_3", "mine", "{}")};
  const FakeProvider provider("openai_chat", {both});
  const auto reply = provider.llm().generate(
      "Go", Options().tools({saying("mine", "x"), Tool::declared("yours", "", test::any_arguments)}));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(provider.requests(), 1u);
  EXPECT_EQ(reply->finish_reason, FinishReason::tool_calls);
  ASSERT_EQ(reply->tool_calls.size(), 1u);
  EXPECT_EQ(reply->tool_calls[0].id, "call_2");
  ASSERT_EQ(reply->messages.size(), 2u);
  EXPECT_EQ(reply->messages[1].parts().size(), 2u);
  EXPECT_EQ(reply->steps[0].tool_calls.size(), 3u);
}

TEST(ToolRounds, DoNotRunCallsThatTheLengthLimitHasCut) {
  std::atomic<int> runs = 0;
  const Tool tool = Tool::raw("t", "", R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"]})",
                              [&runs](const std::string&, ToolContext&) -> Result<std::string> {
                                ++runs;
                                return std::string("x");
                              });
  for (const std::string arguments : {R"({"a":"Par)", R"({})"}) {
    Answer cut = calling("t", arguments);
    cut.finish_reason = "length";
    const FakeProvider provider("openai_chat", {cut, {"Done.", {}, ""}}, Delivery::stream);
    Stream stream = provider.llm().stream("Go", Options().tools({tool}));
    while (stream.next().value()) {
    }
    const Response& reply = stream.response();
    EXPECT_EQ(runs, 0);
    EXPECT_EQ(provider.requests(), 1u);
    EXPECT_EQ(reply.finish_reason, FinishReason::length);
    EXPECT_EQ(test::codes_of(reply.warnings), (std::vector<std::string>{"tool_call_cut", "length_limit"}));
    EXPECT_EQ(reply.tool_calls.size(), 1u);
  }
}

TEST(ToolRounds, DoNotBeginIfTheAnswerBreaksOff) {
  std::atomic<int> runs = 0;
  const Tool tool = Tool::raw("t", "", test::any_arguments, [&runs](const std::string&, ToolContext&) {
    ++runs;
    return Result<std::string>(std::string("x"));
  });
  Answer two;
  two.calls = {ToolCall("call_1", "t", "{}"), ToolCall("call_2", "t", "{}")};
  const std::string bytes = test::answer_bytes("openai_chat", Delivery::stream, two);
  const FakeProvider provider(std::vector<test::Script>{
      {test::Head{}, test::Bytes{bytes.substr(0, bytes.find("call_2") + 100)}, Error(ErrorKind::network, "reset")}});
  Stream stream = provider.llm().stream("Go", Options().tools({tool}));
  Result<std::optional<StreamEvent>> event = stream.next();
  while (event && *event) event = stream.next();
  ASSERT_FALSE(event);
  EXPECT_EQ(runs, 0);
  EXPECT_EQ(provider.requests(), 1u);
}

// ---- Approval

TEST(ToolApproval, MayDenyChangeOrEnd) {
  std::vector<std::string> asked;
  const auto by_tool = [&asked](const ToolCall& call, ToolContext& context) {
    asked.push_back(call.name + call.arguments_json + context.call_id());
    if (call.name == "no") return Approval::deny("not today");
    if (call.name == "other") return Approval::allow_with(R"({"b":2})");
    if (call.name == "odd") throw std::runtime_error("no terminal");
    return Approval::allow();
  };
  const auto echo = [](const std::string& name) {
    return Tool::raw(name, "", test::any_arguments,
                     [](const std::string& arguments, ToolContext&) { return Result<std::string>(arguments); });
  };
  Answer all;
  for (const std::string name : {"yes", "no", "other", "odd"}) all.calls.emplace_back("id_" + name, name, R"({"a":1})");
  const FakeProvider provider("openai_chat", {all, {"Done.", {}, ""}});
  const auto reply = provider.llm().generate(
      "Go", Options().tools({echo("yes"), echo("no"), echo("other"), echo("odd")}).approve_tool(by_tool));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(asked.size(), 4u);
  EXPECT_EQ(asked[0], R"(yes{"a":1}id_yes)");
  const std::vector<ToolResult>& results = reply->steps[0].tool_results;
  EXPECT_EQ(results[0].text, R"({"a":1})");
  EXPECT_EQ(results[1].text, "the call was denied: not today");
  EXPECT_TRUE(results[1].is_error);
  EXPECT_EQ(results[2].text, R"({"b":2})");
  EXPECT_TRUE(results[3].is_error);
  EXPECT_EQ(reply->text, "Done.");
}

TEST(ToolApproval, EndsTheCallIfItSaysSo) {
  const FakeProvider provider("openai_chat", {calling("t"), {"Done.", {}, ""}});
  const auto reply =
      provider.llm().generate("Go", Options().tools({saying("t", "x")}).approve_tool([](const ToolCall&, ToolContext&) {
        return Approval::deny_and_end("approval is off");
      }));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(provider.requests(), 1u);
  EXPECT_EQ(test::codes_of(reply->warnings), std::vector<std::string>{"tool_denied"});
  EXPECT_EQ(reply->steps[0].tool_results[0].text, "the call was denied: approval is off");
  EXPECT_TRUE(reply->tool_calls.empty());
}

}  // namespace
}  // namespace abstractllm
