// SPDX-License-Identifier: Apache-2.0
#include "protocols/ollama_chat/encode.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "base/json.hpp"
#include "protocols/ollama_chat/ollama_chat.hpp"

namespace abstractllm::ollama_chat {
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
  const std::shared_ptr<const Protocol> protocol = make_ollama_chat_protocol();
  EncodedRequest first = protocol->encode(request).value();
  EXPECT_EQ(first.http.body, protocol->encode(request).value().http.body);
  return first;
}

Json body_of(const Request& request) { return Json::parse(encoded(request).http.body); }

/// Returns the body without the fields that each request has.
Json options_body(const Options& options) {
  Json body = body_of(asking("Hi", options));
  body.erase("messages");
  body.erase("stream");
  return body;
}

Error error_of(const Request& request) {
  const Result<EncodedRequest> result = make_ollama_chat_protocol()->encode(request);
  EXPECT_FALSE(result);
  return result ? Error() : result.error();
}

TEST(OllamaChatEncode, SendsOnlyWhatWasAskedForAndAlwaysStream) {
  const std::string plain = R"({"messages":[{"role":"user","content":"Hi"}],"stream":false})";
  EXPECT_EQ(encoded(asking("Hi")).http.body, plain);
  const Options empty = Options().stop({}).logit_bias({}).system_prompt("").model("").reasoning_effort("");
  EXPECT_EQ(encoded(asking("Hi", empty)).http.body, plain);
  EXPECT_TRUE(encoded(asking("Hi", empty)).warnings.empty());
  Request request = asking("Hi", Options().model("m"));
  request.delivery = Delivery::stream;
  EXPECT_EQ(encoded(request).http.body, R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true})");
}

TEST(OllamaChatEncode, GivesMethodPathAndHeaders) {
  const HttpRequest http = encoded(asking("Hi")).http;
  EXPECT_EQ(http.method, "POST");
  EXPECT_EQ(http.url, "/api/chat");
  ASSERT_EQ(http.headers.size(), 2U);
  EXPECT_EQ(http.headers[0].name + ": " + http.headers[0].value, "Content-Type: application/json");
  EXPECT_EQ(http.headers[1].name + ": " + http.headers[1].value, "Accept: application/json");
  Request request = asking("Hi");
  request.delivery = Delivery::stream;
  EXPECT_EQ(encoded(request).http.headers[1].value, "application/x-ndjson");
}

TEST(OllamaChatEncode, PutsTheSystemPromptFirst) {
  Request request = asking("Hi", Options().system_prompt("Be brief."));
  request.messages = {Message::system("Also kind."), Message::user("Hi"), Message::assistant("Hello"),
                      Message::user("")};
  EXPECT_EQ(
      body_of(request)["messages"],
      Json::parse(
          R"([{"role":"system","content":"Be brief."},{"role":"system","content":"Also kind."},)"
          R"({"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"},{"role":"user","content":""}])"));
}

TEST(OllamaChatEncode, SaysEachSamplingOptionUnderOptions) {
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
                              .context_size(16384);
  EXPECT_EQ(options_body(options),
            Json::parse(R"({"options":{"temperature":0.0,"top_p":0.5,"top_k":40,"min_p":0.05,"num_predict":7,)"
                        R"("stop":["a","\n"],"seed":4294967294,"frequency_penalty":-2.0,"presence_penalty":1.5,)"
                        R"("repeat_penalty":1.1,"num_ctx":16384}})"));
}

TEST(OllamaChatEncode, SaysHowLongTheModelStays) {
  using namespace std::chrono_literals;
  EXPECT_EQ(options_body(Options().keep_alive(0s)), Json::parse(R"({"keep_alive":0})"));
  EXPECT_EQ(options_body(Options().keep_alive(5min)), Json::parse(R"({"keep_alive":300})"));
  EXPECT_EQ(options_body(Options().keep_alive(1500ms)), Json::parse(R"({"keep_alive":"1500ms"})"));
  EXPECT_EQ(options_body(Options().keep_alive(5min).extra_body(R"({"keep_alive":-1})")),
            Json::parse(R"({"keep_alive":-1})"));
}

TEST(OllamaChatEncode, NamesTheEngineOptionsThatItWrites) {
  const auto names = make_ollama_chat_protocol()->engine_options();
  EXPECT_EQ(std::vector(names.begin(), names.end()), (std::vector<std::string_view>{"context_size", "keep_alive"}));
}

TEST(OllamaChatEncode, SaysOneStopAsAList) {
  EXPECT_EQ(options_body(Options().stop({"a"})), Json::parse(R"({"options":{"stop":["a"]}})"));
}

TEST(OllamaChatEncode, SaysHowMuchToThinkInOllamasWords) {
  const std::pair<const char*, const char*> words[] = {
      {"none", R"({"think":false})"},      {"minimal", R"({"think":"low"})"}, {"low", R"({"think":"low"})"},
      {"medium", R"({"think":"medium"})"}, {"high", R"({"think":"high"})"},   {"xhigh", R"({"think":"max"})"},
      {"max", R"({"think":"max"})"},       {"later", R"({"think":"later"})"},
  };
  for (const auto& [word, body] : words)
    EXPECT_EQ(options_body(Options().reasoning_effort(word)), Json::parse(body)) << word;
}

TEST(OllamaChatEncode, AsksForLogprobs) {
  EXPECT_EQ(options_body(Options().top_logprobs(0)), Json::parse(R"({"logprobs":true})"));
  EXPECT_EQ(options_body(Options().top_logprobs(5)), Json::parse(R"({"logprobs":true,"top_logprobs":5})"));
}

TEST(OllamaChatEncode, WarnsOfWhatItCannotSay) {
  const EncodedRequest bias = encoded(asking("Hi", Options().logit_bias({{1, 2}})));
  ASSERT_EQ(bias.warnings.size(), 1U);
  EXPECT_EQ(bias.warnings[0].code, "option_ignored");
  EXPECT_NE(bias.warnings[0].message.find("logit_bias"), std::string::npos);
  EXPECT_EQ(bias.http.body, encoded(asking("Hi")).http.body);
  EXPECT_EQ(encoded(asking("Hi", Options().cache_prompt(true))).warnings.size(), 1U);
  const EncodedRequest trained_size = encoded(asking("Hi", Options().context_size(0)));
  ASSERT_EQ(trained_size.warnings.size(), 1U);
  EXPECT_EQ(trained_size.warnings[0].code, "option_ignored");
  EXPECT_NE(trained_size.warnings[0].message.find("context_size"), std::string::npos);
  EXPECT_EQ(trained_size.http.body, encoded(asking("Hi")).http.body);
}

template <class T>
T example();
template <>
std::string example() {
  return "{\"a\":1}";
}
template <>
double example() {
  return 0.5;
}
template <>
std::int64_t example() {
  return 3;
}
template <>
bool example() {
  return true;
}
template <>
option_kind::texts example() {
  return {"x"};
}
// Those are in the messages by then.
template <>
option_kind::images example() {
  return {};
}
template <>
option_kind::recordings example() {
  return {};
}
template <>
option_kind::duration example() {
  return std::chrono::seconds(1);
}
template <>
option_kind::biases example() {
  return {{1, 1.0}};
}
template <>
option_kind::headers example() {
  return {{"n", "v"}};
}

TEST(OllamaChatEncode, SendsOrWarnsOfEachOptionOfGenerationAndOfEngineOptionsThoseThatItNames) {
  const std::string plain = encoded(asking("Hi")).http.body;
  const auto engine = engine_options();
#define ABSTRACTLLM_OPTION(name, kind, scope, trust, transport, unit, min, max, flag, help)                            \
  {                                                                                                                    \
    const EncodedRequest request = encoded(asking("Hi", Options().name(example<option_kind::kind>())));                \
    const bool generation = OptionScope::scope == OptionScope::generation && OptionKind::kind != OptionKind::images && \
                            OptionKind::kind != OptionKind::recordings;                                                \
    const bool wanted = generation || std::find(engine.begin(), engine.end(), #name) != engine.end();                  \
    EXPECT_EQ(request.http.body != plain || !request.warnings.empty(), wanted) << #name;                               \
  }
#include "abstractllm/options.def"
#undef ABSTRACTLLM_OPTION
}

TEST(OllamaChatEncode, KeepsEveryCharacter) {
  using namespace std::string_literals;
  const std::string text = "quote \" backslash \\ newline \n tab \t nul \0 \u2028 \U0001F600"s;
  EXPECT_EQ(body_of(asking(text))["messages"][0]["content"], text);
}

TEST(OllamaChatEncode, MergesTheExtraBodyLastAsAMergePatch) {
  const Options options = Options().temperature(0.1).top_k(3).extra_body(
      R"({"keep_alive":"5m","options":{"temperature":0.9,"top_k":null,"num_gpu":0},"think":true})");
  EXPECT_EQ(options_body(options),
            Json::parse(R"({"options":{"temperature":0.9,"num_gpu":0},"keep_alive":"5m","think":true})"));
}

TEST(OllamaChatEncode, RefusesAnExtraBodyThatIsNoObject) {
  EXPECT_EQ(error_of(asking("Hi", Options().extra_body("[1]"))).message, "option extra_body is not a JSON object");
}

TEST(OllamaChatEncode, RefusesInvalidUtf8AndSaysWhere) {
  Request request = asking("Hi");
  request.messages.push_back(Message::assistant("ok\xC3"));
  EXPECT_EQ(error_of(request).message, "message 1 (counted from 0) is not valid UTF-8 at byte 2");
  EXPECT_EQ(error_of(request).kind, ErrorKind::invalid_argument);
  EXPECT_EQ(error_of(asking("Hi", Options().system_prompt("\xFF"))).message,
            "option system_prompt is not valid UTF-8 at byte 0");
  EXPECT_EQ(error_of(asking("Hi", Options().stop({"a", "b\xFF"}))).message,
            "option stop, element 1, is not valid UTF-8 at byte 1");
  EXPECT_EQ(error_of(asking("Hi", Options().model("\xFF"))).message, "option model is not valid UTF-8 at byte 0");
  EXPECT_EQ(error_of(asking("Hi", Options().reasoning_effort("\xFF"))).kind, ErrorKind::invalid_argument);
}

TEST(OllamaChatEncode, RefusesNumbersThatJsonCannotSay) {
  EXPECT_EQ(error_of(asking("Hi", Options().temperature(std::numeric_limits<double>::quiet_NaN()))).message,
            "option temperature is not a finite number");
}

TEST(OllamaChatEncode, RefusesNoMessages) { EXPECT_EQ(error_of(Request()).kind, ErrorKind::invalid_argument); }

}  // namespace
}  // namespace abstractllm::ollama_chat
