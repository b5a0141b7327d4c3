// SPDX-License-Identifier: Apache-2.0
//
// What users pass in may throw, anywhere and on any thread: it is one call's Error, and the process goes on.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "support/async_calls.hpp"

namespace abstractllm {
namespace {

using test::answer;
using test::LoopbackServer;
using test::model_at;

enum class Where { open, no_channel, notify, poll, wait, no_decoder, feed, encode, make };

void throw_if(Where where, Where here) {
  if (where == here) throw std::runtime_error("boom");
}

class ThrowingChannel final : public Channel {
 public:
  explicit ThrowingChannel(Where where) : where_(where) {}

  std::optional<IoResult> poll() override {
    throw_if(where_, Where::poll);
    if (where_ == Where::wait) return std::nullopt;
    if (!std::exchange(head_given_, true)) return HttpHead{200, {}};
    if (!std::exchange(bytes_given_, true)) return BodyBytes{"{}"};
    return BodyEnd{};
  }
  void wait(std::chrono::steady_clock::time_point) override { throw_if(where_, Where::wait); }
  void wake() override {}
  bool notify(std::function<void()>) override {
    throw_if(where_, Where::notify);
    return where_ != Where::wait;
  }

 private:
  Where where_;
  bool head_given_ = false;
  bool bytes_given_ = false;
};

class ThrowingTransport final : public Transport {
 public:
  explicit ThrowingTransport(Where where) : where_(where) {}
  Result<std::unique_ptr<Channel>> open(std::shared_ptr<const HttpRequest>) override {
    throw_if(where_, Where::open);
    if (where_ == Where::no_channel) return std::unique_ptr<Channel>();
    return std::unique_ptr<Channel>(std::make_unique<ThrowingChannel>(where_));
  }

 private:
  Where where_;
};

class ThrowingDecoder final : public Decoder {
 public:
  Result<void> feed(std::string_view, Decoded&) override { throw std::runtime_error("boom"); }
  Result<void> finish(Decoded&) override { throw std::runtime_error("boom"); }
};

class ThrowingProtocol final : public Protocol {
 public:
  explicit ThrowingProtocol(Where where) : where_(where) {}
  std::string_view name() const override { return "throwing"; }
  Result<EncodedRequest> encode(const Request&) const override {
    throw_if(where_, Where::encode);
    EncodedRequest encoded;
    encoded.http.url = "/chat";
    return encoded;
  }
  std::unique_ptr<Decoder> decoder(Delivery) const override {
    return where_ == Where::no_decoder ? nullptr : std::make_unique<ThrowingDecoder>();
  }
  Error decode_error(const HttpHead&, std::string_view) const override { throw std::runtime_error("boom"); }

 private:
  Where where_;
};

/// A model whose transport and protocol throw there, and from the second transport on where `make` is asked for.
Llm throwing_model(Where where) {
  static int number = 0;
  Provider provider;
  provider.name = "throwing" + std::to_string(++number);
  provider.base_url = "throwing://here";
  provider.protocols = {std::make_shared<ThrowingProtocol>(where)};
  provider.transport = [where, made = std::make_shared<int>(0)](const Options&) -> Result<std::shared_ptr<Transport>> {
    if (++*made > 1) throw_if(where, Where::make);
    return std::shared_ptr<Transport>(std::make_shared<ThrowingTransport>(where));
  };
  register_provider(provider).value();
  return create_llm(provider.name).value();
}

struct Case {
  const char* name;
  Where where;
  const char* message;
};

class Thrown : public testing::TestWithParam<Case> {
 protected:
  void expect_internal(const Result<Response>& outcome) {
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, ErrorKind::internal);
    EXPECT_NE(outcome.error().message.find(GetParam().message), std::string::npos) << outcome.error().message;
    EXPECT_EQ(outcome.error().provider, model.provider());
  }

  Llm model = throwing_model(GetParam().where);
  // Another one than the handle's own, so that a transport is made.
  Options options = Options().model("other").max_retries(0);
};

TEST_P(Thrown, EndsABlockingCall) {
  expect_internal(model.generate("Hi", options));
  Stream stream = model.stream("Hi", options);
  for (int i = 0; i < 2; ++i) {
    const auto event = stream.next();
    ASSERT_FALSE(event);
    EXPECT_EQ(event.error().kind, ErrorKind::internal);
  }
}

TEST_P(Thrown, EndsAnAsynchronousCallAndLeavesOthersAlone) {
  LoopbackServer server(answer);
  const Llm other = model_at(server);
  for (int i = 0; i < 3; ++i) {
    expect_internal(model.generate_async("Hi", options).wait());
    expect_internal(model.generate_future("Hi", options).get());
    std::promise<Result<Response>> promise;
    model.stream_async(
        "Hi", options, [](const StreamEvent&) {},
        [&](Result<Response> outcome) { promise.set_value(std::move(outcome)); });
    expect_internal(promise.get_future().get());
    EXPECT_EQ(other.generate_async("Hi").wait()->text, "Paris.");
  }
}

TEST_P(Thrown, IsTheResultOfItsQuestionInABatch) {
  Batch batch = model.generate_many(std::vector<std::string>{"a", "b", "c"}, options);
  int results = 0;
  while (auto result = batch.next()) {
    expect_internal(result->outcome);
    ++results;
  }
  EXPECT_EQ(results, 3);
}

INSTANTIATE_TEST_SUITE_P(Anywhere, Thrown,
                         testing::Values(Case{"open", Where::open, "boom"},
                                         Case{"noChannel", Where::no_channel, "no channel"},
                                         Case{"poll", Where::poll, "boom"}, Case{"wait", Where::wait, "boom"},
                                         Case{"noDecoder", Where::no_decoder, "no decoder"},
                                         Case{"feed", Where::feed, "boom"}, Case{"encode", Where::encode, "boom"},
                                         Case{"make", Where::make, "boom"}),
                         [](const testing::TestParamInfo<Case>& tested) { return tested.param.name; });

TEST(ThrownByNotify, EndsTheCall) {
  const Llm model = throwing_model(Where::notify);
  EXPECT_EQ(model.generate_async("Hi").wait().error().kind, ErrorKind::internal);
}

class ThrowingExecutor final : public Executor {
 public:
  void post(std::function<void()>) override { throw std::runtime_error("closed"); }
};

/// Has taken the task when it throws.
class LateThrowingExecutor final : public Executor {
 public:
  void post(std::function<void()> task) override {
    task();
    throw std::runtime_error("late");
  }
};

TEST(ThrowingExecutors, ThatHaveTakenTheTaskDoNotRepeatAnOutcome) {
  LoopbackServer server(answer);
  const Llm model = model_at(server, Options().executor(std::make_shared<LateThrowingExecutor>()));
  std::atomic<int> outcomes = 0;
  model.generate_async("", {}, [&](const Result<Response>&) { ++outcomes; });
  // Behind whatever else was given to the loop.
  std::promise<void> over;
  model.generate_async("Hi", {}, [&](const Result<Response>&) { over.set_value(); });
  over.get_future().get();
  EXPECT_EQ(outcomes, 1);
}

/// Takes each task, runs it here or on a thread of its own, and throws.
class TakingAndThrowingExecutor final : public Executor {
 public:
  explicit TakingAndThrowingExecutor(bool here) : here_(here) {}
  ~TakingAndThrowingExecutor() override {
    for (std::thread& thread : threads_) thread.join();
  }
  TakingAndThrowingExecutor(const TakingAndThrowingExecutor&) = delete;
  TakingAndThrowingExecutor& operator=(const TakingAndThrowingExecutor&) = delete;

  void post(std::function<void()> task) override {
    auto run = [this, task = std::move(task)] {
      task();
      ++ran;
    };
    if (here_) run();
    else threads_.emplace_back(run);
    throw std::runtime_error("late");
  }

  std::atomic<int> ran = 0;

 private:
  bool here_;
  std::vector<std::thread> threads_;
};

Task<std::string> whole_text(Stream stream) {
  std::string text;
  for (;;) {
    auto event = co_await stream.next_async();
    if (!event) co_return event.error().message;
    if (!*event) co_return text;
    if (const auto* delta = std::get_if<TextDelta>(&**event)) text += delta->text;
  }
}

TEST(ThrowingExecutors, ThatHaveTakenTheTaskResumeAStreamOnce) {
  for (const bool here : {true, false}) {
    const auto executor = std::make_shared<TakingAndThrowingExecutor>(here);
    LoopbackServer server([&](test::LoopbackConnection& connection) {
      const std::string whole = test::stream_head + test::chat_stream({"Par", "is."});
      const std::size_t first = whole.find("\n\n", std::string_view(test::stream_head).size()) + 2;
      // The stream waits for its first event, usually, and then for its second.
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      connection.send(whole.substr(0, first));
      for (int looks = 0; executor->ran == 0 && looks < 100; ++looks)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      connection.send(whole.substr(first));
      return false;
    });
    EXPECT_EQ(sync_wait(whole_text(model_at(server).stream("Hi", Options().executor(executor)))), "Paris.");
    while (executor.use_count() > 1) std::this_thread::yield();  // or it would be destroyed on a thread of its own
  }
}

TEST(ThrowingExecutors, StillLeadToExactlyOneOutcome) {
  LoopbackServer server(answer);
  const Llm model = model_at(server);
  const Options options = Options().executor(std::make_shared<ThrowingExecutor>());
  std::atomic<int> outcomes = 0;
  std::promise<Result<Response>> answered;
  model.generate_async("Hi", options, [&](Result<Response> outcome) {
    ++outcomes;
    answered.set_value(std::move(outcome));
  });
  EXPECT_EQ(answered.get_future().get()->text, "Paris.");
  std::promise<ErrorKind> refused;
  model.generate_async("", options, [&](const Result<Response>& outcome) {
    ++outcomes;
    refused.set_value(outcome.error().kind);
  });
  EXPECT_EQ(refused.get_future().get(), ErrorKind::invalid_argument);
  EXPECT_EQ(outcomes, 2);
}

/// Runs what is posted on one thread of its own.
class OneThread final : public Executor {
 public:
  OneThread() : thread_([this] { run(); }) {}
  ~OneThread() override {
    post([this] { over_ = true; });
    thread_.join();
  }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

  void post(std::function<void()> task) override {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    changed_.notify_one();
  }
  std::thread::id id() const { return thread_.get_id(); }

 private:
  void run() {
    while (!over_) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !tasks_.empty(); });
      const auto tasks = std::exchange(tasks_, {});
      lock.unlock();
      for (const auto& task : tasks) task();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> tasks_;
  bool over_ = false;
  std::thread thread_;
};

TEST(Executors, OfTheHandleRunTheOutcomeOfCallsThatAreNeverSent) {
  LoopbackServer server(answer);
  auto executor = std::make_shared<OneThread>();
  const Llm model = model_at(server, Options().executor(executor));
  for (const char* prompt : {"Hi", ""}) {
    std::promise<std::thread::id> ran_on;
    model.generate_async(prompt, {}, [&](const Result<Response>&) { ran_on.set_value(std::this_thread::get_id()); });
    EXPECT_EQ(ran_on.get_future().get(), executor->id()) << '"' << prompt << '"';
    std::promise<std::thread::id> streamed_on;
    model.stream_async(prompt, {}, {},
                       [&](const Result<Response>&) { streamed_on.set_value(std::this_thread::get_id()); });
    EXPECT_EQ(streamed_on.get_future().get(), executor->id()) << '"' << prompt << '"';
  }
}

TEST(Executors, OfTheCallGoBeforeThatOfTheHandle) {
  LoopbackServer server(answer);
  auto handles = std::make_shared<OneThread>();
  auto calls = std::make_shared<OneThread>();
  const Llm model = model_at(server, Options().executor(handles));
  std::promise<std::thread::id> ran_on;
  model.generate_async("", Options().executor(calls),
                       [&](const Result<Response>&) { ran_on.set_value(std::this_thread::get_id()); });
  EXPECT_EQ(ran_on.get_future().get(), calls->id());
}

TEST(BatchOnTheLoop, GivesAnErrorAndEndsInsteadOfWaitingForItself) {
  LoopbackServer server(answer);
  const Llm model = model_at(server);
  std::promise<std::vector<BatchResult>> promise;
  model.generate_async("Hi", {}, [&](const Result<Response>&) {
    std::vector<BatchResult> results;
    for (const BatchResult& result : model.generate_many(std::vector<std::string>{"a", "b", "c"}))
      results.push_back(result);
    promise.set_value(std::move(results));
  });
  const std::vector<BatchResult> results = promise.get_future().get();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].outcome.error().kind, ErrorKind::invalid_argument);
  EXPECT_NE(results[0].outcome.error().message.find("loop thread"), std::string::npos);
}

TEST(BatchQuestions, ThatThrowAreTheLastResult) {
  LoopbackServer server(answer);
  const auto questions = [asked = 0]() mutable -> std::optional<BatchItem> {
    if (++asked == 3) throw std::runtime_error("the file is gone");
    return BatchItem("Hi");
  };
  Batch batch = model_at(server).generate_many(questions);
  std::vector<BatchResult> results;
  while (auto result = batch.next()) results.push_back(*result);
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0].outcome->text, "Paris.");
  EXPECT_EQ(results[1].outcome->text, "Paris.");
  EXPECT_EQ(results[2].outcome.error().kind, ErrorKind::internal);
  EXPECT_NE(results[2].outcome.error().message.find("the file is gone"), std::string::npos);
}

}  // namespace
}  // namespace abstractllm
