// SPDX-License-Identifier: Apache-2.0
//
// Calls over real sockets, to a server in this process. Bad servers are in tests/cli/test_network.py.
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <thread>

#include "abstractllm/abstractllm.hpp"
#include "abstractllm/testing.hpp"
#include "support/async_calls.hpp"
#include "support/threads.hpp"

namespace abstractllm {
namespace {

using test::answer;
using test::LoopbackConnection;
using test::LoopbackServer;
using test::model_at;
using test::threads_of_this_process;

TEST(Http, CallsOneAfterTheOtherShareOneConnection) {
  LoopbackServer server(answer);
  const Llm model = model_at(server);
  for (int call = 0; call < 500; ++call) ASSERT_EQ(model.generate("Hi").value().text, "Paris.");
  EXPECT_EQ(server.connections(), 1);
  Stream stream = model.stream("Hi");
  std::string text;
  for (const StreamEvent& event : stream)
    if (const auto* delta = std::get_if<TextDelta>(&event)) text += delta->text;
  EXPECT_EQ(text, "Paris.");
  EXPECT_EQ(server.connections(), 1) << "a stream that was read to its end gives its connection back";
  EXPECT_EQ(model_at(server).generate("Hi")->text, "Paris.");
  EXPECT_EQ(server.connections(), 1) << "the pool is that of the process, not of one handle";
}

TEST(Http, ABlockingCallStartsNoThread) {
  LoopbackServer server(answer);
  const Llm model = model_at(server);
  ASSERT_TRUE(model.generate("Hi"));  // the server's own thread for the connection is there now
  const std::ptrdiff_t before = threads_of_this_process();
  std::ptrdiff_t during = 0;
  for (const StreamEvent& event : model.stream("Hi")) {
    (void)event;
    during = std::max(during, threads_of_this_process());
  }
  EXPECT_EQ(during, before);
}

TEST(Http, ThreadsDoNotDisturbEachOther) {
  LoopbackServer server(answer);
  const Llm model = model_at(server);
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int call = 0; call < 20; ++call) right += model.generate("Hi")->text == "Paris.";
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 160);
  EXPECT_LE(server.connections(), 9) << "no more connections than calls at once";
}

TEST(Http, AConnectionThatTheServerClosedMeanwhileIsNoFailure) {
  LoopbackServer server([](LoopbackConnection& connection) {
    answer(connection);
    return false;
  });
  const Llm model = model_at(server, Options().max_retries(0));
  for (int call = 0; call < 5; ++call) {
    const Result<Response> response = model.generate("Hi");
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->timing.attempts, 1);
    server.wait_until_all_closed();
  }
}

TEST(Http, AStopFromAnotherThreadEndsASilentCall) {
  for (const char* said : {"", test::stream_head}) {
    std::atomic<bool> reached = false;
    LoopbackServer server([&](LoopbackConnection& connection) {
      connection.send(said);
      reached = true;
      connection.wait_closed();
      return false;
    });
    std::stop_source stop;
    std::thread stopper([&] {
      while (!reached) std::this_thread::yield();
      stop.request_stop();
    });
    const Result<Response> response = model_at(server).generate("Hi", Options().stop_token(stop.get_token()));
    stopper.join();
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().kind, ErrorKind::cancelled);
    EXPECT_EQ(response.error().attempts, 1);
    server.wait_until_all_closed();
  }
}

Task<bool> first_of(Stream& stream) {
  auto event = co_await stream.next_async();
  co_return event ? event->has_value() : false;
}

bool answer_or_fall_silent(LoopbackConnection& connection) {
  if (connection.body().find("silent") == std::string::npos) return answer(connection);
  connection.send(test::stream_head + test::chat_stream({"a", "b"}).substr(0, 200));
  connection.wait_closed();
  return false;
}

TEST(Http, ADroppedStreamClosesItsConnectionAndNoOther) {
  LoopbackServer server(answer_or_fall_silent);
  const Llm model = model_at(server);
  for (int call = 0; call < 10; ++call) {
    Stream stream = model.stream("silent");
    ASSERT_TRUE(stream.next());
  }
  server.wait_until_all_closed();
  EXPECT_EQ(model.generate("Hi")->text, "Paris.");
}

TEST(Http, AProgramStartedMeanwhileKeepsNoConnectionOpen) {
  LoopbackServer server(answer_or_fall_silent);
  const Llm model = model_at(server);
  pid_t child = 0;
  {
    Stream blocking = model.stream("silent");
    ASSERT_TRUE(blocking.next());
    Stream looped = model.stream("silent");
    ASSERT_TRUE(sync_wait(first_of(looped)));
    std::string name = "sleep", seconds = "20";
    std::array<char*, 3> words = {name.data(), seconds.data(), nullptr};
    ASSERT_EQ(posix_spawnp(&child, words[0], nullptr, nullptr, words.data(), environ), 0);
  }
  server.wait_until_all_closed();
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "only its end has closed them";
}

TEST(Http, EveryProtocolRunsOverTheSameWire) {
  struct Row {
    const char* provider;
    const char* protocol;
  };
  for (const auto& [provider, protocol] : {Row{"openai", "openai_responses"}, Row{"openai", "openai_chat"},
                                           Row{"anthropic", "anthropic_messages"}, Row{"ollama", "ollama_chat"}})
    for (const Delivery delivery : {Delivery::stream, Delivery::body}) {
      std::string bytes;
      const Reply reply = text_reply(protocol, "The quick fox.", delivery).value();
      for (const std::string& piece : reply.pieces) bytes += piece;
      LoopbackServer server([&](LoopbackConnection& connection) { return connection.send(test::http_answer(bytes)); });
      const Options options = Options().api_key("k").model("m").protocol(protocol).base_url(server.url());
      const Llm model = create_llm(provider, options).value();
      if (delivery == Delivery::body) {
        EXPECT_EQ(model.generate("Hi")->text, "The quick fox.") << protocol;
        continue;
      }
      Stream stream = model.stream("Hi");
      while (stream.next().value()) continue;
      EXPECT_EQ(stream.response().text, "The quick fox.") << protocol;
      EXPECT_EQ(stream.response().finish_reason, FinishReason::stop) << protocol;
    }
}

}  // namespace
}  // namespace abstractllm
