// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/batch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "support/async_calls.hpp"

namespace abstractllm {
namespace {

using test::LoopbackConnection;
using test::LoopbackServer;
using test::model_at;

/// Answers with the last word of the question; fails for "bad". Counts the requests under way.
class EchoServer {
 public:
  explicit EchoServer(std::chrono::milliseconds delay = {})
      : server_([this, delay](LoopbackConnection& connection) { return answer(connection, delay); }) {}

  const LoopbackServer& server() const { return server_; }
  int most_at_once() const { return most_; }
  int requests() const { return requests_; }

 private:
  bool answer(LoopbackConnection& connection, std::chrono::milliseconds delay) {
    ++requests_;
    const int now = ++now_;
    for (int most = most_; now > most && !most_.compare_exchange_weak(most, now);) {
    }
    std::this_thread::sleep_for(delay);
    --now_;
    const std::string& body = connection.body();
    if (body.find("bad") != std::string::npos)
      return connection.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    const std::size_t end = body.find("\"}]");
    const std::size_t begin = body.rfind(' ', end) + 1;
    return connection.send(test::http_answer(test::chat_body(body.substr(begin, end - begin)), "application/json"));
  }

  std::atomic<int> requests_ = 0;
  std::atomic<int> now_ = 0;
  std::atomic<int> most_ = 0;
  LoopbackServer server_;
};

BatchOptions at_most(int calls, BatchOrder order = BatchOrder::input) {
  BatchOptions options;
  options.max_in_flight = calls;
  options.order = order;
  return options;
}

std::vector<std::string> questions(int count) {
  std::vector<std::string> prompts;
  for (int i = 0; i < count; ++i) prompts.push_back("question " + std::to_string(i));
  return prompts;
}

TEST(Batch, GivesAnswersInTheOrderOfTheQuestionsAndGoesOnAfterFailures) {
  const EchoServer echo;
  std::vector<std::string> prompts = questions(60);
  prompts[7] = "a bad one";
  std::size_t at = 0;
  for (const BatchResult& result : model_at(echo.server()).generate_many(prompts, {}, at_most(8))) {
    EXPECT_EQ(result.index, at);
    if (at == 7) EXPECT_EQ(result.outcome.error().kind, ErrorKind::invalid_argument);
    else EXPECT_EQ(result.outcome.value().text, std::to_string(at));
    ++at;
  }
  EXPECT_EQ(at, 60U);
  EXPECT_LE(echo.most_at_once(), 8);
}

TEST(Batch, TakesQuestionsOnlyWhenTheirTurnComes) {
  const EchoServer echo;
  int made = 0;
  const auto make = [&]() -> std::optional<BatchItem> {
    if (made == 50) return std::nullopt;
    return BatchItem("number " + std::to_string(made++), Options().temperature(0.5));
  };
  Batch batch = model_at(echo.server()).generate_many(make, {}, at_most(4));
  EXPECT_EQ(made, 0) << "nothing happens before the first result is asked for";
  ASSERT_EQ(batch.next()->outcome->text, "0");
  EXPECT_LE(made, 4 * 4 + 1);
  int results = 1;
  while (batch.next()) ++results;
  EXPECT_EQ(results, 50);
  EXPECT_FALSE(batch.next());
}

TEST(Batch, GivesWhatComesFirstWhenOrderDoesNotMatter) {
  const EchoServer echo(std::chrono::milliseconds(1));
  std::vector<std::size_t> seen;
  Batch batch = model_at(echo.server()).generate_many(questions(40), {}, at_most(10, BatchOrder::finished));
  while (auto result = batch.next()) {
    EXPECT_EQ(result->outcome->text, std::to_string(result->index));
    seen.push_back(result->index);
  }
  std::sort(seen.begin(), seen.end());
  ASSERT_EQ(seen.size(), 40U);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], i);
}

TEST(Batch, AStopEndsWhatIsUnderWayAndAsksNothingMore) {
  const EchoServer echo(std::chrono::milliseconds(2));
  std::stop_source stop;
  Batch batch =
      model_at(echo.server()).generate_many(questions(1000), Options().stop_token(stop.get_token()), at_most(4));
  ASSERT_TRUE(batch.next()->outcome);
  stop.request_stop();
  int cancelled = 0;
  while (auto result = batch.next())
    cancelled += !result->outcome && result->outcome.error().kind == ErrorKind::cancelled;
  EXPECT_GT(cancelled, 0);
  EXPECT_LT(echo.requests(), 40);
}

TEST(Batch, MayBeDroppedInTheMiddle) {
  const EchoServer echo(std::chrono::milliseconds(1));
  Batch batch = model_at(echo.server()).generate_many(questions(1000), {}, at_most(16));
  ASSERT_TRUE(batch.next());
  { const Batch dropped = std::move(batch); }
  EXPECT_LT(echo.requests(), 200);
}

TEST(Batch, AnEmptyOneEndsAtOnce) {
  const EchoServer echo;
  EXPECT_FALSE(model_at(echo.server()).generate_many(std::vector<std::string>()).next());
}

TEST(Batch, ReadsQuestionsFromJson) {
  EXPECT_EQ(batch_item_from_json(R"("hi")")->messages.at(0).text(), "hi");
  const auto item = batch_item_from_json(
      R"({"messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}],"id":[1],)"
      R"("options":{"max_tokens":5,"stop":["a","b"],"logit_bias":{"7":-1.5},"extra_body":{"k":[1]},"model":"m"}})");
  ASSERT_TRUE(item) << item.error().message;
  EXPECT_EQ(item->messages.size(), 2U);
  EXPECT_EQ(item->id_json, "[1]");
  EXPECT_EQ(item->options.max_tokens(), 5);
  EXPECT_EQ(item->options.stop(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(item->options.logit_bias(), (option_kind::biases{{7, -1.5}}));
  EXPECT_EQ(item->options.extra_body(), R"({"k":[1]})");
  EXPECT_EQ(item->options.model(), "m");
  for (const char* wrong :
       {"", "3", "[]", "{}", R"({"prompt":1})", R"({"prompt":"a","messages":[]})", R"({"prompt":"a","options":[]})",
        R"({"prompt":"a","options":{"nope":1}})", R"({"prompt":"a","why":1})", R"({"prompt":"a")"}) {
    const auto refused = batch_item_from_json(wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid_argument) << wrong;
  }
}

}  // namespace
}  // namespace abstractllm
