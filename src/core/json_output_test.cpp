// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "abstractllm/error.hpp"
#include "abstractllm/message.hpp"
#include "abstractllm/stream.hpp"
#include "abstractllm/transport.hpp"

namespace abstractllm {
namespace {

using namespace std::chrono_literals;

Response full() {
  Response response;
  response.text = "Hi";
  response.reasoning = "hm";
  response.tool_calls = {{"c1", "f", R"({"a":1})"}, {"c2", "g", R"({"a":)"}};
  response.finish_reason = FinishReason::tool_calls;
  response.raw_finish_reason = "tool_use";
  response.usage.input_tokens = 42;
  response.usage.cached_input_tokens = 0;
  response.provider = "p";
  response.model = "m";
  response.id = "i";
  response.request_id = "r";
  response.warnings = {{"w", "why"}};
  response.timing.first_event = 1500us;
  response.timing.total = 2500us;
  response.timing.attempts = 2;
  response.timing.model = {1us, 2us, 3us, 4, 5, 0};
  return response;
}

TEST(JsonOutput, WritesAResponseAsTheContractSays) {
  EXPECT_EQ(
      to_json(full()),
      R"({"text":"Hi","reasoning":"hm","tool_calls":[{"id":"c1","name":"f","arguments":{"a":1}},)"
      R"({"id":"c2","name":"g","arguments":"{\"a\":"}],"finish_reason":"tool_calls","raw_finish_reason":"tool_use",)"
      R"("usage":{"input_tokens":42,"cached_input_tokens":0},"provider":"p","model":"m","id":"i","request_id":"r",)"
      R"("warnings":[{"code":"w","message":"why"}],"timing":{"first_event_ms":1.5,"total_ms":2.5,"attempts":2,)"
      R"("model":{"load_ms":0.001,"prompt_ms":0.002,"generation_ms":0.003,"prompt_tokens":4,"cached_tokens":5,)"
      R"("slot":0}}})");
}

TEST(JsonOutput, LeavesOutWhatIsUnknown) {
  EXPECT_EQ(to_json(Response()), R"({"text":"","timing":{"total_ms":0.0,"attempts":0}})");
  EXPECT_EQ(to_json(Error(ErrorKind::network, "gone")), R"({"error":{"kind":"network","message":"gone"}})");
}

TEST(JsonOutput, WritesAnErrorWithAllItKnows) {
  Error error(ErrorKind::rate_limited, "slow down");
  error.provider = "p";
  error.model = "m";
  error.http_status = 429;
  error.provider_code = "c";
  error.provider_message = "bad \xff byte";
  error.request_id = "r";
  error.retry_after = 1000ms;
  error.attempts = 3;
  error.partial = std::make_shared<const Response>();
  EXPECT_EQ(
      to_json(error),
      R"({"error":{"kind":"rate_limited","message":"slow down","provider":"p","model":"m","http_status":429,)"
      "\"provider_code\":\"c\",\"provider_message\":\"bad \xef\xbf\xbd byte\","
      R"("request_id":"r","retry_after_ms":1000,"attempts":3,"partial":{"text":"","timing":{"total_ms":0.0,"attempts":0}}}})");
}

TEST(JsonOutput, WritesEachEventOnOneLine) {
  const Response response;
  EXPECT_EQ(to_json(StreamEvent(TextDelta{"a\nb"}), response), R"({"type":"text_delta","text":"a\nb"})");
  EXPECT_EQ(to_json(StreamEvent(ReasoningDelta{"a"}), response), R"({"type":"reasoning_delta","text":"a"})");
  EXPECT_EQ(to_json(StreamEvent(ToolCallStarted{"i", "f"}), response),
            R"({"type":"tool_call_started","id":"i","name":"f"})");
  EXPECT_EQ(to_json(StreamEvent(ToolCallDelta{"i", "{"}), response),
            R"({"type":"tool_call_delta","id":"i","arguments_fragment":"{"})");
  EXPECT_EQ(to_json(StreamEvent(ToolCall{"i", "f", ""}), response),
            R"({"type":"tool_call","id":"i","name":"f","arguments":{}})");
  EXPECT_EQ(to_json(StreamEvent(Warning{"c", "m"}), response), R"({"type":"warning","code":"c","message":"m"})");
  EXPECT_EQ(to_json(StreamEvent(Finished{}), response),
            R"({"type":"finished","response":{"text":"","timing":{"total_ms":0.0,"attempts":0}}})");
}

TEST(JsonOutput, MasksSecretHeaders) {
  HttpRequest request;
  request.url = "http://x.invalid/v1";
  request.headers = {{"Accept", "a"}, {"Authorization", "Bearer hush", true}};
  request.body = R"({"model":"m"})";
  EXPECT_EQ(
      to_json(request),
      R"({"method":"POST","url":"http://x.invalid/v1","headers":{"Accept":"a","Authorization":"***"},"body":{"model":"m"}})");
}

TEST(Errors, MapEachKindToItsExitCode) {
  const std::vector<std::pair<ErrorKind, int>> codes = {
      {ErrorKind::invalid_argument, 2}, {ErrorKind::unsupported, 2},    {ErrorKind::not_configured, 3},
      {ErrorKind::authentication, 3},   {ErrorKind::permission, 3},     {ErrorKind::not_found, 6},
      {ErrorKind::rate_limited, 4},     {ErrorKind::context_length, 6}, {ErrorKind::content_filtered, 6},
      {ErrorKind::unavailable, 5},      {ErrorKind::network, 5},        {ErrorKind::timeout, 5},
      {ErrorKind::cancelled, 130},      {ErrorKind::protocol, 6},       {ErrorKind::schema_mismatch, 6},
      {ErrorKind::tool_failed, 6},      {ErrorKind::engine_failed, 6},  {ErrorKind::internal, 70}};
  for (const auto& [kind, code] : codes) EXPECT_EQ(exit_code(kind), code) << to_string(kind);
}

TEST(Results, ThrowTheErrorThatTheyHold) {
  const Result<int> bad = Error(ErrorKind::timeout, "late");
  try {
    (void)bad.value();
    FAIL();
  } catch (const Exception& thrown) {
    EXPECT_EQ(thrown.error().kind, ErrorKind::timeout);
    EXPECT_STREQ(thrown.what(), "timeout: late");
  }
  EXPECT_EQ(Result<int>(3).value(), 3);
  EXPECT_EQ(bad.value_or(7), 7);
  EXPECT_THROW(Result<void>(Error()).value(), Exception);
}

TEST(Messages, AreReadFromJson) {
  const auto messages = messages_from_json(
      R"([{"role":"system","content":"s"},{"role":"assistant","content":"a"},{"role":"user","content":"u"}])");
  ASSERT_TRUE(messages);
  EXPECT_EQ(*messages, (std::vector<Message>{Message::system("s"), Message::assistant("a"), Message::user("u")}));
}

TEST(Messages, SayWhatIsWrongAndWhere) {
  const auto problem = [](const char* json) { return messages_from_json(json).error().message; };
  EXPECT_EQ(problem("[{]"), "the list of messages is not valid JSON at byte 2; it begins: [{]");
  EXPECT_EQ(problem("{}"), "messages must be a JSON list, like [{\"role\": \"user\", \"content\": \"…\"}]");
  EXPECT_EQ(problem("[1]"), "messages[0] is not an object; it must be {\"role\": …, \"content\": …}");
  EXPECT_EQ(problem(R"([{"role":"user","content":"a"},{"role":"robot","content":"a"}])"),
            "messages[1] has the role 'robot'; it must be system, user, assistant or tool");
  EXPECT_EQ(problem(R"([{"content":"a"}])"), "messages[0] has no role; it must be system, user, assistant or tool");
  EXPECT_EQ(problem(R"([{"role":"user","content":1}])"),
            "messages[0] has no content; it must be a string or a list of parts");
  EXPECT_EQ(problem(R"([{"role":"user","content":"a","name":"x"}])"),
            "messages[0] has an unknown field 'name'; known are role and content");
}

}  // namespace
}  // namespace abstractllm
