// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/options.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

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
  // This sets each row of the table once, so that over() cannot forget one.
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

TEST(Options, AreAFewPointersWideAndShareWhatIsSet) {
  static_assert(sizeof(Options) <= 4 * sizeof(void*));
  static_assert(std::is_nothrow_copy_constructible_v<Options> && std::is_nothrow_move_constructible_v<Options>);
  const Options first = Options().model("mine").temperature(0.5);
  Options second = first;
  EXPECT_EQ(&first.model(), &second.model()) << "one value for both";
  second.model("yours").stop({"x"});
  EXPECT_EQ(first.to_json(), R"({"model":"mine","temperature":0.5})");
  EXPECT_EQ(second.to_json(), R"({"model":"yours","temperature":0.5,"stop":["x"]})");
  const auto* const kept = &second.model();
  second.temperature(1);
  EXPECT_EQ(&second.model(), kept) << "nobody shares them, so nothing is copied";
}

TEST(Options, AreCopiedAndMovedAsValues) {
  Options first = Options().model("mine");
  Options moved = std::move(first);
  EXPECT_EQ(moved.model(), "mine");
  EXPECT_EQ(first.to_json(), "{}");  // NOLINT(bugprone-use-after-move): empty, and may be used
  first.model("again");
  EXPECT_EQ(moved.model(), "mine");
  Options& same = moved;
  moved = same;
  EXPECT_EQ(moved.model(), "mine");
  moved = first;
  first.model("other");
  EXPECT_EQ(moved.model(), "again");
  EXPECT_EQ(moved.model(*moved.model() + "!").model(), "again!");
}

TEST(Options, GiveOneSideAsItIsWhereTheOtherHasNothingSet) {
  const Options set = Options().model("mine");
  std::stop_source stop;
  const Options only_a_token = Options().stop_token(stop.get_token());
  EXPECT_EQ(&Options().over(set).model(), &set.model());
  EXPECT_EQ(&set.over(Options()).model(), &set.model());
  EXPECT_EQ(&only_a_token.over(set).model(), &set.model());
  EXPECT_EQ(only_a_token.over(set).stop_token(), stop.get_token());
  EXPECT_EQ(&set.over(only_a_token).model(), &set.model());
  EXPECT_EQ(&set.over(set).model(), &set.model());
  EXPECT_EQ(&Options().temperature(0).over(set).model(), &set.model()) << "texts are never copied";
}

TEST(Options, MayBeCopiedAndChangedByManyThreads) {
  const Options shared = Options().model("mine").stop({"a"});
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i, mine = shared]() mutable {
      for (int n = 0; n < 200; ++n) {
        Options copy = n % 2 == 0 ? shared : mine;
        copy.seed(i).model(*copy.model() + "!");
        mine.seed(n);
        right += copy.model() == "mine!" && mine.model() == "mine" && mine.seed() == n;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 800);
  EXPECT_EQ(shared.to_json(), R"({"model":"mine","stop":["a"]})");
}

/// Another thread reads a copy and releases it. Then the last owner changes the values in place.
TEST(Options, AreChangedInPlaceOnlyAfterTheOthersHaveReadThem) {
  for (int round = 0; round < 100; ++round) {
    Options mine = Options().seed(round);
    std::int64_t read = -1;
    std::thread reader([copy = mine, &read]() mutable {
      read = *copy.seed();
      copy = Options();
    });
    mine.seed(1000).seed(1001);
    reader.join();
    EXPECT_EQ(read, round);
    EXPECT_EQ(mine.seed(), 1001);
  }
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
  EXPECT_EQ(problem(Options().extra_headers({{"a b", "c"}})), "extra_headers has 'a b', which is not a header name");
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
