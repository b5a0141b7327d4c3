// SPDX-License-Identifier: Apache-2.0
//
// Numbers that JSON allows and 64-bit types do not hold, numbers that Python writes and JSON does not allow, and the
// spelling of a tool's arguments.
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "field/answers.hpp"
#include "protocols/errors.hpp"

namespace abstractllm::field_cases {
namespace {

constexpr std::string_view odd_numbers[] = {"18446744073709551616",
                                            "-9223372036854775809",
                                            "123456789012345678901234567890",
                                            "1e400",
                                            "-1e400",
                                            "1e+999",
                                            "NaN",
                                            "Infinity",
                                            "-Infinity"};

/// A member that nobody reads, put into each object of an answer.
std::string with_number(std::string bytes, std::string_view number) {
  const std::string member =
      "{\"created\":" + std::string(number) + ",\"x\":[" + std::string(number) + "," + std::string(number) + "],";
  for (std::size_t at = bytes.find('{'); at != std::string::npos; at = bytes.find('{', at + 1))
    bytes.replace(at, 1, bytes[at + 1] == '}' ? "{\"x\":" + std::string(number) : member);
  return bytes;
}

TEST(OddNumbers, InFieldsThatNobodyReadsDoNotFailAnAnswer) {
  for (const std::string_view protocol : all_protocols)
    for (const std::string_view number : odd_numbers) {
      const Outcome outcome = answer(protocol, with_number(two_texts(protocol, "a", "b"), number));
      ASSERT_FALSE(outcome.error) << protocol << ' ' << number << ' ' << outcome.error->message;
      EXPECT_EQ(outcome.text(), "ab") << protocol << ' ' << number;
      EXPECT_EQ(outcome.finished()->finish_reason, FinishReason::stop) << protocol << ' ' << number;
    }
}

TEST(OddNumbers, AreNoCountsAndNoIndexes) {
  for (const std::string_view number : odd_numbers) {
    const std::string n(number);
    const Outcome outcome = answer(
        "openai_chat", event(R"({"choices":[{"index":)" + n + R"(,"delta":{"content":"a"},"finish_reason":"stop"}],)" +
                             R"("usage":{"prompt_tokens":)" + n + R"(,"completion_tokens":2}})") +
                           done);
    ASSERT_FALSE(outcome.error) << number << ' ' << outcome.error->message;
    EXPECT_EQ(outcome.text(), "a") << number;
    EXPECT_FALSE(outcome.decoded.usage.input_tokens.known()) << number;
    EXPECT_EQ(outcome.decoded.usage.output_tokens, 2) << number;
  }
}

// Python's json module writes NaN and Infinity; vLLM and SGLang send them as log probabilities.
TEST(OddNumbers, InLogprobsAreNullThere) {
  const Outcome outcome = answer(
      "openai_chat",
      event(R"({"choices":[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"token":"a","logprob":-Infinity,)"
            R"("top_logprobs":[{"token":"a","logprob":NaN}]}]}}]})") +
          chat_end("stop"));
  ASSERT_FALSE(outcome.error) << outcome.error->message;
  EXPECT_EQ(outcome.text(), "a");
  EXPECT_EQ(outcome.decoded.logprobs_json,
            R"([{"token":"a","logprob":null,"top_logprobs":[{"token":"a","logprob":null}]}])");
}

TEST(OddNumbers, InAnErrorDoNotHideItsKind) {
  for (const std::string_view number : odd_numbers) {
    HttpHead head;
    head.status = 400;
    const std::string body =
        R"({"error":{"message":"too long","code":"context_length_exceeded","limit":)" + std::string(number) + "}}";
    const Error error = decode_error(head, body);
    EXPECT_EQ(error.kind, ErrorKind::context_length) << number;
    EXPECT_EQ(error.provider_message, "too long") << number;
    const Outcome within = answer("openai_chat", event(body));
    ASSERT_TRUE(within.error);
    EXPECT_EQ(within.error->kind, ErrorKind::context_length) << number;
  }
}

TEST(OddNumbers, AreNullInListingsAndOtherAnswersOfServers) {
  for (const std::string_view number : odd_numbers) {
    const Result<Json> json = parse_server_json("{\"a\":" + std::string(number) + ",\"b\":1}", "it");
    ASSERT_TRUE(json) << number;
    EXPECT_EQ(dump_json(*json), R"({"a":null,"b":1})") << number;
  }
}

// What a user wrote must not be changed on its way: an id of 20 digits would come out rounded.
TEST(OddNumbers, AreRefusedInWhatAUserWrites) {
  for (const std::string_view number : {"18446744073709551616", "1e999"}) {
    const Result<Json> json = parse_json("[" + std::string(number) + "]", "it");
    ASSERT_FALSE(json) << number;
    EXPECT_EQ(json.error().message, "it holds a number that is out of range; it begins: [" + std::string(number) + "]");
  }
}

/// A call whose arguments stand on the wire as an object, where the protocol or some server of it does so.
std::string call_with_object(std::string_view protocol, const std::string& object) {
  if (protocol == "openai_chat")
    return chat_delta(R"({"tool_calls":[{"id":"c","function":{"name":"f","arguments":)" + object + "}}]}") +
           chat_end("tool_calls");
  if (protocol == "openai_responses")
    return event(R"({"type":"response.completed","response":{"status":"completed","output":[{"type":"function_call",)"
                 R"("call_id":"c","name":"f","arguments":)" +
                 object + "}]}}");
  if (protocol == "anthropic_messages")
    return R"({"type":"message","content":[{"type":"tool_use","id":"c","name":"f","input":)" + object +
           R"(}],"stop_reason":"tool_use"})";
  return R"({"message":{"tool_calls":[{"id":"c","function":{"name":"f","arguments":)" + object +
         "}}]},\"done\":true,\"done_reason\":\"stop\"}\n";
}

TEST(ToolArguments, KeepTheirSpellingWhereTheyAreAnObjectOnTheWire) {
  const std::string object = R"({ "b" : 12345678901234567890123, "a" : [1.10, 1e2, -0, 1e400, 0.1000000000000000055],)"
                             "\t \"\\u00e9\\/\" : \"\\ud83d\\ude00 { \\\" \", \"a\" : {} }";
  const std::string spelled = R"({"b":12345678901234567890123,"a":[1.10,1e2,-0,1e400,0.1000000000000000055],)"
                              R"("\u00e9\/":"\ud83d\ude00 { \" ","a":{}})";
  for (const std::string_view protocol : all_protocols) {
    const Outcome outcome = answer(protocol, call_with_object(protocol, object));
    ASSERT_FALSE(outcome.error) << protocol << outcome.error->message;
    EXPECT_EQ(outcome.all<ToolCall>(), (std::vector<ToolCall>{{"c", "f", spelled}})) << protocol;
    EXPECT_EQ(to_json(StreamEvent(outcome.all<ToolCall>().at(0)), Response()),
              R"({"type":"tool_call","id":"c","name":"f","arguments":)" + spelled + "}");
  }
}

TEST(ToolArguments, KeepTheirSpellingWhereTheyAreText) {
  for (const std::string_view protocol : all_protocols) {
    const Outcome outcome =
        answer(protocol, two_fragments(protocol, R"({\"id\": 123456789012)", R"(345678901, \"z\": 1.0})"));
    EXPECT_EQ(outcome.all<ToolCall>(),
              (std::vector<ToolCall>{{"c", "f", R"({"id": 123456789012345678901, "z": 1.0})"}}))
        << protocol;
  }
}

TEST(ToolArguments, AreAnObjectInJsonOnlyWhereTheyAreOne) {
  const auto json = [](const std::string& arguments) {
    const std::string text = to_json(StreamEvent(ToolCall{"c", "f", arguments}), Response());
    const std::string begin = R"({"type":"tool_call","id":"c","name":"f","arguments":)";
    EXPECT_TRUE(text.starts_with(begin)) << text;
    return text.substr(begin.size(), text.size() - begin.size() - 1);
  };
  const auto nested = [](int levels) {
    return "{\"a\":" + std::string(static_cast<std::size_t>(levels) - 1, '[') +
           std::string(static_cast<std::size_t>(levels) - 1, ']') + "}";
  };
  EXPECT_EQ(json(R"({"z":1,"a":18446744073709551616})"), R"({"z":1,"a":18446744073709551616})");
  EXPECT_EQ(json(R"({"a":1e400})"), R"({"a":1e400})");
  EXPECT_EQ(json(R"({"a":NaN})"), R"("{\"a\":NaN}")") << "no JSON";
  EXPECT_EQ(json(R"({"a":)"), R"("{\"a\":")");
  EXPECT_EQ(json("select 1"), R"("select 1")");
  EXPECT_EQ(json("[1]"), R"("[1]")") << "a list is no set of arguments";
  EXPECT_EQ(json("{\"a\":\"\xff\"}"), "\"{\\\"a\\\":\\\"\xEF\xBF\xBD\\\"}\"");
  EXPECT_EQ(json(nested(200)), nested(200));
  EXPECT_EQ(json(nested(201)), dump_json(Json(nested(201)))) << "readers have limits of their own";
}

TEST(ToolArguments, OfAnyDepthDoNotCrash) {
  const std::string deep(100000, '[');
  Response response;
  response.tool_calls = {{"c", "f", deep}, {"d", "f", "{\"a\":" + deep + std::string(100000, ']') + "}"}};
  response.logprobs_json = deep + std::string(100000, ']');
  const std::string text = to_json(response);
  EXPECT_NE(text.find("\"arguments\":\"" + deep + "\""), std::string::npos);
  const Outcome outcome = decode(*find_protocol("openai_chat"), two_fragments("openai_chat", deep, deep));
  ASSERT_FALSE(outcome.error);
  EXPECT_EQ(outcome.all<ToolCall>().at(0).arguments_json, deep + deep);
}

TEST(Nesting, OverTheLimitIsAnErrorThatSaysSo) {
  for (const std::string_view protocol : all_protocols) {
    const std::string body = "{\"a\":" + std::string(100000, '[') + std::string(100000, ']') + "}";
    const Outcome outcome = decode(*find_protocol(protocol), protocol == "ollama_chat" ? body + "\n" : event(body));
    ASSERT_TRUE(outcome.error) << protocol;
    EXPECT_EQ(outcome.error->kind, ErrorKind::protocol);
    EXPECT_EQ(outcome.error->message, "event 1 of the stream nests more than 1024 levels of JSON");
  }
}

}  // namespace
}  // namespace abstractllm::field_cases
