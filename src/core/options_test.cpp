// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/options.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace abstractllm {
namespace {

using namespace std::chrono_literals;

std::string problem(const Options& options) {
  const auto valid = options.validate();
  if (valid) return "";
  EXPECT_EQ(valid.error().kind, ErrorKind::invalid_argument);
  return valid.error().message;
}

TEST(Options, TakeTheStrongerValueOfEveryField) {
  // Each row of the table once, so that none can be forgotten in over().
  Options weak;
  Options strong;
  for (const OptionField& field : Options::fields()) {
    const bool is_text = field.kind == OptionKind::text || field.kind == OptionKind::texts;
    const std::string value = field.kind == OptionKind::biases    ? "1=1"
                              : field.kind == OptionKind::headers ? "A: b"
                              : field.kind == OptionKind::json    ? "{}"
                              : field.kind == OptionKind::boolean ? "true"
                              : is_text                           ? "x"
                                                                  : "1";
    ASSERT_TRUE(weak.set(field.name, value)) << field.name;
  }
  EXPECT_EQ(Options().over(weak).to_json(), weak.to_json());
  EXPECT_EQ(weak.over(Options()).to_json(), weak.to_json());
  strong.temperature(0.5).model("mine").stop({"a", "b"}).timeout(2500ms);
  const Options merged = strong.over(weak);
  EXPECT_EQ(merged.temperature(), 0.5);
  EXPECT_EQ(merged.model(), "mine");
  EXPECT_EQ(merged.stop(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(merged.timeout(), 2500ms);
  EXPECT_EQ(merged.top_p(), 1.0);
}

TEST(Options, KeepTheStrongerStopToken) {
  std::stop_source weak;
  std::stop_source strong;
  const Options merged = Options().stop_token(strong.get_token()).over(Options().stop_token(weak.get_token()));
  EXPECT_EQ(merged.stop_token(), strong.get_token());
  EXPECT_EQ(Options().over(merged).stop_token(), strong.get_token());
}

TEST(Options, RefuseWhatIsOutOfRangeNamingFieldValueAndRange) {
  EXPECT_EQ(problem(Options().temperature(9)), "temperature is 9; it must be from 0 to 2");
  EXPECT_EQ(problem(Options().temperature(-1)), "temperature is -1; it must be from 0 to 2");
  EXPECT_EQ(problem(Options().temperature(std::nan(""))), "temperature is nan; it must be from 0 to 2");
  EXPECT_EQ(problem(Options().max_tokens(0)), "max_tokens is 0; it must be from 1 to 2147483647 tokens");
  EXPECT_EQ(problem(Options().timeout(-1ms)), "timeout is -0.001; it must be from 0 to 2592000 seconds");
  EXPECT_EQ(problem(Options().logit_bias({{5, 200.0}})), "logit_bias is 200; it must be from -100 to 100");
  EXPECT_EQ(problem(Options().logit_bias({{-5, 1.0}})), "logit_bias names token -5; token ids start at 0");
  EXPECT_EQ(problem(Options().top_p(std::numeric_limits<double>::infinity())), "top_p is inf; it must be from 0 to 1");
}

TEST(Options, CheckEveryRangeOfTheTableAtBothEnds) {
  int ranges = 0;
  for (const OptionField& field : Options::fields()) {
    if (field.min == 0 && field.max == 0) continue;
    ++ranges;
    const bool biased = field.kind == OptionKind::biases;
    const auto with = [&](double value) {
      const bool whole = field.kind == OptionKind::integer;
      const std::string number = whole ? std::to_string(static_cast<std::int64_t>(value)) : std::to_string(value);
      Options options;
      EXPECT_TRUE(options.set(field.name, biased ? "1=" + number : number)) << field.name;
      return problem(options);
    };
    EXPECT_EQ(with(field.min), "") << field.name;
    EXPECT_EQ(with(field.max), "") << field.name;
    EXPECT_NE(with(field.min - 1), "") << field.name;
    EXPECT_NE(with(field.max + 1), "") << field.name;
  }
  EXPECT_GT(ranges, 10);
}

TEST(Options, RefuseTextsThatCannotWork) {
  EXPECT_EQ(problem(Options().stop({""})), "stop holds an empty string; leave it out instead");
  EXPECT_EQ(problem(Options().extra_body("[1]")),
            "extra_body is JSON, but not an object; it must be one object, like {\"name\": 1}");
  EXPECT_EQ(problem(Options().extra_body("{")),
            "extra_body is not valid JSON; it must be one object, like {\"name\": 1}");
  EXPECT_EQ(problem(Options().extra_headers({{"a b", "c"}})), "extra_headers has 'a b', which is no header name");
  const std::string refused = problem(Options().extra_headers({{"X-Key", "secret\r\nX-Evil: 1"}}));
  EXPECT_EQ(refused, "extra_headers: the value of 'X-Key' holds a control character");
}

TEST(Options, AreSetByNameFromText) {
  Options options;
  EXPECT_TRUE(options.set("temperature", "0.5"));
  EXPECT_TRUE(options.set("stop", "one"));
  EXPECT_TRUE(options.set("stop", "two"));
  EXPECT_TRUE(options.set("logit_bias", "12=-3.5"));
  EXPECT_TRUE(options.set("extra_headers", "X-Trace:  7 "));
  EXPECT_TRUE(options.set("idle_timeout", "1.25"));
  EXPECT_TRUE(options.set("strict", "yes"));
  EXPECT_EQ(options.to_json(),
            R"({"temperature":0.5,"stop":["one","two"],"logit_bias":{"12":-3.5},"extra_headers":{"X-Trace":"***"},)"
            R"("idle_timeout":1.25,"strict":true})");
}

TEST(Options, ExplainTextThatDoesNotFit) {
  Options options;
  const auto message = [&](const char* name, const char* text) {
    const auto outcome = options.set(name, text);
    return outcome ? std::string() : outcome.error().message;
  };
  EXPECT_EQ(message("temperature", "warm"), "temperature is 'warm'; it must be a number");
  EXPECT_EQ(message("max_tokens", "1.5"), "max_tokens is '1.5'; it must be a whole number");
  EXPECT_EQ(message("strict", "maybe"), "strict is 'maybe'; it must be true or false");
  EXPECT_EQ(message("timeout", "soon"), "timeout is 'soon'; it must be a number of seconds");
  EXPECT_EQ(message("logit_bias", "x"), "logit_bias is 'x'; it must be TOKEN_ID=BIAS");
  EXPECT_EQ(message("temprature", "1"), "there is no option 'temprature'; did you mean 'temperature'?");
  EXPECT_EQ(message("zzz", "1"), "there is no option 'zzz'");
  // A header without a colon may be a key pasted by mistake.
  EXPECT_EQ(message("extra_headers", "sk-secret"), "extra_headers must be 'Name: value'");
}

}  // namespace
}  // namespace abstractllm
