// SPDX-License-Identifier: Apache-2.0
#include <thread>

#include "engine/ask.hpp"

namespace abstractllm::engine_test {
namespace {

/// Endless for a test: it would babble for minutes.
TinyModel roomy() {
  TinyModel model;
  model.context_tokens = 1U << 17U;
  return model;
}

Options one_slot(const TinyModelFile& model) { return model.options().context_size(1 << 17).parallel(1); }

json short_chat(const std::string& prompt = "hi") { return chat(prompt, {{"max_tokens", 4}, {"ignore_eos", true}}); }

TEST(Engine, RunsFourCallsInOneBatch) {
  const TinyModelFile model(roomy());
  auto transport = *make_llama_cpp_transport(model.options().context_size(1 << 17));
  std::vector<std::unique_ptr<Channel>> channels;
  for (int i = 0; i < 4; ++i) channels.push_back(open(*transport, endless("call " + std::to_string(i))));
  // None of them ends: if one had to wait for another it would say nothing.
  std::vector<Reply> replies(channels.size());
  for (const std::size_t pieces : {3U, 6U, 9U}) {
    for (std::size_t i = 0; i < channels.size(); ++i) {
      read_until(*channels[i], replies[i], [pieces](const Reply& so_far) { return so_far.pieces.size() >= pieces; });
      EXPECT_FALSE(replies[i].complete()) << replies[i].body;
    }
  }
}

TEST(Engine, LetsMoreCallsThanSlotsWaitTheirTurn) {
  const TinyModelFile model;
  auto transport = *make_llama_cpp_transport(model.options().parallel(2));
  std::vector<std::unique_ptr<Channel>> channels;
  for (int i = 0; i < 9; ++i)
    channels.push_back(
        open(*transport, chat("call", {{"max_tokens", 20}, {"ignore_eos", true}, {"stream", i % 2 == 0}})));
  for (const auto& channel : channels) {
    const Reply reply = drain(*channel);
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.finish_reason(), "length");
  }
}

TEST(Engine, RunsCallsWithLongPromptsOneAfterTheOtherRatherThanFailThem) {
  const TinyModelFile model;
  auto transport = *make_llama_cpp_transport(model.options().context_size(1024).parallel(4));
  std::vector<std::unique_ptr<Channel>> channels;
  for (int i = 0; i < 4; ++i)
    channels.push_back(open(*transport, short_chat(std::string(600, static_cast<char>('a' + i)))));
  for (const auto& channel : channels) EXPECT_EQ(drain(*channel).status, 200);
}

TEST(Engine, SaysSoWhenCallsTogetherFillTheContext) {
  const TinyModelFile model;
  auto transport = *make_llama_cpp_transport(model.options().context_size(512).parallel(4));
  std::vector<std::unique_ptr<Channel>> channels;
  for (int i = 0; i < 4; ++i) channels.push_back(open(*transport, endless("hi")));
  int full = 0;
  for (const auto& channel : channels) {
    const Reply reply = drain(*channel);
    EXPECT_TRUE(reply.ended);
    if (reply.done()) continue;
    const json error = reply.frames().back()["error"];
    EXPECT_EQ(error["type"], "exceed_context_size_error") << error;
    EXPECT_EQ(error["n_ctx"], 512);
    ++full;
  }
  EXPECT_GT(full, 0);
  EXPECT_EQ(ask(*transport, short_chat()).status, 200);
}

TEST(Engine, DroppedChannelFreesItsSlot) {
  const TinyModelFile model(roomy());
  auto transport = *make_llama_cpp_transport(one_slot(model));
  for (int i = 0; i < 3; ++i) {
    const auto channel = open(*transport, endless("hi"));
    read_some(*channel);
  }
  EXPECT_EQ(ask(*transport, short_chat()).status, 200);
}

TEST(Engine, DroppedCallWithoutStreamFreesItsSlot) {
  const TinyModelFile model(roomy());
  auto transport = *make_llama_cpp_transport(one_slot(model));
  ask(*transport, short_chat());
  json body = endless("hi");
  body["stream"] = false;
  for (const int milliseconds : {0, 2, 20}) {  // before, about when and after it starts: each must be right
    const auto channel = open(*transport, body);
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  }
  EXPECT_EQ(ask(*transport, short_chat()).status, 200);
}

TEST(Engine, DroppedWaitingCallLeavesTheQueue) {
  const TinyModelFile model(roomy());
  auto transport = *make_llama_cpp_transport(one_slot(model));
  auto running = open(*transport, endless("first"));
  read_some(*running);
  auto dropped = open(*transport, endless("second"));
  const auto third = open(*transport, short_chat("third"));
  dropped.reset();
  running.reset();
  EXPECT_EQ(drain(*third).status, 200);
}

TEST(Engine, DroppedBeforeTheModelIsLoadedDoesNoHarm) {
  const TinyModelFile model(roomy());
  auto transport = *make_llama_cpp_transport(one_slot(model));
  for (int i = 0; i < 20; ++i) open(*transport, endless("hi"));
  EXPECT_EQ(ask(*transport, short_chat()).status, 200);
}

TEST(Engine, DropsEverythingWhileLoading) {
  for (int i = 0; i < 20; ++i) {
    const TinyModelFile model;
    auto transport = model.transport();
    const auto channel = open(*transport, endless("hi"));
    transport.reset();
  }
}

TEST(Engine, ChannelOutlivesItsTransport) {
  const TinyModelFile model;
  auto transport = model.transport();
  const auto channel = open(*transport, short_chat());
  transport.reset();
  EXPECT_EQ(drain(*channel).status, 200);
}

TEST(Engine, WakeEndsAWaitWithNothingToRead) {
  const TinyModelFile model(roomy());
  auto transport = *make_llama_cpp_transport(one_slot(model));
  const auto running = open(*transport, endless("first"));
  read_some(*running);
  const auto waiting = open(*transport, short_chat());
  std::thread waker([&] { waiting->wake(); });
  waiting->wait(Clock::now() + hang_guard);
  EXPECT_FALSE(waiting->poll());
  waker.join();
  waiting->wait(Clock::now() + std::chrono::milliseconds(1));  // the deadline ends it too
  EXPECT_FALSE(waiting->poll());
}

TEST(Engine, TakesCallsFromEightThreads) {
  const TinyModelFile model;
  auto transport = model.transport();
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 5; ++round) {
        const std::string said = "thread " + std::to_string(i) + " round " + std::to_string(round);
        const Reply reply = ask(*transport, chat("hi", {{"stream", round % 2 == 0}, {"grammar", grammar_for(said)}}));
        if (reply.status == 200 && reply.text() == said) ++answered;
        const auto dropped = open(*transport, endless(said));
      }
    });
  }
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(answered, 40);
}

}  // namespace
}  // namespace abstractllm::engine_test
