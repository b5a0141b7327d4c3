// SPDX-License-Identifier: Apache-2.0
//
// Asynchronous calls to a model in this process.
#include <gtest/gtest.h>

#include <future>
#include <mutex>

#include "abstractllm/abstractllm.hpp"
#include "engine/ask.hpp"
#include "support/threads.hpp"

namespace abstractllm::engine_test {
namespace {

using test::threads_of_this_process;

std::string saying(const std::string& text) { return R"({"grammar":"root ::= \")" + text + R"(\""})"; }

Llm model_of(const TinyModelFile& file, int parallel) {
  return create_llm("huggingface", file.options().parallel(parallel)).value();
}

Task<std::string> read(const Llm& from, const char* text) {
  Stream stream = from.stream("hi", Options().extra_body(saying(text)));
  for (;;) {
    auto event = co_await stream.next_async();
    if (!event) co_return event.error().message;
    if (!*event) co_return stream.response().text;
  }
}

TEST(EngineAsync, TwoHundredCallsNeedNoThreadEachAndAreAnsweredInOrder) {
  const TinyModelFile file;
  const Llm model = model_of(file, 1);
  ASSERT_TRUE(model.generate_async("hi", Options().extra_body(saying("x"))).wait());  // loaded, all threads there
  const std::ptrdiff_t before = threads_of_this_process();
  std::mutex mutex;
  std::vector<int> order;
  std::promise<void> done;
  for (int i = 0; i < 200; ++i) {
    model.generate_async("hi", Options().extra_body(saying("ok")), [&, i](const Result<Response>& answer) {
      EXPECT_EQ(answer.value().text, "ok");
      const std::lock_guard lock(mutex);
      order.push_back(i);
      if (order.size() == 200) done.set_value();
    });
  }
  EXPECT_EQ(threads_of_this_process(), before);
  done.get_future().get();
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(EngineAsync, AQueuedCallCanBeStopped) {
  const TinyModelFile file;
  const Llm model = model_of(file, 1);
  std::stop_source running_stop;
  auto running = model.generate_future("hi", Options().max_tokens(1'000'000).stop_token(running_stop.get_token()));
  std::stop_source queued_stop;
  auto queued = model.generate_future("hi", Options().stop_token(queued_stop.get_token()));
  queued_stop.request_stop();
  EXPECT_EQ(queued.get().error().kind, ErrorKind::cancelled);
  running_stop.request_stop();
  EXPECT_EQ(running.get().error().kind, ErrorKind::cancelled);
  EXPECT_EQ(model.generate("hi", Options().extra_body(saying("free"))).value().text, "free");
}

TEST(EngineAsync, StreamsFromTheLocalModelAwaitEachOther) {
  const TinyModelFile file;
  const Llm model = model_of(file, 4);
  std::vector<Task<std::string>> tasks;
  for (const char* text : {"one", "two", "three", "four"}) tasks.push_back(read(model, text));
  EXPECT_EQ(sync_wait(when_all(std::move(tasks))), (std::vector<std::string>{"one", "two", "three", "four"}));
}

TEST(EngineAsync, ALoadThatFailsFailsAllWhoWaited) {
  const Llm model = create_llm("huggingface", Options().model("/nowhere/model.gguf")).value();
  auto first = model.generate_future("hi");
  auto second = model.generate_future("hi");
  EXPECT_EQ(first.get().error().kind, ErrorKind::not_configured);
  EXPECT_EQ(second.get().error().kind, ErrorKind::not_configured);
}

}  // namespace
}  // namespace abstractllm::engine_test
