// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_responses/encode.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/json.hpp"
#include "protocols/openai_responses/openai_responses.hpp"

namespace abstractllm::openai_responses {
namespace {

Request asking(std::string text, Options options = {}) {
  Request request;
  request.messages = {Message::user(std::move(text))};
  request.options = std::move(options);
  request.delivery = Delivery::body;
  return request;
}

/// Encodes twice, because the same request must give the same bytes.
EncodedRequest encoded(const Request& request) {
  const std::shared_ptr<const Protocol> protocol = make_openai_responses_protocol();
  EncodedRequest first = protocol->encode(request).value();
  EXPECT_EQ(first.http.body, protocol->encode(request).value().http.body);
  return first;
}

Json body_of(const Request& request) { return Json::parse(encoded(request).http.body); }

/// Returns the body of a request with these options, without the fields that each request has.
Json body_of(const Options& options) {
  Json body = body_of(asking("Hi", options));
  body.erase("input");
  body.erase("store");
  return body;
}

Error error_of(const Request& request) {
  const Result<EncodedRequest> result = make_openai_responses_protocol()->encode(request);
  EXPECT_FALSE(result);
  return result ? Error() : result.error();
}

TEST(OpenaiResponsesEncode, SendsOnlyWhatWasAskedForAndKeepsNothingOnTheServer) {
  const Json expected = Json::parse(
      R"({"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"Hi"}]}],"store":false})");
  EXPECT_EQ(body_of(asking("Hi")), expected);
  EXPECT_EQ(body_of(asking("Hi", Options().stop({}).logit_bias({}).system_prompt("").model("").reasoning_effort(""))),
            expected);
}

TEST(OpenaiResponsesEncode, GivesMethodPathAndHeaders) {
  Request request = asking("Hi");
  EncodedRequest body = encoded(request);
  EXPECT_EQ(body.http.method, "POST");
  EXPECT_EQ(body.http.url, "/responses");
  ASSERT_EQ(body.http.headers.size(), 2U);
  EXPECT_EQ(body.http.headers[1].value, "application/json");
  request.delivery = Delivery::stream;
  EXPECT_EQ(encoded(request).http.headers[1].value, "text/event-stream");
  EXPECT_EQ(body_of(request)["stream"], true);
}

TEST(OpenaiResponsesEncode, SendsTheSystemPromptAsInstructionsAndEachTurnAsAnItem) {
  Request request = asking("Hi", Options().system_prompt("Be brief."));
  request.messages = {Message::system("Also kind."), Message::user("Hi"), Message::assistant("Hello"),
                      Message::user("")};
  const Json body = body_of(request);
  EXPECT_EQ(body["instructions"], "Be brief.");
  EXPECT_EQ(body["input"],
            Json::parse(R"([{"type":"message","role":"system","content":[{"type":"input_text","text":"Also kind."}]},)"
                        R"({"type":"message","role":"user","content":[{"type":"input_text","text":"Hi"}]},)"
                        R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"Hello"}]},)"
                        R"({"type":"message","role":"user","content":[{"type":"input_text","text":""}]}])"));
}

TEST(OpenaiResponsesEncode, CallsASystemTurnDeveloperForReasoningModels) {
  Request request = asking("Hi", Options().model("gpt-5-mini"));
  request.messages.insert(request.messages.begin(), Message::system("Be kind."));
  EXPECT_EQ(body_of(request)["input"][0]["role"], "developer");
}

TEST(OpenaiResponsesEncode, SaysEachOptionThatTheFormatHas) {
  EXPECT_EQ(body_of(Options().model("m")), Json::parse(R"({"model":"m"})"));
  EXPECT_EQ(body_of(Options().temperature(0.5)), Json::parse(R"({"temperature":0.5})"));
  EXPECT_EQ(body_of(Options().top_p(0.25)), Json::parse(R"({"top_p":0.25})"));
  EXPECT_EQ(body_of(Options().max_tokens(20)), Json::parse(R"({"max_output_tokens":20})"));
  EXPECT_EQ(body_of(Options().reasoning_effort("low")), Json::parse(R"({"reasoning":{"effort":"low"}})"));
  EXPECT_EQ(body_of(Options().top_logprobs(2)),
            Json::parse(R"({"top_logprobs":2,"include":["message.output_text.logprobs"]})"));
  EXPECT_TRUE(encoded(asking("Hi", Options().temperature(0.5).top_p(1).top_logprobs(0))).warnings.empty());
}

TEST(OpenaiResponsesEncode, WarnsOfEachOptionThatTheFormatLacks) {
  const EncodedRequest request = encoded(asking("Hi", Options()
                                                          .top_k(1)
                                                          .min_p(0.5)
                                                          .stop({"x"})
                                                          .seed(1)
                                                          .frequency_penalty(1)
                                                          .presence_penalty(1)
                                                          .repeat_penalty(1.1)
                                                          .logit_bias({{1, 1}})
                                                          .cache_prompt(true)));
  EXPECT_EQ(request.http.body, encoded(asking("Hi")).http.body);
  std::string names;
  for (const Warning& warning : request.warnings) {
    EXPECT_EQ(warning.code, "option_ignored");
    names += warning.message.substr(7, warning.message.find(" is ") - 7) + " ";
  }
  EXPECT_EQ(names, "top_k min_p stop seed frequency_penalty presence_penalty repeat_penalty logit_bias cache_prompt ");
}

TEST(OpenaiResponsesEncode, LeavesOutWhatAReasoningModelRefuses) {
  Options options = Options().model("gpt-5.1").temperature(0.5).top_p(0.5).top_logprobs(1);
  EXPECT_EQ(body_of(options), Json::parse(R"({"model":"gpt-5.1","include":["reasoning.encrypted_content"]})"));
  ASSERT_EQ(encoded(asking("Hi", options)).warnings.size(), 3U);
  EXPECT_EQ(encoded(asking("Hi", options)).warnings[0].message,
            "option temperature is not sent: this model takes it only with reasoning_effort none");
  options.reasoning_effort("none");
  EXPECT_EQ(body_of(options)["temperature"], 0.5);
  EXPECT_TRUE(encoded(asking("Hi", options)).warnings.empty());
}

TEST(OpenaiResponsesEncode, MergesTheExtraBodyLastAsAMergePatch) {
  const Options options = Options().temperature(0.1).reasoning_effort("low").extra_body(
      R"({"store":true,"temperature":null,"reasoning":{"summary":"auto"},"text":{"verbosity":"low"}})");
  const Json body = body_of(asking("Hi", options));
  EXPECT_EQ(body["store"], true);
  EXPECT_FALSE(body.contains("temperature"));
  EXPECT_EQ(body["reasoning"], Json::parse(R"({"effort":"low","summary":"auto"})"));
  EXPECT_EQ(body["text"]["verbosity"], "low");
}

TEST(OpenaiResponsesEncode, RefusesWhatMakesNoSense) {
  EXPECT_EQ(error_of(Request()).message, "there are no messages to send");
  EXPECT_EQ(error_of(asking("Hi", Options().extra_body("[1]"))).message, "option extra_body is not a JSON object");
  EXPECT_EQ(error_of(asking("Hi", Options().temperature(std::numeric_limits<double>::quiet_NaN()))).message,
            "option temperature is not a finite number");
  EXPECT_EQ(error_of(asking("Hi", Options().system_prompt("\xFF"))).message,
            "option system_prompt is not valid UTF-8 at byte 0");
  EXPECT_EQ(error_of(asking("Hi", Options().model("\xFF"))).kind, ErrorKind::invalid_argument);
  Request request = asking("Hi");
  request.messages.push_back(Message::assistant("ok\xC3"));
  EXPECT_EQ(error_of(request).message, "message 1 (counted from 0) is not valid UTF-8 at byte 2");
  for (const char* data : {"\"s\"", "5", "null", "[{}]", "{} {}"}) {
    request.messages[1] =
        Message::assistant({Reasoning("", ProviderData("openai", "openai_responses", "", "m", data))});
    EXPECT_EQ(error_of(request).message,
              "message 1 (counted from 0) has provider data that is not a JSON object of at most 200 levels")
        << data;
  }
}

TEST(OpenaiResponsesEncode, KeepsEveryCharacter) {
  using namespace std::string_literals;
  const std::string text = "quote \" backslash \\ newline \n nul \0 \u2028 \U0001F600"s;
  EXPECT_EQ(body_of(asking(text))["input"][0]["content"][0]["text"], text);
}

}  // namespace
}  // namespace abstractllm::openai_responses
