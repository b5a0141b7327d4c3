// SPDX-License-Identifier: Apache-2.0
//
// The operations besides chat, over HTTP: whole and asynchronous, a thousand at once, cancelled.
#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "support/async_calls.hpp"
#include "support/pictures.hpp"
#include "support/threads.hpp"

namespace abstractllm {
namespace {

using namespace test;
using namespace std::chrono_literals;

/// Anthropic's listing in three pages, and its count; Ollama's description. Counts what it was asked.
class Operations {
 public:
  bool answer(LoopbackConnection& connection) {
    const std::string path = connection.path();
    const std::string body = answer_to(path);
    note(path);
    return connection.send(body.empty() ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
                                        : http_answer(body, "application/json"));
  }
  int asked(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return asked_[path];
  }

 private:
  static std::string answer_to(const std::string& path) {
    if (path == "/v1/models")
      return R"({"data":[{"id":"a","display_name":"A","max_input_tokens":5}],"has_more":true,"last_id":"a/1"})";
    if (path == "/v1/models?after_id=a%2F1") return R"({"data":[{"id":"b"}],"has_more":true,"last_id":"b"})";
    if (path == "/v1/models?after_id=b") return R"({"data":[{"id":"c"}],"has_more":false,"last_id":"c"})";
    if (path == "/v1/messages/count_tokens") return R"({"input_tokens":42})";
    if (path == "/cat.png") return testing_support::png(2, 2);
    if (path == "/api/chat")
      return R"({"model":"m","message":{"role":"assistant","content":"A cat."},"done":true,"done_reason":"stop"})";
    if (path == "/api/show") return R"({"capabilities":["completion","vision"]})";
    return {};
  }
  void note(const std::string& path) {
    const std::lock_guard lock(mutex_);
    ++asked_[path];
  }

  std::mutex mutex_;
  std::map<std::string, int> asked_;
};

class OperationsTest : public ::testing::Test {
 protected:
  Options at_server(const LoopbackServer& to) const {
    return Options().base_url(to.url()).api_key("sk-test").model("m").max_retries(0);
  }
  Llm anthropic() const { return create_llm("anthropic", at_server(server)).value(); }
  Llm ollama() const { return create_llm("ollama", at_server(server)).value(); }

  Operations operations;
  LoopbackServer server{[this](LoopbackConnection& connection) { return operations.answer(connection); }};
};

void expect_three_models(const Result<std::vector<ModelInfo>>& models) {
  ASSERT_TRUE(models) << models.error().message;
  ASSERT_EQ(models->size(), 3u);
  EXPECT_EQ((*models)[0].id, "a");
  EXPECT_EQ((*models)[0].description, "A");
  EXPECT_EQ((*models)[0].context_tokens, 5);
  EXPECT_EQ((*models)[1].id, "b");
  EXPECT_EQ((*models)[2].id, "c");
}

TEST_F(OperationsTest, AListingHasAllItsPagesWholeAndAsynchronously) {
  expect_three_models(list_models("anthropic", at_server(server)));
  expect_three_models(list_models_async("anthropic", at_server(server)).wait());
  EXPECT_EQ(operations.asked("/v1/models?after_id=b"), 2);
}

TEST_F(OperationsTest, AModelIsDescribedAndTokensAreCountedWholeAndAsynchronously) {
  EXPECT_EQ(ollama().capabilities()->vision, true);
  EXPECT_EQ(ollama().capabilities_async().wait()->vision, true);
  EXPECT_EQ(*anthropic().count_tokens("Hi"), 42);
  EXPECT_EQ(*anthropic().count_tokens_async({Message::user("Hi")}).wait(), 42);
}

TEST_F(OperationsTest, AnAnswerCanBeAwaitedTwice) {
  Pending<std::vector<ModelInfo>> listing = list_models_async("anthropic", at_server(server));
  expect_three_models(listing.wait());
  expect_three_models(listing.wait());
}

TEST_F(OperationsTest, OptionsAreCheckedBeforeAnythingIsSent) {
  const Options wrong = Options().max_retries(-7);
  EXPECT_EQ(ollama().capabilities(wrong).error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(ollama().preload(wrong).error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(ollama().list_models(wrong).error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(anthropic().count_tokens("Hi", wrong).error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(operations.asked("/api/show"), 0);
}

Task<void> ask_in_turn(const Llm& anthropic, const Llm& ollama, const Options& options, std::string& found) {
  const auto models = co_await list_models_async("anthropic", options);
  const auto sees = co_await ollama.capabilities_async();
  const std::vector<Message> messages = {Message::user("Hi")};  // GCC 12 has no lists within co_await
  const auto count = co_await anthropic.count_tokens_async(messages);
  found =
      std::to_string(models->size()) + (sees->vision.value_or(false) ? " sees " : " blind ") + std::to_string(*count);
}

TEST_F(OperationsTest, CanBeAwaited) {
  std::string found;
  const Llm asked = anthropic();
  const Llm other = ollama();
  sync_wait(ask_in_turn(asked, other, at_server(server), found));
  EXPECT_EQ(found, "3 sees 42");
}

TEST_F(OperationsTest, AThousandOfEachRunAtOnceOnOneThread) {
  constexpr int many = 1000;
  const Options options = at_server(server).max_connections_per_host(50);
  const Llm counting = anthropic();
  const Llm describing = ollama();
  (void)list_models_async("anthropic", options).wait();  // the loop has its thread now
  const std::ptrdiff_t threads = threads_of_this_process();
  std::vector<Pending<std::vector<ModelInfo>>> listings;
  std::vector<Pending<Capabilities>> descriptions;
  std::vector<Pending<std::int64_t>> counts;
  std::vector<PendingResponse> pictures;
  for (int i = 0; i < many; ++i) {
    listings.push_back(list_models_async("anthropic", options));
    descriptions.push_back(describing.capabilities_async(Options().max_connections_per_host(50)));
    counts.push_back(counting.count_tokens_async({Message::user("Hi")}, Options().max_connections_per_host(50)));
    pictures.push_back(describing.generate_async(
        "What is it?", Options().max_connections_per_host(50).image(server.url() + "/cat.png")));
  }
  // The server has a thread for each connection; of ours there are no more than before.
  EXPECT_LE(threads_of_this_process(), threads + server.connections());
  for (auto& listing : listings) expect_three_models(listing.wait());
  for (auto& description : descriptions) EXPECT_EQ(description.wait()->vision, true);
  for (auto& count : counts) EXPECT_EQ(*count.wait(), 42);
  for (auto& picture : pictures) EXPECT_EQ(picture.wait()->text, "A cat.");
  EXPECT_EQ(operations.asked("/cat.png"), many);
}

TEST(Operations, AreCancelledByAStopTokenAndByDroppingThem) {
  std::atomic<int> waiting = 0;
  LoopbackServer silent([&](LoopbackConnection& connection) {
    ++waiting;
    connection.wait_closed();
    return false;
  });
  std::stop_source stop;
  const Options options = Options().base_url(silent.url()).api_key("k").model("m").stop_token(stop.get_token());
  const Llm model = create_llm("anthropic", options).value();
  const Llm other = create_llm("ollama", options).value();
  auto listing = list_models_async("anthropic", options);
  auto count = model.count_tokens_async({Message::user("Hi")});
  auto description = other.capabilities_async();
  auto picture = other.generate_async("What is it?", Options().image(silent.url() + "/cat.png"));
  { const auto dropped = list_models_async("anthropic", options); }
  while (waiting < 4) std::this_thread::yield();
  stop.request_stop();
  EXPECT_EQ(listing.wait().error().kind, ErrorKind::cancelled);
  EXPECT_EQ(count.wait().error().kind, ErrorKind::cancelled);
  EXPECT_EQ(description.wait().error().kind, ErrorKind::cancelled);
  EXPECT_EQ(picture.wait().error().kind, ErrorKind::cancelled);
  silent.wait_until_all_closed();
}

TEST(Operations, ErrorsSayWhoWasAskedAndHoldNoKey) {
  LoopbackServer server([](LoopbackConnection& connection) {
    const std::string body = R"({"error":{"message":"bad key sk-secret-1234"}})";
    return connection.send("HTTP/1.1 401 Unauthorized\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                           body);
  });
  const Options options = Options().base_url(server.url()).api_key("sk-secret-1234").model("m");
  for (const auto& models : {list_models("anthropic", options), list_models_async("anthropic", options).wait()}) {
    ASSERT_FALSE(models);
    EXPECT_EQ(models.error().kind, ErrorKind::authentication);
    EXPECT_EQ(models.error().provider, "anthropic");
    EXPECT_EQ(models.error().http_status, 401);
    EXPECT_EQ(models.error().provider_message.find("sk-secret-1234"), std::string::npos);
  }
}

TEST(Operations, AListingThatNeverEndsIsAnError) {
  LoopbackServer server([](LoopbackConnection& connection) {
    return connection.send(http_answer(R"({"data":[{"id":"a"}],"has_more":true,"last_id":"a"})", "application/json"));
  });
  const auto models = list_models("anthropic", Options().base_url(server.url()).api_key("k").model("m").max_retries(0));
  ASSERT_FALSE(models);
  EXPECT_EQ(models.error().kind, ErrorKind::protocol);
  EXPECT_NE(models.error().message.find("does not come to an end"), std::string::npos);
}

TEST(Operations, WhatAProviderCannotDoIsSaidBeforeAnythingIsSent) {
  const Llm model = create_llm("openai_compatible", Options().base_url("http://127.0.0.1:1/v1").model("m")).value();
  EXPECT_EQ(model.count_tokens("Hi").error().kind, ErrorKind::unsupported);
  EXPECT_EQ(model.count_tokens_async({Message::user("Hi")}).wait().error().kind, ErrorKind::unsupported);
  const Options chat = Options().base_url("http://127.0.0.1:1/v1").api_key("k").protocol("openai_chat");
  EXPECT_EQ(create_llm("openai", chat)->count_tokens("Hi").error().kind, ErrorKind::unsupported);
  EXPECT_TRUE(model.preload()) << "there is nothing to load";
  EXPECT_TRUE(model.preload_async().wait());
  EXPECT_EQ(model.capabilities()->vision, std::nullopt);
}

}  // namespace
}  // namespace abstractllm
