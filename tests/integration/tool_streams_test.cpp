// SPDX-License-Identifier: Apache-2.0
//
// Streams of tool calls that are cut, mixed or without ids: what runs, and what the model reads afterwards.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>

#include "integration/tools_fixture.hpp"

namespace abstractllm {
namespace {

using test::Answer;
using test::answer_bytes;
using test::Bytes;
using test::calling;
using test::End;
using test::FakeProvider;
using test::Head;
using test::Script;

/// A tool that keeps the arguments of each run.
class Kept {
 public:
  Tool tool(const std::string& name = "t") {
    return Tool::raw(name, "Keeps its arguments", test::any_arguments,
                     [this, name](const std::string& arguments, ToolContext&) -> Result<std::string> {
                       const std::lock_guard lock(mutex_);
                       runs_.push_back(name + arguments);
                       return name + arguments;
                     });
  }
  std::vector<std::string> runs() const {
    const std::lock_guard lock(mutex_);
    return runs_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> runs_;
};

class CutStream : public ::testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Protocols, CutStream,
                         ::testing::Values("openai_chat", "openai_responses", "anthropic_messages", "ollama_chat"));

TEST_P(CutStream, NeverRunsAToolWithAPartOfItsArguments) {
  const std::string arguments = R"({"city":"Zürich","days":123})";
  const std::string whole =
      answer_bytes(GetParam(), Delivery::stream, {"Looking.", {ToolCall("call_1", "t", arguments)}, ""});
  const std::string end = answer_bytes(GetParam(), Delivery::stream, {"Done.", {}, ""});
  std::size_t answered = 0;
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    Kept kept;
    const FakeProvider provider(
        GetParam(), std::vector<Script>{{Head{}, Bytes{whole.substr(0, cut)}, End{}}, {Head{}, Bytes{end}, End{}}});
    Stream stream = provider.llm(Options().max_retries(0)).stream("Go", Options().tools({kept.tool()}));
    Result<std::optional<StreamEvent>> event = stream.next();
    while (event && *event) event = stream.next();
    if (event) {
      ++answered;
      EXPECT_EQ(kept.runs(), std::vector<std::string>{"t" + arguments}) << cut;
      EXPECT_EQ(stream.response().text, "Done.") << cut;
      EXPECT_EQ(provider.requests(), 2u) << cut;
    } else {
      EXPECT_EQ(kept.runs(), std::vector<std::string>()) << cut << ": " << event.error().message;
      EXPECT_EQ(provider.requests(), 1u) << cut;
    }
  }
  EXPECT_GE(answered, 1u);
  EXPECT_LT(answered, whole.size() / 2);
}

std::string delta(const std::string& json) {
  return R"(data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":)" +
         json + "}]}\n\n";
}

std::string end_of_calls() {
  return R"(data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},)"
         R"("finish_reason":"tool_calls"}]})"
         "\n\ndata: [DONE]\n\n";
}

Script script_of(const std::string& bytes) { return {Head{}, Bytes{bytes}, End{}}; }

Script last_script() { return script_of(answer_bytes("openai_chat", Delivery::stream, {"Done.", {}, ""})); }

TEST(MixedStream, RunsCallsWhoseFragmentsAreInterleavedAndKeepsTextAfterThem) {
  const std::string answer =
      delta(
          R"({"role":"assistant","tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"t","arguments":"{\"n\""}}]})") +
      delta(R"({"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"u","arguments":"{\"m\""}}]})") +
      delta(
          R"({"tool_calls":[{"index":0,"function":{"arguments":":1}"}},{"index":1,"function":{"arguments":":2}"}}]})") +
      delta(R"({"content":"I have asked."})") + end_of_calls();
  Kept kept;
  const FakeProvider provider("openai_chat", std::vector<Script>{script_of(answer), last_script()});
  Stream stream = provider.llm().stream("Go", Options().tools({kept.tool("t"), kept.tool("u")}).max_parallel_tools(1));
  Result<std::optional<StreamEvent>> event = stream.next();
  while (event && *event) event = stream.next();
  ASSERT_TRUE(event) << event.error().message;
  EXPECT_EQ(kept.runs(), (std::vector<std::string>{R"(t{"n":1})", R"(u{"m":2})"}));
  EXPECT_EQ(stream.response().steps.at(0).text, "I have asked.");
  EXPECT_EQ(stream.response().text, "Done.");
}

/// The ids of the calls in the second request, and those that its results name.
void check_ids(const Json& request, std::size_t count) {
  const Json& messages = request["messages"];
  ASSERT_EQ(messages.size(), 2 + count);
  std::set<std::string> ids;
  for (std::size_t at = 0; at < count; ++at) {
    const std::string id = messages[1]["tool_calls"][at]["id"];
    EXPECT_FALSE(id.empty());
    EXPECT_EQ(messages[2 + at]["tool_call_id"], id);
    EXPECT_EQ(messages[2 + at]["content"], R"(t{"n":)" + std::to_string(at) + "}");
    ids.insert(id);
  }
  EXPECT_EQ(ids.size(), count) << messages.dump();
}

TEST(MixedStream, AnswersEachCallWhateverItsId) {
  for (const std::string id : {R"(,"id":"same")", R"(,"id":"")", R"(,"id":null)", ""}) {
    std::string answer;
    for (int at = 0; at < 3; ++at)
      answer +=
          delta(R"({"tool_calls":[{"index":)" + std::to_string(at) + id +
                R"(,"type":"function","function":{"name":"t","arguments":"{\"n\":)" + std::to_string(at) + R"(}"}}]})");
    Kept kept;
    const FakeProvider provider("openai_chat", std::vector<Script>{script_of(answer + end_of_calls()), last_script()});
    Stream stream = provider.llm().stream("Go", Options().tools({kept.tool()}));
    Result<std::optional<StreamEvent>> event = stream.next();
    while (event && *event) event = stream.next();
    ASSERT_TRUE(event) << id << event.error().message;
    EXPECT_EQ(kept.runs().size(), 3u) << id;
    check_ids(provider.sent(1), 3);
  }
}

}  // namespace
}  // namespace abstractllm
