// SPDX-License-Identifier: Apache-2.0
//
// Vectors and rankings over HTTP: whole and asynchronous, many texts in several requests, cancelled, failing.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <mutex>

#include "base/json.hpp"
#include "support/async_calls.hpp"

namespace abstractllm {
namespace {

using namespace test;
using namespace std::chrono_literals;

/// Answers each text N with the vector (N, 1), the last text first.
class NumberServer {
 public:
  bool answer(LoopbackConnection& connection) {
    const Json body = parse_json(connection.body(), "the request").value();
    const bool ollama = connection.path() == "/api/embed";
    Json answer = Json::object();
    Json data = Json::array();
    const Json& input = body["input"];
    for (std::size_t at = input.size(); at-- > 0;) {
      const auto text = input[at].get<std::string>();
      const double number = std::atof(text.c_str() + text.find_first_of("0123456789"));
      data.push_back({{"index", at}, {"embedding", {number, 1}}});
    }
    answer["model"] = "numbers";
    if (ollama) {
      answer["embeddings"] = Json::array();
      for (std::size_t at = data.size(); at-- > 0;) answer["embeddings"].push_back(data[at]["embedding"]);
      answer["prompt_eval_count"] = input.size();
    } else {
      answer["data"] = std::move(data);
      answer["usage"]["prompt_tokens"] = input.size();
    }
    note(input.size(), connection.body());
    if (fail_at_ != 0 && requests() == fail_at_) return connection.send(too_long());
    return connection.send(http_answer(dump_json(answer), "application/json"));
  }
  static std::string too_long() {
    const std::string body = R"({"error":{"message":"This model's maximum context length is 8192 tokens"}})";
    return "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
  }
  void fail_at(std::size_t request) { fail_at_ = request; }
  std::size_t requests() {
    const std::lock_guard lock(mutex_);
    return sizes_.size();
  }
  std::vector<std::size_t> sizes() {
    const std::lock_guard lock(mutex_);
    return sizes_;
  }
  std::string last_body() {
    const std::lock_guard lock(mutex_);
    return last_body_;
  }

 private:
  void note(std::size_t size, const std::string& body) {
    const std::lock_guard lock(mutex_);
    sizes_.push_back(size);
    last_body_ = body;
  }

  std::mutex mutex_;
  std::vector<std::size_t> sizes_;
  std::string last_body_;
  std::atomic<std::size_t> fail_at_ = 0;
};

class EmbeddingsTest : public ::testing::Test {
 protected:
  Options at(const char* path) const {
    return Options().base_url(server.url() + path).api_key("sk-test").model("numbers").max_retries(0);
  }
  Llm openai() const { return create_llm("openai", at("/v1")).value(); }
  Llm gemini() const { return create_llm("gemini", at("/v1")).value(); }
  Llm ollama() const { return create_llm("ollama", at("")).value(); }

  NumberServer numbers;
  LoopbackServer server{[this](LoopbackConnection& connection) { return numbers.answer(connection); }};
};

std::vector<std::string> texts_up_to(std::size_t count) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) texts.push_back(std::to_string(i));
  return texts;
}

void expect_numbers(const Result<Embeddings>& embeddings, std::size_t count) {
  ASSERT_TRUE(embeddings) << embeddings.error().message;
  ASSERT_EQ(embeddings->size(), count);
  ASSERT_EQ(embeddings->dimensions(), 2u);
  for (std::size_t i = 0; i < count; ++i) ASSERT_EQ((*embeddings)[i][0], static_cast<float>(i));
  EXPECT_EQ(embeddings->usage.input_tokens, TokenCount(static_cast<std::int64_t>(count)));
  EXPECT_EQ(embeddings->model, "numbers");
}

TEST_F(EmbeddingsTest, OneTextAndSeveral) {
  expect_numbers(openai().embed("0"), 1);
  expect_numbers(openai().embed({"0", "1"}), 2);
  expect_numbers(openai().embed({"0", std::string("1"), "2"}), 3);
  expect_numbers(openai().embed(std::string("0")), 1);
  expect_numbers(ollama().embed({"0", "1"}), 2);
  EXPECT_EQ(openai().embed("0")->provider, "openai");
}

TEST_F(EmbeddingsTest, TenThousandTextsKeepTheirOrderInBothForms) {
  const auto texts = texts_up_to(10000);
  expect_numbers(openai().embed(texts), 10000);
  EXPECT_EQ(numbers.sizes(), (std::vector<std::size_t>{2048, 2048, 2048, 2048, 1808}));
  expect_numbers(openai().embed_async(texts).wait(), 10000);
  EXPECT_EQ(numbers.requests(), 10u);
  expect_numbers(gemini().embed(texts_up_to(201)), 201);
  EXPECT_EQ(numbers.sizes().back(), 1u);
  expect_numbers(ollama().embed_async(texts_up_to(300)).wait(), 300);
}

Task<void> embed_twice(const Llm& model, std::size_t& found) {
  const auto two = co_await model.embed_async({"0", "1"});
  const auto one = co_await model.embed_async("0");
  found = two->size() + one->size();
}

TEST_F(EmbeddingsTest, CanBeAwaited) {
  std::size_t found = 0;
  const Llm model = openai();
  sync_wait(embed_twice(model, found));
  EXPECT_EQ(found, 3u);
}

TEST_F(EmbeddingsTest, ARequestHasNoMoreTokensThanTheProviderTakes) {
  std::vector<std::string> texts;
  for (int i = 0; i < 4; ++i) texts.push_back(std::to_string(i) + std::string(100000, ' '));
  texts.insert(texts.begin() + 2, "7" + std::string(400000, ' '));
  ASSERT_TRUE(openai().embed(texts));
  // The one that is too long by itself is sent alone.
  EXPECT_EQ(numbers.sizes(), (std::vector<std::size_t>{2, 1, 2}));
}

TEST_F(EmbeddingsTest, WithoutTextsNothingIsSent) {
  const auto none = openai().embed(std::vector<std::string>());
  ASSERT_TRUE(none) << none.error().message;
  EXPECT_EQ(none->size(), 0u);
  EXPECT_EQ(none->dimensions(), 0u);
  EXPECT_TRUE(none->values().empty());
  EXPECT_TRUE(openai().embed_async({}).wait()->empty());
  EXPECT_EQ(numbers.requests(), 0u);
}

TEST_F(EmbeddingsTest, AFailureOfOneRequestFailsTheCallAndNamesItsTexts) {
  numbers.fail_at(2);
  const auto failed = openai().embed(texts_up_to(5000));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::context_length) << failed.error().message;
  EXPECT_NE(failed.error().message.find("texts 2048 to 4095 of 5000"), std::string::npos) << failed.error().message;
  EXPECT_EQ(failed.error().provider, "openai");
  EXPECT_EQ(numbers.requests(), 2u) << "nothing is sent after the failure";
}

TEST_F(EmbeddingsTest, VectorsHaveLength1WhereThatIsAskedFor) {
  const auto plain = openai().embed("3");
  const auto unit = openai().embed("3", Options().normalize(true));
  ASSERT_TRUE(unit) << unit.error().message;
  EXPECT_EQ((*plain)[0][0], 3.0f);
  EXPECT_NEAR((*unit)[0][0], 3 / std::sqrt(10.0), 1e-6);
  EXPECT_NEAR((*unit)[0][1], 1 / std::sqrt(10.0), 1e-6);
}

TEST_F(EmbeddingsTest, AServerThatIgnoresDimensionsIsAnError) {
  const auto failed = openai().embed("0", Options().dimensions(5));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::unsupported);
  EXPECT_NE(failed.error().message.find("2 dimensions, and not 5"), std::string::npos) << failed.error().message;
  EXPECT_TRUE(openai().embed("0", Options().dimensions(2)));
}

TEST_F(EmbeddingsTest, AKindBecomesThePrefixOfAKnownModel) {
  const Llm model = create_llm("openai_compatible", at("/v1").model("e5-small")).value();
  const auto embedded = model.embed("1", Options().embedding_kind("query"));
  ASSERT_TRUE(embedded) << embedded.error().message;
  EXPECT_TRUE(embedded->warnings.empty());
  EXPECT_NE(numbers.last_body().find(R"("query: 1")"), std::string::npos) << numbers.last_body();
  const Llm other = create_llm("openai_compatible", at("/v1")).value();
  const auto warned = other.embed("1", Options().embedding_kind("query"));
  ASSERT_TRUE(warned) << warned.error().message;
  ASSERT_EQ(warned->warnings.size(), 1u);
  EXPECT_EQ(warned->warnings[0].code, "option_ignored");
  EXPECT_EQ(other.embed("1", Options().embedding_kind("query").strict(true)).error().kind, ErrorKind::unsupported);
  EXPECT_EQ(other.embed("1", Options().embedding_kind("title")).error().kind, ErrorKind::invalid_argument);
}

TEST_F(EmbeddingsTest, OptionsThatAProviderLacksGiveWarnings) {
  const auto vectors = openai().embed("1", Options().normalize(false).context_size(100));
  ASSERT_TRUE(vectors) << vectors.error().message;
  EXPECT_EQ(vectors->warnings.size(), 2u);
  EXPECT_TRUE(openai().embed("1", Options().temperature(1))->warnings.empty()) << "that is for answers";
}

TEST_F(EmbeddingsTest, WhatIsWrongIsSaidBeforeAnythingIsSent) {
  EXPECT_EQ(openai().embed({"1", ""}).error().kind, ErrorKind::invalid_argument);
  EXPECT_NE(openai().embed({"1", ""}).error().message.find("text 1"), std::string::npos);
  auto texts = texts_up_to(3000);
  texts.back() = "\xff";
  EXPECT_NE(openai().embed(texts).error().message.find("text 2999"), std::string::npos);
  EXPECT_EQ(openai().embed("1", Options().dimensions(0)).error().kind, ErrorKind::invalid_argument);
  const Llm anthropic = create_llm("anthropic", at("")).value();
  EXPECT_EQ(anthropic.embed("1").error().kind, ErrorKind::unsupported);
  EXPECT_EQ(anthropic.embed_async("1").wait().error().kind, ErrorKind::unsupported);
  EXPECT_EQ(anthropic.rerank("1", {"2"}).error().kind, ErrorKind::unsupported);
  EXPECT_EQ(ollama().rerank("1", {"2"}).error().kind, ErrorKind::unsupported);
  const Llm chat = create_llm("openai", Options().base_url(server.url()).api_key("k")).value();
  const auto no_model = chat.embed("1");
  EXPECT_EQ(no_model.error().kind, ErrorKind::invalid_argument);
  EXPECT_NE(no_model.error().message.find("text-embedding-3-small"), std::string::npos) << no_model.error().message;
  EXPECT_EQ(numbers.requests(), 0u);
}

TEST(Embeddings, AWrongNumberOfVectorsIsAnError) {
  LoopbackServer server([](LoopbackConnection& connection) {
    return connection.send(http_answer(R"({"data":[{"index":0,"embedding":[1]}]})", "application/json"));
  });
  const Llm model = model_at(server, Options().model("m").max_retries(0));
  const auto failed = model.embed({"1", "2"});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::protocol);
  EXPECT_NE(failed.error().message.find("1 vector for 2 texts"), std::string::npos) << failed.error().message;
}

TEST(Embeddings, AreCancelledByAStopTokenAndByDroppingThem) {
  std::atomic<int> waiting = 0;
  LoopbackServer silent([&](LoopbackConnection& connection) {
    ++waiting;
    connection.wait_closed();
    return false;
  });
  std::stop_source stop;
  const Llm model = model_at(silent, Options().model("m").stop_token(stop.get_token()));
  auto vectors = model.embed_async({"1", "2"});
  auto ranking = model.rerank_async("1", {"2"});
  { const auto dropped = model.embed_async("1"); }
  while (waiting < 2) std::this_thread::yield();
  stop.request_stop();
  EXPECT_EQ(vectors.wait().error().kind, ErrorKind::cancelled);
  EXPECT_EQ(ranking.wait().error().kind, ErrorKind::cancelled);
  EXPECT_EQ(model.embed("1").error().kind, ErrorKind::cancelled);
  silent.wait_until_all_closed();
}

TEST(Embeddings, OneTimeoutLimitsAllRequests) {
  std::atomic<int> asked = 0;
  LoopbackServer server([&](LoopbackConnection& connection) {
    if (++asked == 1)
      return connection.send(http_answer(R"({"data":[{"index":0,"embedding":[1]}]})", "application/json"));
    connection.wait_closed();
    return false;
  });
  Provider provider;
  provider.name = "single";
  provider.protocols = {protocol("openai_chat")};
  provider.base_url = server.url();
  provider.embedding_rules.most_texts = 1;
  const Llm model = create_llm(std::move(provider), Options().timeout(300ms)).value();
  for (const auto& failed : {model.embed({"1", "2"}), model.embed_async({"1", "2"}).wait()}) {
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, ErrorKind::timeout);
    EXPECT_NE(failed.error().message.find("(timeout)"), std::string::npos) << failed.error().message;
  }
}

TEST(Rankings, AreSortedInBothForms) {
  LoopbackServer server([](LoopbackConnection& connection) {
    EXPECT_EQ(connection.path(), "/v1/rerank");
    return connection.send(
        http_answer(R"({"model":"r","results":[{"index":0,"relevance_score":0.1},{"index":1,"relevance_score":0.9}],)"
                    R"("usage":{"total_tokens":7}})",
                    "application/json"));
  });
  const Llm model = model_at(server, Options().model("m").max_retries(0));
  for (const auto& ranking : {model.rerank("q", {"a", "b"}), model.rerank_async("q", {"a", "b"}).wait()}) {
    ASSERT_TRUE(ranking) << ranking.error().message;
    EXPECT_EQ(ranking->documents, (std::vector<RankedDocument>{{1, 0.9}, {0, 0.1}}));
    EXPECT_EQ(ranking->usage.input_tokens, TokenCount(7));
    EXPECT_EQ(ranking->model, "r");
  }
  EXPECT_EQ(model.rerank("q", {"a"}).error().kind, ErrorKind::protocol) << "document 1 was not sent";
  EXPECT_EQ(model.rerank("q", {"a", "b", "c"}).error().kind, ErrorKind::protocol) << "one is missing";
  EXPECT_TRUE(model.rerank("q", {"a", "b", "c"}, Options().extra_body(R"({"top_n":2})")));
  EXPECT_TRUE(model.rerank("q", {})->documents.empty());
}

}  // namespace
}  // namespace abstractllm
