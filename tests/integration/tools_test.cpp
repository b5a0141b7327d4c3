// SPDX-License-Identifier: Apache-2.0
// The tool loop in every form of a call and every wire format.
#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <stdexcept>
#include <thread>

#include "integration/tools_fixture.hpp"

namespace abstractllm {
namespace {

using test::Answer;
using test::calling;
using test::FakeProvider;
using test::saying;
using test::timeless;

const std::vector<std::string> protocols = {"openai_chat", "openai_responses", "anthropic_messages", "ollama_chat"};

/// Three tools: one is slow, one fails once, one is a Task.
class ThreeTools {
 public:
  std::vector<Tool> list() const {
    auto state = std::make_shared<State>();
    const auto slow = [state](const std::string& arguments, ToolContext&) -> Result<std::string> {
      state->flaky_ended.get_future().wait();  // it ends after the other one
      return "slow: " + arguments;
    };
    const auto flaky = [state](const std::string&, ToolContext& context) -> Result<std::string> {
      if (state->flaky_calls++ > 0) return "now it works, after " + std::to_string(context.messages().size());
      state->flaky_ended.set_value();
      return Error(ErrorKind::tool_failed, "the disk is full");
    };
    return {Tool::raw("slow", "Takes long", R"({"type":"object","properties":{"n":{"type":"integer"}}})", slow),
            Tool::raw("flaky", "Fails once", test::any_arguments, flaky),
            Tool::raw_task("later", "Waits", test::any_arguments, &later)};
  }

 private:
  struct State {
    std::promise<void> flaky_ended;
    std::atomic<int> flaky_calls = 0;
  };
  static Task<Result<std::string>> later(std::string arguments, ToolContext& context) {
    co_return "later: " + arguments + " " + (context.call_id().empty() ? "without id" : "with id");
  }
};

std::vector<Answer> three_answers() {
  return {{"Let me look.",
           {ToolCall("call_1", "slow", R"({"n":12345678901234567890})"), ToolCall("call_2", "flaky", "{}"),
            ToolCall("call_3", "later", R"({"a":"b"})")},
           ""},
          {"", {ToolCall("call_4", "flaky", "{}")}, ""},
          {"Done.", {}, ""}};
}

Options with_three_tools() { return Options().tools(ThreeTools().list()); }

void check_three(const Response& response) {
  EXPECT_EQ(response.text, "Done.");
  EXPECT_EQ(response.finish_reason, FinishReason::stop);
  EXPECT_TRUE(response.tool_calls.empty());
  EXPECT_EQ(response.usage.input_tokens, TokenCount(21));
  EXPECT_EQ(response.usage.output_tokens, TokenCount(9));
  ASSERT_EQ(response.steps.size(), 3u);
  EXPECT_EQ(response.steps[0].text, "Let me look.");
  EXPECT_EQ(response.steps[0].usage.input_tokens, TokenCount(7));
  ASSERT_EQ(response.steps[0].tool_results.size(), 3u);
  const std::vector<ToolResult>& results = response.steps[0].tool_results;
  EXPECT_EQ(results[0].text, R"(slow: {"n":12345678901234567890})");
  EXPECT_FALSE(results[0].is_error);
  EXPECT_EQ(results[1].text, "the disk is full");
  EXPECT_TRUE(results[1].is_error);
  EXPECT_EQ(results[2].text, R"(later: {"a":"b"} with id)");
  ASSERT_EQ(response.steps[1].tool_results.size(), 1u);
  EXPECT_EQ(response.steps[1].tool_results[0].text, "now it works, after 4");
  EXPECT_TRUE(response.steps[2].tool_results.empty());
  ASSERT_EQ(response.messages.size(), 5u);
  EXPECT_EQ(response.messages[0].role(), Role::assistant);
  EXPECT_EQ(response.messages[1].role(), Role::tool);
  EXPECT_EQ(response.messages[1].parts().size(), 3u);
  EXPECT_EQ(response.messages[4], Message::assistant("Done."));
}

/// Ids that we make ourselves differ from call to call.
Response without_ids(Response response) {
  response = timeless(std::move(response));
  std::map<std::string, std::string> names;
  const auto rename = [&](std::string& id) {
    id = names.emplace(id, "id " + std::to_string(names.size())).first->second;
  };
  for (auto& step : response.steps) {
    for (ToolCall& call : step.tool_calls) rename(call.id);
    for (ToolResult& result : step.tool_results) rename(result.id);
  }
  response.messages.clear();
  response.parts.clear();
  return response;
}

class ToolLoop : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Protocols, ToolLoop, ::testing::ValuesIn(protocols));

TEST_P(ToolLoop, RunsToolsUntilTheModelAnswers) {
  const FakeProvider provider(GetParam(), three_answers());
  const auto reply = provider.llm().generate("Go", with_three_tools());
  ASSERT_TRUE(reply) << reply.error().message;
  check_three(*reply);
  EXPECT_EQ(reply->timing.attempts, 3);
  EXPECT_EQ(provider.requests(), 3u);
}

TEST_P(ToolLoop, GivesTheSameAnswerInEveryForm) {
  const FakeProvider whole(GetParam(), three_answers());
  const auto expected = whole.llm().generate("Go", with_three_tools());
  ASSERT_TRUE(expected);

  const FakeProvider in_future(GetParam(), three_answers());
  const auto from_future = in_future.llm().generate_future("Go", with_three_tools()).get();
  ASSERT_TRUE(from_future) << from_future.error().message;
  EXPECT_EQ(without_ids(*from_future), without_ids(*expected));

  const FakeProvider pending(GetParam(), three_answers());
  const auto awaited = pending.llm().generate_async("Go", with_three_tools()).wait();
  ASSERT_TRUE(awaited);
  EXPECT_EQ(without_ids(*awaited), without_ids(*expected));

  const FakeProvider batched(GetParam(), three_answers());
  Batch batch = batched.llm().generate_many({"Go"}, with_three_tools());
  const auto result = batch.next();
  ASSERT_TRUE(result && result->outcome);
  EXPECT_EQ(without_ids(*result->outcome), without_ids(*expected));
}

/// The order of the kinds of events, without repetitions.
std::string grammar_of(const std::vector<StreamEvent>& events) {
  std::string grammar;
  std::string last;
  for (const StreamEvent& event : events) {
    const std::string json = to_json(event, Response());
    const std::string type = Json::parse(json).at("type").get<std::string>();
    if (type != last) grammar += (grammar.empty() ? "" : " ") + type;
    last = type;
  }
  return grammar;
}

TEST_P(ToolLoop, StreamsTheSameEventsWhateverTheSizeOfThePieces) {
  std::string expected;
  Response whole;
  for (const std::size_t piece : {0u, 1u, 7u, 64u}) {
    const FakeProvider provider(GetParam(), three_answers(), Delivery::stream, piece);
    Stream stream = provider.llm().stream("Go", with_three_tools());
    std::vector<StreamEvent> events;
    for (const StreamEvent& event : stream) events.push_back(event);
    check_three(stream.response());
    if (expected.empty()) {
      expected = grammar_of(events);
      whole = without_ids(stream.response());
    }
    EXPECT_EQ(grammar_of(events), expected);
    EXPECT_EQ(without_ids(stream.response()), whole);
  }
  EXPECT_TRUE(expected.ends_with("tool_result step_finished text_delta step_finished finished")) << expected;
}

TEST_P(ToolLoop, StreamsAsynchronously) {
  const FakeProvider provider(GetParam(), three_answers(), Delivery::stream);
  std::vector<StreamEvent> events;
  std::promise<Result<Response>> ended;
  provider.llm().stream_async(
      "Go", with_three_tools(), [&](const StreamEvent& event) { events.push_back(event); },
      [&](Result<Response> outcome) { ended.set_value(std::move(outcome)); });
  const Result<Response> outcome = ended.get_future().get();
  ASSERT_TRUE(outcome) << outcome.error().message;
  check_three(*outcome);
  EXPECT_TRUE(grammar_of(events).ends_with("tool_result step_finished text_delta step_finished finished"));
}

TEST_P(ToolLoop, SendsTheResultsInTheOrderOfTheCalls) {
  const FakeProvider provider(GetParam(), three_answers());
  ASSERT_TRUE(provider.llm().generate("Go", with_three_tools()));
  const std::string second = provider.sent(1).dump();
  const std::size_t slow = second.find("slow: ");
  const std::size_t flaky = second.find("the disk is full");
  const std::size_t later = second.find("later: ");
  ASSERT_NE(later, std::string::npos);
  EXPECT_LT(slow, flaky);
  EXPECT_LT(flaky, later);
  // The spelling of a number that no double holds.
  EXPECT_NE(provider.sent(1).dump().find("12345678901234567890"), std::string::npos);
  // Each request extends the one before it.
  const std::string list = GetParam() == "openai_responses" ? "input" : "messages";
  for (std::size_t at = 1; at < 3; ++at) {
    const Json before = provider.sent(at - 1).at(list);
    const Json after = provider.sent(at).at(list);
    ASSERT_GT(after.size(), before.size());
    for (std::size_t index = 0; index < before.size(); ++index) EXPECT_EQ(after[index].dump(), before[index].dump());
  }
}

TEST_P(ToolLoop, ContinuesAConversationFromItsMessages) {
  const FakeProvider provider(GetParam(), three_answers());
  const auto reply = provider.llm().generate("Go", with_three_tools());
  ASSERT_TRUE(reply);
  const auto read = messages_from_json(to_json(reply->messages));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, reply->messages);
  std::vector<Message> conversation = {Message::user("Go")};
  conversation.insert(conversation.end(), reply->messages.begin(), reply->messages.end());
  conversation.push_back(Message::user("And now?"));
  const FakeProvider next(GetParam(), {{"Nothing more.", {}, ""}});
  const auto answer = next.llm().generate(conversation, with_three_tools());
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->text, "Nothing more.");
}

// ---- Stopping

/// Waits until it is told to stop.
Tool until_stopped(std::shared_ptr<std::promise<void>> started, std::shared_ptr<std::atomic<bool>> ended) {
  return Tool::raw("t", "", test::any_arguments,
                   [started, ended](const std::string&, ToolContext& context) -> Result<std::string> {
                     std::promise<void> stopped;
                     const std::stop_callback tell(context.stop_token(), [&] { stopped.set_value(); });
                     started->set_value();
                     stopped.get_future().wait();
                     *ended = true;
                     return std::string("stopped");
                   });
}

TEST(ToolStop, ReachesTheRunningToolAndABlockingCallWaitsForIt) {
  const auto started = std::make_shared<std::promise<void>>();
  const auto ended = std::make_shared<std::atomic<bool>>(false);
  const FakeProvider provider("openai_chat", {calling("t"), {"Done.", {}, ""}});
  std::stop_source stop;
  std::thread stopper([&] {
    started->get_future().wait();
    stop.request_stop();
  });
  const auto reply =
      provider.llm().generate("Go", Options().tools({until_stopped(started, ended)}).stop_token(stop.get_token()));
  stopper.join();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::cancelled);
  EXPECT_TRUE(*ended);
  EXPECT_EQ(provider.requests(), 1u);
}

TEST(ToolStop, EndsAnAsynchronousCallAtOnce) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  const auto started = std::make_shared<std::promise<void>>();
  const Tool stuck = Tool::raw("t", "", test::any_arguments,
                               [started, released](const std::string&, ToolContext&) -> Result<std::string> {
                                 started->set_value();
                                 released.wait();
                                 return std::string();
                               });
  const FakeProvider provider("openai_chat", {calling("t"), {"Done.", {}, ""}});
  std::stop_source stop;
  auto pending = provider.llm().generate_async("Go", Options().tools({stuck}).stop_token(stop.get_token()));
  started->get_future().wait();
  stop.request_stop();
  const auto reply = pending.wait();  // the tool has not returned yet
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::cancelled);
  release.set_value();
}

TEST(ToolStop, MayComeFromTheToolItself) {
  for (const bool asynchronous : {false, true}) {
    std::stop_source stop;
    const Tool suicidal = Tool::raw("t", "", test::any_arguments,
                                    [stop](const std::string&, ToolContext&) mutable -> Result<std::string> {
                                      stop.request_stop();
                                      return std::string("x");
                                    });
    const FakeProvider provider("openai_chat", {calling("t"), {"Done.", {}, ""}});
    const Options options = Options().tools({suicidal}).stop_token(stop.get_token());
    const auto reply =
        asynchronous ? provider.llm().generate_async("Go", options).wait() : provider.llm().generate("Go", options);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().kind, ErrorKind::cancelled);
  }
}

TEST(ToolTimeout, OfTheCallCoversItsTools) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  const Tool stuck =
      Tool::raw("t", "", test::any_arguments, [released](const std::string&, ToolContext&) -> Result<std::string> {
        released.wait();
        return std::string();
      });
  for (const bool asynchronous : {false, true}) {
    const FakeProvider provider("openai_chat", {calling("t"), {"Done.", {}, ""}});
    const Options options = Options().tools({stuck}).timeout(std::chrono::milliseconds(50));
    const auto reply =
        asynchronous ? provider.llm().generate_async("Go", options).wait() : provider.llm().generate("Go", options);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().kind, ErrorKind::timeout);
    EXPECT_EQ(reply.error().partial->tool_calls.size(), 1u);
  }
  release.set_value();
}

TEST(ToolTimeout, LosesNoResultThatHadCome) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  const Tool stuck =
      Tool::raw("stuck", "", test::any_arguments, [released](const std::string&, ToolContext&) -> Result<std::string> {
        released.wait();
        return std::string();
      });
  Answer both;
  both.calls = {ToolCall("call_1", "stuck", "{}"), ToolCall("call_2", "quick", "{}")};
  const FakeProvider provider("openai_chat", {both});
  std::stop_source stop;
  const Options options =
      Options().tools({stuck, saying("quick", "x")}).stop_token(stop.get_token()).tool_timeout(std::chrono::hours(1));
  Stream stream = provider.llm().stream("Go", options);
  for (auto event = stream.next(); event && *event && !std::holds_alternative<ToolResult>(**event);
       event = stream.next()) {
  }
  release.set_value();
  stop.request_stop();
  Result<std::optional<StreamEvent>> event = stream.next();
  while (event && *event) event = stream.next();
  ASSERT_FALSE(event);
  ASSERT_EQ(event.error().partial->steps.size(), 1u);
  EXPECT_GE(event.error().partial->steps[0].tool_results.size(), 1u);
  EXPECT_TRUE(event.error().partial->messages.empty());
}

TEST(ToolStop, MayComeFromTheToolThatIsToldToStop) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::stop_source stop;
  const Tool tool =
      Tool::raw("t", "", test::any_arguments,
                [stop, released](const std::string&, ToolContext& context) mutable -> Result<std::string> {
                  const std::stop_callback tell(context.stop_token(), [&] { stop.request_stop(); });
                  released.wait();
                  return std::string();
                });
  const FakeProvider provider("openai_chat", {calling("t")});
  const auto reply = provider.llm().generate(
      "Go", Options().tools({tool}).timeout(std::chrono::milliseconds(50)).stop_token(stop.get_token()));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::timeout);
  release.set_value();
}

// ---- Tools that use the library

TEST(NestedCall, OfAToolDoesNotBlockThePool) {
  // Deeper than any number of places: each level holds a thread.
  constexpr int levels = 12;
  std::function<Result<std::string>(int)> ask = [&ask](int level) -> Result<std::string> {
    const Tool deeper = Tool::raw("t", "", test::any_arguments, [&ask, level](const std::string&, ToolContext&) {
      return level == 0 ? Result<std::string>(std::string("bottom")) : ask(level - 1);
    });
    const FakeProvider provider("openai_chat", {calling("t"), {"level " + std::to_string(level), {}, ""}});
    const auto reply = provider.llm().generate("Go", Options().tools({deeper}).max_parallel_tools(1));
    if (!reply) return reply.error();
    return reply->text + "/" + reply->steps[0].tool_results[0].text;
  };
  const auto outcome = ask(levels);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->rfind("level 12/level 11/", 0), 0u);
  EXPECT_TRUE(outcome->ends_with("bottom"));
}

TEST(TaskTool, RunsOnTheExecutorOfTheCall) {
  class Counting final : public Executor {
   public:
    void post(std::function<void()> task) override {
      ++posts;
      std::thread(std::move(task)).detach();
    }
    std::atomic<int> posts = 0;
  };
  const auto executor = std::make_shared<Counting>();
  const Tool tool =
      Tool::raw_task("t", "", test::any_arguments,
                     [](std::string arguments, ToolContext&) -> Task<Result<std::string>> { co_return arguments; });
  const FakeProvider provider("openai_chat", {calling("t", R"({"a":1})"), {"Done.", {}, ""}});
  const auto reply = provider.llm().generate("Go", Options().tools({tool}).executor(executor));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->steps[0].tool_results[0].text, R"({"a":1})");
  EXPECT_EQ(executor->posts, 1);
}

TEST(TaskTool, IsAnErrorIfTheExecutorDropsIt) {
  class Dropping final : public Executor {
   public:
    void post(std::function<void()>) override {}
  };
  const Tool tool =
      Tool::raw_task("t", "", test::any_arguments,
                     [](std::string, ToolContext&) -> Task<Result<std::string>> { co_return std::string("x"); });
  const FakeProvider provider("openai_chat", {calling("t"), {"Done.", {}, ""}});
  const auto reply = provider.llm().generate("Go", Options().tools({tool}).executor(std::make_shared<Dropping>()));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->steps[0].tool_results[0].text, "the executor of the call dropped the tool");
}

TEST(TaskTool, DoesNotBeginAfterItWasGivenUp) {
  class Late final : public Executor {
   public:
    void post(std::function<void()> task) override { later = std::move(task); }
    std::function<void()> later;
  };
  const auto executor = std::make_shared<Late>();
  std::atomic<int> runs = 0;
  const Tool tool =
      Tool::raw_task("t", "", test::any_arguments, [&runs](std::string, ToolContext&) -> Task<Result<std::string>> {
        ++runs;
        co_return std::string("x");
      });
  const FakeProvider provider("openai_chat", {calling("t"), {"Done.", {}, ""}});
  const auto reply = provider.llm().generate(
      "Go", Options().tools({tool}).executor(executor).tool_timeout(std::chrono::milliseconds(20)));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_TRUE(reply->steps[0].tool_results[0].is_error);
  if (executor->later) executor->later();
  EXPECT_EQ(runs, 0);
}

TEST(BlockingCall, WithToolsIsRefusedOnTheLoopThread) {
  const FakeProvider inner("openai_chat", {{"Done.", {}, ""}});
  const Llm model = inner.llm();
  std::promise<Result<Response>> ended;
  const FakeProvider outer("openai_chat", {{"Done.", {}, ""}});
  outer.llm().generate_async("Go", {}, [&](const Result<Response>&) {
    ended.set_value(model.generate("Go", Options().tools({saying("t", "x")})));
  });
  const Result<Response> reply = ended.get_future().get();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::invalid_argument);
}

TEST(ToolChoice, ThatForcesACallAppliesToTheFirstRequest) {
  const FakeProvider provider("openai_chat", {calling("t"), {"Done.", {}, ""}});
  const auto reply = provider.llm().generate("Go", Options().tools({saying("t", "x")}).tool_choice("required"));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(provider.sent(0).value("tool_choice", ""), "required");
  EXPECT_EQ(provider.sent(1).value("tool_choice", ""), "auto");
}

TEST(ManyCalls, OfOneRoundAreAllAnswered) {
  Answer many;
  for (int at = 0; at < 2000; ++at) many.calls.emplace_back("call_" + std::to_string(at), "t", "{}");
  const FakeProvider provider("openai_chat", {many, {"Done.", {}, ""}});
  const auto reply = provider.llm().generate("Go", Options().tools({saying("t", "x")}));
  ASSERT_TRUE(reply) << reply.error().message;
  ASSERT_EQ(reply->steps[0].tool_results.size(), 2000u);
  for (std::size_t at = 0; at < 2000; ++at)
    EXPECT_EQ(reply->steps[0].tool_results[at].id, "call_" + std::to_string(at));
}

}  // namespace
}  // namespace abstractllm
