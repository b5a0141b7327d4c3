// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_chat/encode.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/json.hpp"
#include "protocols/openai_chat/openai_chat.hpp"

namespace abstractllm::openai_chat {
namespace {

Request asking(std::string text, Options options = {}) {
  Request request;
  request.messages = {Message::user(std::move(text))};
  request.options = std::move(options);
  request.delivery = Delivery::body;
  return request;
}

HttpRequest encoded(const Request& request) { return make_openai_chat_protocol()->encode(request).value().http; }

Json body_of(const Request& request) { return Json::parse(encoded(request).body); }

Error error_of(const Request& request) {
  const Result<EncodedRequest> result = make_openai_chat_protocol()->encode(request);
  EXPECT_FALSE(result);
  return result ? Error() : result.error();
}

TEST(OpenaiChatEncode, SendsOnlyWhatWasAskedFor) {
  EXPECT_EQ(encoded(asking("Hi")).body, R"({"messages":[{"role":"user","content":"Hi"}]})");
  EXPECT_EQ(encoded(asking("Hi", Options().model("m"))).body,
            R"({"model":"m","messages":[{"role":"user","content":"Hi"}]})");
  EXPECT_EQ(encoded(asking("Hi", Options().stop({}).logit_bias({}).system_prompt("").model(""))).body,
            R"({"messages":[{"role":"user","content":"Hi"}]})");
}

TEST(OpenaiChatEncode, GivesMethodPathAndHeaders) {
  HttpRequest http = encoded(asking("Hi"));
  EXPECT_EQ(http.method, "POST");
  EXPECT_EQ(http.url, "/chat/completions");
  ASSERT_EQ(http.headers.size(), 2U);
  EXPECT_EQ(http.headers[0].name + ": " + http.headers[0].value, "Content-Type: application/json");
  EXPECT_EQ(http.headers[1].name + ": " + http.headers[1].value, "Accept: application/json");
  Request request = asking("Hi");
  request.delivery = Delivery::stream;
  EXPECT_EQ(encoded(request).headers[1].value, "text/event-stream");
}

TEST(OpenaiChatEncode, AsksAStreamForUsage) {
  Request request = asking("Hi");
  request.delivery = Delivery::stream;
  const Json body = body_of(request);
  EXPECT_EQ(body["stream"], true);
  EXPECT_EQ(body["stream_options"], Json::parse(R"({"include_usage":true})"));
}

TEST(OpenaiChatEncode, PutsTheSystemPromptFirst) {
  Request request = asking("Hi", Options().system_prompt("Be brief."));
  request.messages = {Message::system("Also kind."), Message::user("Hi"), Message::assistant("Hello"),
                      Message::user("")};
  EXPECT_EQ(
      body_of(request)["messages"],
      Json::parse(
          R"([{"role":"system","content":"Be brief."},{"role":"system","content":"Also kind."},)"
          R"({"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"user","content":""}])"));
}

TEST(OpenaiChatEncode, SaysEachOption) {
  const Options options = Options()
                              .temperature(0)
                              .top_p(0.5)
                              .top_k(40)
                              .min_p(0.05)
                              .max_tokens(7)
                              .stop({"a", "\n"})
                              .seed(4294967294)
                              .frequency_penalty(-2)
                              .presence_penalty(1.5)
                              .repeat_penalty(1.1)
                              .logit_bias({{5, -100}, {11, 0.5}})
                              .cache_prompt(false);
  Json body = body_of(asking("Hi", options));
  body.erase("messages");
  EXPECT_EQ(body,
            Json::parse(R"({"temperature":0.0,"top_p":0.5,"top_k":40,"min_p":0.05,"max_tokens":7,"stop":["a","\n"],)"
                        R"("seed":4294967294,"frequency_penalty":-2.0,"presence_penalty":1.5,"repeat_penalty":1.1,)"
                        R"("logit_bias":{"5":-100,"11":0.5},"cache_prompt":false})"));
}

template <class T>
T sample();
template <>
std::string sample() {
  return "{\"a\":1}";
}
template <>
double sample() {
  return 0.5;
}
template <>
std::int64_t sample() {
  return 3;
}
template <>
bool sample() {
  return true;
}
template <>
option_kind::texts sample() {
  return {"x"};
}
// Those are in the messages by then.
template <>
option_kind::images sample() {
  return {};
}
template <>
option_kind::recordings sample() {
  return {};
}
template <>
option_kind::duration sample() {
  return std::chrono::seconds(1);
}
template <>
option_kind::biases sample() {
  return {{1, 1.0}};
}
template <>
option_kind::headers sample() {
  return {{"n", "v"}};
}

/// Options about tools are sent only with tools, or not at all. encode_tools_test.cpp tests them.
bool is_about_tools(std::string_view option) { return option.find("tool") != std::string_view::npos; }

TEST(OpenaiChatEncode, DropsNoOptionOfGenerationAndSendsNoOther) {
  const std::string plain = encoded(asking("Hi")).body;
#define ABSTRACTLLM_OPTION(name, kind, scope, trust, transport, unit, min, max, flag, help)                 \
  {                                                                                                         \
    const std::string body = encoded(asking("Hi", Options().name(sample<option_kind::kind>()))).body;       \
    const bool sent = OptionScope::scope == OptionScope::generation && !is_about_tools(#name) &&            \
                      OptionKind::kind != OptionKind::images && OptionKind::kind != OptionKind::recordings; \
    EXPECT_EQ(body != plain, sent) << #name;                                                                \
  }
#include "abstractllm/options.def"
#undef ABSTRACTLLM_OPTION
}

TEST(OpenaiChatEncode, GivesTheSameBytesForTheSameRequest) {
  const Options options = Options()
                              .model("m")
                              .temperature(0.7)
                              .top_p(1.0 / 3)
                              .logit_bias({{3, 1}, {1, 2}})
                              .extra_body(R"({"z":1,"a":{"y":1}})");
  EXPECT_EQ(encoded(asking("Grüße 😀", options)).body, encoded(asking("Grüße 😀", options)).body);
}

TEST(OpenaiChatEncode, KeepsEveryCharacter) {
  using namespace std::string_literals;
  const std::string text = "quote \" backslash \\ newline \n tab \t nul \0 \u2028 \U0001F600"s;
  EXPECT_EQ(body_of(asking(text))["messages"][0]["content"], text);
}

TEST(OpenaiChatEncode, MergesTheExtraBodyLastAsAMergePatch) {
  Request request = asking(
      "Hi", Options().temperature(0.1).top_k(3).extra_body(
                R"({"temperature":0.9,"top_k":null,"stream_options":{"include_obfuscation":false},"tools":[1]})"));
  request.delivery = Delivery::stream;
  Json body = body_of(request);
  body.erase("messages");
  EXPECT_EQ(
      body,
      Json::parse(
          R"({"stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false},"temperature":0.9,"tools":[1]})"));
}

TEST(OpenaiChatEncode, RefusesAnExtraBodyThatIsNoObject) {
  EXPECT_EQ(error_of(asking("Hi", Options().extra_body("[1]"))).message, "option extra_body is not a JSON object");
  EXPECT_EQ(error_of(asking("Hi", Options().extra_body("{\"a\":"))).message,
            "option extra_body is not valid JSON at byte 5; it begins: {\"a\":");
  EXPECT_EQ(error_of(asking("Hi", Options().extra_body(std::string(100000, '[')))).kind, ErrorKind::invalid_argument);
}

TEST(OpenaiChatEncode, RefusesInvalidUtf8AndSaysWhere) {
  Request request = asking("Hi");
  request.messages.push_back(Message::assistant("ok\xC3"));
  EXPECT_EQ(error_of(request).message, "message 1 (counted from 0) is not valid UTF-8 at byte 2");
  EXPECT_EQ(error_of(request).kind, ErrorKind::invalid_argument);
  EXPECT_EQ(error_of(asking("Hi", Options().system_prompt("\xFF"))).message,
            "option system_prompt is not valid UTF-8 at byte 0");
  EXPECT_EQ(error_of(asking("Hi", Options().stop({"a", "b\xFF"}))).message,
            "option stop, element 1, is not valid UTF-8 at byte 1");
  EXPECT_EQ(error_of(asking("Hi", Options().model("\xFF"))).message, "option model is not valid UTF-8 at byte 0");
}

TEST(OpenaiChatEncode, RefusesNumbersThatJsonCannotSay) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinite = std::numeric_limits<double>::infinity();
  EXPECT_EQ(error_of(asking("Hi", Options().temperature(nan))).message, "option temperature is not a finite number");
  EXPECT_EQ(error_of(asking("Hi", Options().logit_bias({{1, -infinite}}))).message,
            "option logit_bias is not a finite number");
}

TEST(OpenaiChatEncode, RefusesNoMessages) { EXPECT_EQ(error_of(Request()).kind, ErrorKind::invalid_argument); }

TEST(OpenaiChatEncode, SpellsFieldsAsItsServerDoesAndWarnsOfWhatItLacks) {
  Dialect dialect;
  dialect.max_tokens = "max_completion_tokens";
  dialect.top_k = "";
  dialect.stream_options = "";
  Request request = asking("Hi", Options().max_tokens(5).top_k(5));
  request.delivery = Delivery::stream;
  const Result<EncodedRequest> encoded = encode(request, dialect);
  ASSERT_TRUE(encoded);
  EXPECT_EQ(encoded->http.body,
            R"({"messages":[{"role":"user","content":"Hi"}],"stream":true,"max_completion_tokens":5})");
  ASSERT_EQ(encoded->warnings.size(), 1U);
  EXPECT_EQ(encoded->warnings[0].code, "option_ignored");
  EXPECT_NE(encoded->warnings[0].message.find("top_k"), std::string::npos);
}

TEST(OpenaiChatEncode, SendsLogprobsAndReasoningEffort) {
  const Json body = body_of(asking("Hi", Options().top_logprobs(3).reasoning_effort("low")));
  EXPECT_EQ(body["logprobs"], true);
  EXPECT_EQ(body["top_logprobs"], 3);
  EXPECT_EQ(body["reasoning_effort"], "low");
  EXPECT_FALSE(body_of(asking("Hi", Options().top_logprobs(0))).contains("top_logprobs"));
}

TEST(OpenaiChatEncode, KnowsWhatOpenaisReasoningModelsRefuse) {
  Dialect dialect;
  dialect.openai_models = true;
  const auto encoded = [&](const Options& options) { return encode(asking("Hi", options), dialect).value(); };
  const EncodedRequest o3 = encoded(
      Options().model("o3-mini").system_prompt("Be brief.").temperature(0.5).max_tokens(7).logit_bias({{1, 2}}));
  const Json body = Json::parse(o3.http.body);
  EXPECT_EQ(body["messages"][0]["role"], "developer");
  EXPECT_EQ(body["max_completion_tokens"], 7);
  EXPECT_FALSE(body.contains("temperature") || body.contains("max_tokens") || body.contains("logit_bias"));
  EXPECT_EQ(o3.warnings.size(), 2U);
  EXPECT_TRUE(encoded(Options().model("gpt-5.4").reasoning_effort("none").temperature(0.5)).warnings.empty());
  EXPECT_EQ(encoded(Options().model("gpt-5.4").temperature(0.5)).warnings.size(), 1U);
  for (const char* free : {"gpt-4o", "gpt-5-chat-latest", "some-new-model", "gpt-50", "o3x"})
    EXPECT_TRUE(encoded(Options().model(free).temperature(0.5)).warnings.empty()) << free;
}

TEST(OpenaiChatEncode, TakesAPromptOfTwoMegabytes) {
  const std::string prompt(std::size_t{2} << 20, 'x');
  EXPECT_EQ(body_of(asking(prompt))["messages"][0]["content"].get<std::string>().size(), prompt.size());
}

}  // namespace
}  // namespace abstractllm::openai_chat
