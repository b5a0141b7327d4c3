// SPDX-License-Identifier: Apache-2.0
#include "protocols/anthropic_messages/encode.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/json.hpp"
#include "protocols/anthropic_messages/anthropic_messages.hpp"

namespace abstractllm::anthropic_messages {
namespace {

constexpr const char* local_model = "smollm2";
constexpr const char* old_model = "claude-3-opus-20240229";
constexpr const char* budget_model = "claude-sonnet-4-5-20250929";
constexpr const char* model_4_6 = "claude-opus-4-6";
constexpr const char* model_4_7 = "claude-opus-4-7";
constexpr const char* newest_model = "claude-sonnet-5-5";

Request asking(std::string text, Options options = {}) {
  Request request;
  request.messages = {Message::user(std::move(text))};
  request.options = std::move(options);
  request.delivery = Delivery::body;
  return request;
}

EncodedRequest encoded(const Request& request) {
  EncodedRequest first = make_anthropic_messages_protocol()->encode(request).value();
  EXPECT_EQ(first.http.body, make_anthropic_messages_protocol()->encode(request).value().http.body);
  return first;
}

Json body_of(const Request& request) { return Json::parse(encoded(request).http.body); }

/// Returns the body without the fields that each has: model, messages and max_tokens.
Json extras_of(const Options& options) {
  Json body = body_of(asking("Hi", options));
  for (const char* name : {"model", "messages", "max_tokens"}) body.erase(name);
  return body;
}

Json extras_of(const char* model, Options options) { return extras_of(options.model(model)); }

std::vector<std::string> warnings_of(const Options& options) {
  std::vector<std::string> texts;
  for (const Warning& warning : encoded(asking("Hi", options)).warnings) {
    EXPECT_EQ(warning.code, "option_ignored");
    texts.push_back(warning.message);
  }
  return texts;
}

std::vector<std::string> warnings_of(const char* model, Options options) { return warnings_of(options.model(model)); }

std::string version_of(const Options& options) {
  for (const auto& header : encoded(asking("Hi", options)).http.headers)
    if (header.name == "anthropic-version") return header.value;
  return "";
}

std::string version_of(const char* model, Options options = {}) { return version_of(options.model(model)); }

Error error_of(const Request& request) {
  const Result<EncodedRequest> result = make_anthropic_messages_protocol()->encode(request);
  EXPECT_FALSE(result);
  return result ? Error() : result.error();
}

using Texts = std::vector<std::string>;

TEST(AnthropicMessagesEncode, SendsOnlyWhatWasAskedForAndMaxTokens) {
  EXPECT_EQ(encoded(asking("Hi")).http.body, R"({"messages":[{"role":"user","content":"Hi"}],"max_tokens":4096})");
  EXPECT_EQ(encoded(asking("Hi", Options().model("m").max_tokens(7))).http.body,
            R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"max_tokens":7})");
  const Options empty = Options().stop({}).logit_bias({}).system_prompt("").model("").reasoning_effort("");
  EXPECT_EQ(encoded(asking("Hi", empty)).http.body,
            R"({"messages":[{"role":"user","content":"Hi"}],"max_tokens":4096})");
  EXPECT_EQ(warnings_of(empty), Texts());
}

TEST(AnthropicMessagesEncode, GivesMethodPathAndHeaders) {
  Request request = asking("Hi", Options().model(newest_model));
  const HttpRequest http = encoded(request).http;
  EXPECT_EQ(http.method, "POST");
  EXPECT_EQ(http.url, "/v1/messages");
  ASSERT_EQ(http.headers.size(), 3U);
  EXPECT_EQ(http.headers[0].name + ": " + http.headers[0].value, "Content-Type: application/json");
  EXPECT_EQ(http.headers[1].name + ": " + http.headers[1].value, "Accept: application/json");
  EXPECT_EQ(http.headers[2].name + ": " + http.headers[2].value, "anthropic-version: 2026-10-21");
  EXPECT_FALSE(body_of(request).contains("stream"));
  request.delivery = Delivery::stream;
  EXPECT_EQ(encoded(request).http.headers[1].value, "text/event-stream");
  EXPECT_EQ(body_of(request)["stream"], true);
}

TEST(AnthropicMessagesEncode, AsksForTheOldVersionWhereSamplingNeedsIt) {
  EXPECT_EQ(version_of(local_model), "2023-06-01");
  EXPECT_EQ(version_of(Options()), "2023-06-01");
  EXPECT_EQ(version_of(budget_model), "2026-10-21");
  EXPECT_EQ(version_of(budget_model, Options().temperature(0)), "2023-06-01");
  EXPECT_EQ(version_of(old_model, Options().top_k(3)), "2023-06-01");
  EXPECT_EQ(version_of(model_4_6, Options().top_p(0.5)), "2023-06-01");
  EXPECT_EQ(version_of(model_4_7, Options().top_p(0.5)), "2026-10-21") << "it is not sent";
}

TEST(AnthropicMessagesEncode, JoinsTheSystemPromptAndLeadingSystemMessages) {
  Request request = asking("Hi", Options().system_prompt("Be brief."));
  request.messages = {Message::system(""), Message::system("Also kind."), Message::user("Hi"),
                      Message::assistant("Hello"), Message::user("")};
  EXPECT_EQ(body_of(request)["system"], "Be brief.\n\nAlso kind.");
  EXPECT_EQ(body_of(request)["messages"], Json::parse(R"([{"role":"user","content":"Hi"},)"
                                                      R"({"role":"assistant","content":"Hello"},)"
                                                      R"({"role":"user","content":""}])"));
}

TEST(AnthropicMessagesEncode, KeepsALaterSystemMessageInItsPlace) {
  Request request = asking("Hi", Options().model(newest_model));
  request.messages.push_back(Message::system("In French."));
  EXPECT_EQ(body_of(request)["messages"][1], Json::parse(R"({"role":"system","content":"In French."})"));
  request.options.model(local_model);
  EXPECT_EQ(body_of(request)["messages"][1], Json::parse(R"({"role":"user","content":"In French."})"));
  EXPECT_FALSE(body_of(request).contains("system"));
}

TEST(AnthropicMessagesEncode, SendsSamplingToModelsThatTakeIt) {
  const Options options = Options().temperature(0.25).top_p(0.5).top_k(40);
  const Json all = Json::parse(R"({"temperature":0.25,"top_p":0.5,"top_k":40})");
  for (const char* model : {local_model, old_model, budget_model, "claude-2.1", "anthropic/claude-3.7-sonnet"}) {
    EXPECT_EQ(extras_of(model, options), all) << model;
    EXPECT_EQ(warnings_of(model, options), Texts()) << model;
  }
  EXPECT_EQ(extras_of(model_4_6, options), Json::parse(R"({"temperature":0.25,"top_k":40})"));
  EXPECT_EQ(warnings_of(model_4_6, options),
            Texts{"option top_p is not sent: this model does not take it beside temperature"});
  EXPECT_EQ(extras_of(model_4_6, Options().top_p(0.5)), Json::parse(R"({"top_p":0.5})"));
  for (const char* model : {model_4_7, newest_model, "claude-next"}) {
    EXPECT_EQ(extras_of(model, options), Json::object()) << model;
    EXPECT_EQ(warnings_of(model, options), (Texts{"option temperature is not sent: this model does not take it",
                                                  "option top_p is not sent: this model does not take it",
                                                  "option top_k is not sent: this model does not take it"}));
  }
}

TEST(AnthropicMessagesEncode, SaysEffortAsTheModelTakesIt) {
  const Options high = Options().reasoning_effort("high");
  for (const char* model : {model_4_6, model_4_7, newest_model})
    EXPECT_EQ(extras_of(model, high), Json::parse(R"({"output_config":{"effort":"high"}})")) << model;
  EXPECT_EQ(extras_of(budget_model, high), Json::parse(R"({"thinking":{"type":"enabled","budget_tokens":16384}})"));
  for (const char* model : {local_model, old_model}) {
    EXPECT_EQ(extras_of(model, high), Json::object()) << model;
    EXPECT_EQ(warnings_of(model, high).size(), 1U) << model;
  }
}

TEST(AnthropicMessagesEncode, WarnsOfEffortsThatAModelLacks) {
  const Options minimal = Options().reasoning_effort("minimal");
  EXPECT_EQ(extras_of(budget_model, minimal)["thinking"]["budget_tokens"], 1024);
  EXPECT_EQ(extras_of(newest_model, minimal), Json::object());
  EXPECT_EQ(warnings_of(newest_model, minimal),
            Texts{"option reasoning_effort is not sent: this model's least effort is low"});
  const Options max = Options().reasoning_effort("max");
  EXPECT_EQ(extras_of(newest_model, max)["output_config"]["effort"], "max");
  EXPECT_EQ(extras_of(budget_model, max), Json::object());
  EXPECT_EQ(warnings_of(budget_model, max).size(), 1U);
}

TEST(AnthropicMessagesEncode, StopsThinkingWhereTheModelCan) {
  const Options none = Options().reasoning_effort("none");
  const Json disabled = Json::parse(R"({"thinking":{"type":"disabled"}})");
  for (const char* model : {budget_model, model_4_6, model_4_7, "claude-sonnet-5", "claude-opus-5", "claude-haiku-5-5"})
    EXPECT_EQ(extras_of(model, none), disabled) << model;
  for (const char* model : {newest_model, "claude-opus-5-5", "claude-fable-5", "claude-fable-5-1", "claude-next"}) {
    EXPECT_EQ(extras_of(model, none), Json::object()) << model;
    EXPECT_EQ(warnings_of(model, none), Texts{"option reasoning_effort is not sent: this model cannot stop thinking"});
  }
  EXPECT_EQ(extras_of(old_model, none), Json::object());
  EXPECT_EQ(warnings_of(old_model, none), Texts()) << "it does not think";
  EXPECT_EQ(warnings_of(local_model, none).size(), 1U);
}

TEST(AnthropicMessagesEncode, KeepsMaxTokensAboveTheBudgetOfThinking) {
  const auto max_tokens = [](Options options) {
    return body_of(asking("Hi", options.model(budget_model)))["max_tokens"];
  };
  EXPECT_EQ(max_tokens(Options().reasoning_effort("low")), 4096);
  EXPECT_EQ(max_tokens(Options().reasoning_effort("medium")), 8192 + 4096);
  EXPECT_EQ(max_tokens(Options().reasoning_effort("low").max_tokens(2049)), 2049);
  EXPECT_EQ(max_tokens(Options().reasoning_effort("low").max_tokens(2048)), 4096);
  EXPECT_EQ(warnings_of(budget_model, Options().reasoning_effort("medium")), Texts());
  EXPECT_EQ(
      warnings_of(budget_model, Options().reasoning_effort("low").max_tokens(100)),
      Texts{"option max_tokens is not sent: it must be larger than the budget of thinking, so 2148 is sent in its "
            "place"});
}

TEST(AnthropicMessagesEncode, SendsNoSamplingThatThinkingForbids) {
  const Options options = Options().reasoning_effort("low").temperature(0.5).top_k(3).top_p(0.95);
  EXPECT_EQ(extras_of(budget_model, options),
            Json::parse(R"({"thinking":{"type":"enabled","budget_tokens":2048},"top_p":0.95})"));
  EXPECT_EQ(warnings_of(budget_model, options).size(), 2U);
  EXPECT_EQ(extras_of(budget_model, Options().reasoning_effort("low").temperature(1))["temperature"], 1.0);
}

TEST(AnthropicMessagesEncode, LeavesOutStopSequencesOfWhiteSpace) {
  EXPECT_EQ(extras_of(Options().stop({"a", "b\n"})), Json::parse(R"({"stop_sequences":["a","b\n"]})"));
  const Options options = Options().stop({"\n\n", "END", ""});
  EXPECT_EQ(extras_of(options), Json::parse(R"({"stop_sequences":["END"]})"));
  EXPECT_EQ(warnings_of(options),
            (Texts{"option stop, element 0, is not sent: this wire format takes none of white space alone",
                   "option stop, element 2, is not sent: this wire format takes none of white space alone"}));
  EXPECT_EQ(extras_of(Options().stop({" "})), Json::object());
}

TEST(AnthropicMessagesEncode, WarnsOfOptionsWithoutAField) {
  const Options options = Options()
                              .min_p(0.05)
                              .seed(1)
                              .frequency_penalty(1)
                              .presence_penalty(1)
                              .repeat_penalty(1.1)
                              .logit_bias({{5, -100}})
                              .top_logprobs(2)
                              .cache_prompt(true);
  EXPECT_EQ(extras_of(options), Json::object());
  const Texts warnings = warnings_of(options);
  ASSERT_EQ(warnings.size(), 8U);
  EXPECT_EQ(warnings[1], "option seed is not sent: this provider's wire format has no field for it");
}

template <class T>
T sample() {
  if constexpr (std::is_same_v<T, std::string>) return "{\"a\":1}";
  else if constexpr (std::is_same_v<T, option_kind::texts>) return {"x"};
  else if constexpr (std::is_same_v<T, option_kind::images> || std::is_same_v<T, option_kind::recordings>)
    return {};  // those are in the messages by then
  else if constexpr (std::is_same_v<T, option_kind::biases>) return {{1, 1.0}};
  else if constexpr (std::is_same_v<T, option_kind::headers>) return {{"n", "v"}};
  else return T(1);
}

TEST(AnthropicMessagesEncode, SendsOrWarnsOfEachOptionOfGenerationAndOfNoOther) {
  const std::string plain = encoded(asking("Hi")).http.body;
#define ABSTRACTLLM_OPTION(name, kind, scope, trust, transport, unit, min, max, flag, help)                          \
  {                                                                                                                  \
    const EncodedRequest request = encoded(asking("Hi", Options().name(sample<option_kind::kind>())));               \
    const bool observed = request.http.body != plain || !request.warnings.empty();                                   \
    const bool expected = OptionScope::scope == OptionScope::generation && OptionKind::kind != OptionKind::images && \
                          OptionKind::kind != OptionKind::recordings;                                                \
    EXPECT_EQ(observed, expected) << #name;                                                                          \
  }
#include "abstractllm/options.def"
#undef ABSTRACTLLM_OPTION
}

TEST(AnthropicMessagesEncode, MergesTheExtraBodyLastAsAMergePatch) {
  const Options options =
      Options()
          .model(budget_model)
          .reasoning_effort("low")
          .extra_body(
              R"({"max_tokens":9000,"thinking":{"budget_tokens":5000},"metadata":{"user_id":"u"},"model":null})");
  Json body = body_of(asking("Hi", options));
  body.erase("messages");
  EXPECT_EQ(body, Json::parse(R"({"thinking":{"type":"enabled","budget_tokens":5000},"max_tokens":9000,)"
                              R"("metadata":{"user_id":"u"}})"));
  EXPECT_EQ(error_of(asking("Hi", Options().extra_body("[1]"))).message, "option extra_body is not a JSON object");
}

TEST(AnthropicMessagesEncode, KeepsEveryCharacter) {
  using namespace std::string_literals;
  const std::string text = "quote \" backslash \\ newline \n tab \t nul \0 \u2028 \U0001F600"s;
  EXPECT_EQ(body_of(asking(text))["messages"][0]["content"], text);
  EXPECT_EQ(body_of(asking("Hi", Options().system_prompt(text)))["system"], text);
}

TEST(AnthropicMessagesEncode, RefusesInvalidUtf8AndSaysWhere) {
  Request request = asking("Hi");
  request.messages.push_back(Message::assistant("ok\xC3"));
  EXPECT_EQ(error_of(request).message, "message 1 (counted from 0) is not valid UTF-8 at byte 2");
  EXPECT_EQ(error_of(request).kind, ErrorKind::invalid_argument);
  request.messages = {Message::system("\xFF"), Message::user("Hi")};
  EXPECT_EQ(error_of(request).message, "message 0 (counted from 0) is not valid UTF-8 at byte 0");
  EXPECT_EQ(error_of(asking("Hi", Options().system_prompt("\xFF"))).message,
            "option system_prompt is not valid UTF-8 at byte 0");
  EXPECT_EQ(error_of(asking("Hi", Options().stop({" ", "b\xFF"}))).message,
            "option stop, element 1, is not valid UTF-8 at byte 1");
  EXPECT_EQ(error_of(asking("Hi", Options().model("\xFF"))).message, "option model is not valid UTF-8 at byte 0");
}

TEST(AnthropicMessagesEncode, RefusesNumbersThatJsonCannotSay) {
  EXPECT_EQ(error_of(asking("Hi", Options().temperature(std::numeric_limits<double>::quiet_NaN()))).message,
            "option temperature is not a finite number");
}

TEST(AnthropicMessagesEncode, RefusesNoMessagesAndNoneButTheSystems) {
  EXPECT_EQ(error_of(Request()).kind, ErrorKind::invalid_argument);
  Request request;
  request.messages = {Message::system("Be brief.")};
  EXPECT_EQ(error_of(request).message, "there are only system messages: add one of the user");
  EXPECT_EQ(error_of(request).kind, ErrorKind::invalid_argument);
}

}  // namespace
}  // namespace abstractllm::anthropic_messages
