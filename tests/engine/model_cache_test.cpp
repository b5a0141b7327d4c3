// SPDX-License-Identifier: Apache-2.0
//
// Which models stay in memory.
#include "abstractllm/model_cache.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "abstractllm/abstractllm.hpp"
#include "ask.hpp"

namespace abstractllm::engine_test {
namespace {

using namespace std::chrono_literals;

class ModelCacheTest : public ::testing::Test {
 protected:
  ModelCacheTest() { clear_model_cache(); }
  ~ModelCacheTest() override {
    set_model_cache_limits({});
    clear_model_cache();
  }

  static void limit(int max_models, std::chrono::milliseconds wait = 60s, std::int64_t max_bytes = 0) {
    ModelCacheLimits limits;
    limits.max_models = max_models;
    limits.wait = wait;
    limits.max_bytes = max_bytes;
    set_model_cache_limits(limits);
  }
  static std::vector<std::string> in_memory() {
    std::vector<std::string> names;
    for (const ModelInMemory& model : model_cache_stats().models) names.push_back(model.model);
    return names;
  }
  static bool answers(const TinyModelFile& model) {
    return ask(*model.transport(), chat("Hi", {{"grammar", grammar_for("yes")}})).text() == "yes";
  }
};

TEST_F(ModelCacheTest, KeepsWhatWasUsedLastAndLetsTheOthersGo) {
  limit(2);
  std::vector<std::string> gone;
  const ModelObserver observer = on_model_evicted([&](const ModelInMemory& model) { gone.push_back(model.model); });
  const TinyModelFile a, b, c;
  const ModelCacheStats before = model_cache_stats();
  for (const TinyModelFile* model : {&a, &b, &a, &c, &a}) EXPECT_TRUE(answers(*model));
  EXPECT_EQ(in_memory(), (std::vector{a.path(), c.path()}));
  EXPECT_EQ(gone, std::vector{b.path()});
  const ModelCacheStats after = model_cache_stats();
  EXPECT_EQ(after.loads - before.loads, 3);
  EXPECT_EQ(after.hits - before.hits, 2);
  EXPECT_EQ(after.evictions - before.evictions, 1);
  EXPECT_EQ(after.models.front().bytes, static_cast<std::int64_t>(std::filesystem::file_size(a.path())));
}

TEST_F(ModelCacheTest, AModelInUseIsNotEvicted) {
  limit(1, 0s);
  const TinyModelFile a, b;
  const auto transport = a.transport();
  auto channel = open(*transport, endless("Hi"));
  read_some(*channel);
  const Reply refused = ask(*b.transport(), chat("Hi"));
  ASSERT_TRUE(refused.error);
  EXPECT_EQ(refused.error->kind, ErrorKind::engine_failed);
  EXPECT_NE(refused.error->message.find("in use are " + a.path()), std::string::npos) << refused.error->message;
  EXPECT_EQ(model_cache_stats().models.at(0).calls, 1);
  EXPECT_FALSE(evict_model(model_cache_stats().models.at(0).key));
  EXPECT_EQ(clear_model_cache(), 0);
  channel.reset();
  EXPECT_TRUE(answers(b));
  EXPECT_EQ(in_memory(), std::vector{b.path()});
}

TEST_F(ModelCacheTest, AnIdleModelGoesAlsoWhereAnOlderOneIsInUse) {
  limit(2, 0s);
  const TinyModelFile a, b, c;
  const auto transport = a.transport();
  auto channel = open(*transport, endless("Hi"));
  read_some(*channel);
  EXPECT_TRUE(answers(b));
  EXPECT_TRUE(answers(c));
  EXPECT_EQ(in_memory(), (std::vector{c.path(), a.path()}));
}

TEST_F(ModelCacheTest, ALoadWaitsUntilSomebodyLetsGo) {
  limit(1, std::chrono::milliseconds::max());
  const TinyModelFile a, b;
  const auto transport = a.transport();
  auto channel = open(*transport, endless("Hi"));
  read_some(*channel);
  auto waiting = std::async(std::launch::async, [&] { return answers(b); });
  EXPECT_EQ(waiting.wait_for(50ms), std::future_status::timeout);
  channel.reset();
  EXPECT_TRUE(waiting.get());
}

TEST_F(ModelCacheTest, ALoadThatWaitsCanBeStopped) {
  limit(1);
  const TinyModelFile a, b;
  const auto transport = a.transport();
  auto channel = open(*transport, endless("Hi"));
  read_some(*channel);
  {
    const auto other = b.transport();
    const auto waiting = open(*other, chat("Hi"));
  }
  EXPECT_EQ(in_memory(), std::vector{a.path()});
}

TEST_F(ModelCacheTest, AModelLargerThanAllMayBeIsSaid) {
  limit(3, 0s, 1000);
  const TinyModelFile a;
  const Reply refused = ask(*a.transport(), chat("Hi"));
  ASSERT_TRUE(refused.error);
  EXPECT_NE(refused.error->message.find("all models together may have 1000"), std::string::npos);
}

TEST_F(ModelCacheTest, BytesAreALimitToo) {
  const TinyModelFile a, b;
  limit(3, 60s, static_cast<std::int64_t>(std::filesystem::file_size(a.path())) * 3 / 2);
  EXPECT_TRUE(answers(a));
  EXPECT_TRUE(answers(b));
  EXPECT_EQ(in_memory(), std::vector{b.path()});
}

TEST_F(ModelCacheTest, IsEmptiedByKeyAndWhole) {
  const TinyModelFile a, b;
  EXPECT_TRUE(answers(a));
  EXPECT_TRUE(answers(b));
  EXPECT_FALSE(evict_model("no such key"));
  EXPECT_TRUE(evict_model(model_cache_stats().models.at(0).key));
  EXPECT_EQ(in_memory(), std::vector{a.path()});
  EXPECT_EQ(clear_model_cache(), 1);
  EXPECT_TRUE(in_memory().empty());
  EXPECT_TRUE(answers(a)) << "and it is loaded again";
}

TEST_F(ModelCacheTest, TwoModelsInTurnFromEightThreadsUnderOnePlace) {
  limit(1);
  const TinyModelFile a, b;
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      for (int call = 0; call < 5; ++call) right += answers((i + call) % 2 == 0 ? a : b);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 40);
  EXPECT_EQ(in_memory().size(), 1u);
}

TEST_F(ModelCacheTest, EightThreadsLoadAModelOnce) {
  const TinyModelFile a;
  const std::int64_t loads = model_cache_stats().loads;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { EXPECT_TRUE(answers(a)); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(model_cache_stats().loads - loads, 1);
}

TEST_F(ModelCacheTest, AnIdleModelGoesAfterItsTime) {
  const TinyModelFile a;
  std::promise<std::string> gone;
  ModelObserver observer = on_model_evicted([&](const ModelInMemory& model) { gone.set_value(model.model); });
  const auto transport = *make_llama_cpp_transport(a.options().keep_alive(20ms));
  EXPECT_EQ(ask(*transport, chat("Hi", {{"grammar", grammar_for("yes")}})).text(), "yes");
  EXPECT_EQ(gone.get_future().get(), a.path());
  EXPECT_TRUE(in_memory().empty());
  observer = {};
  EXPECT_EQ(ask(*transport, chat("Hi", {{"grammar", grammar_for("yes")}})).text(), "yes");
}

TEST_F(ModelCacheTest, AFileThatWasReplacedIsLoadedAnew) {
  const TinyModelFile a;
  EXPECT_TRUE(answers(a));
  const std::int64_t loads = model_cache_stats().loads;
  const std::string other = a.path() + ".new";
  testing_support::write_tiny_model(other, {.seed = 7});
  std::filesystem::rename(other, a.path());
  EXPECT_TRUE(answers(a));
  EXPECT_EQ(model_cache_stats().loads, loads + 1);
}

TEST_F(ModelCacheTest, AModelWhoseFileIsGoneStaysLoaded) {
  const TinyModelFile a;
  const auto transport = a.transport();
  for (int call = 0; call < 2; ++call) {
    EXPECT_EQ(ask(*transport, chat("Hi", {{"grammar", grammar_for("yes")}})).text(), "yes");
    std::filesystem::remove(a.path());
  }
}

TEST_F(ModelCacheTest, TwoNamesOfOneFileAreOneModel) {
  const TinyModelFile a;
  const std::filesystem::path link = a.path() + ".link.gguf";
  std::filesystem::create_symlink(a.path(), link);
  ModelFinder finder;
  bool there = false;
  finder.on_disk = [&](const std::string&) {
    return there ? std::optional(ModelFiles{a.path(), std::nullopt}) : std::nullopt;
  };
  finder.fetch = [&](const std::string&, std::stop_token) -> Result<ModelFiles> {
    there = true;
    return ModelFiles{a.path(), std::nullopt};
  };
  const std::int64_t loads = model_cache_stats().loads;
  for (const char* name : {"org/fetched", "org/fetched:Q8_0"})
    EXPECT_EQ(ask(**make_llama_cpp_transport(a.options().model(name), finder), chat("Hi", {{"max_tokens", 1}})).status,
              200);
  EXPECT_EQ(ask(**make_llama_cpp_transport(a.options().model(link.string())), chat("Hi", {{"max_tokens", 1}})).status,
            200);
  EXPECT_TRUE(answers(a));
  EXPECT_EQ(model_cache_stats().loads, loads + 1);
  EXPECT_EQ(in_memory(), std::vector<std::string>{"org/fetched"});
}

TEST_F(ModelCacheTest, TellsHowFarALoadIs) {
  std::vector<LoadProgress> seen;
  const ModelObserver observer = on_model_loading([&](const LoadProgress& progress) { seen.push_back(progress); });
  const TinyModelFile a;
  EXPECT_TRUE(answers(a));
  ASSERT_FALSE(seen.empty());
  for (const LoadProgress& progress : seen) EXPECT_EQ(progress.model, a.path());
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end(),
                             [](const LoadProgress& x, const LoadProgress& y) { return x.share < y.share; }));
  EXPECT_EQ(seen.back().share, 1.0);
}

TEST_F(ModelCacheTest, WhatACallbackThrowsIsLoggedAndEndsNoCall) {
  std::mutex mutex;
  std::vector<std::string> logged;
  const LogSink sink = add_log_sink(LogLevel::error, [&](const LogRecord& record) {
    const std::lock_guard lock(mutex);
    logged.push_back(record.event + ": " + record.message);
  });
  const ModelObserver loading = on_model_loading([](const LoadProgress&) { throw std::runtime_error("no progress"); });
  const ModelObserver evicted = on_model_evicted([](const ModelInMemory&) { throw 7; });
  limit(1);
  const TinyModelFile a, b;
  EXPECT_TRUE(answers(a));
  EXPECT_TRUE(answers(b));
  const std::lock_guard lock(mutex);
  EXPECT_TRUE(std::any_of(logged.begin(), logged.end(),
                          [](const auto& each) { return each.find("no progress") != std::string::npos; }));
  EXPECT_GT(std::count_if(logged.begin(), logged.end(), [](const auto& each) { return each.starts_with("callback"); }),
            1)
      << logged.back();
}

TEST_F(ModelCacheTest, ALoadThatNobodyWaitsForStopsAndLeavesNothing) {
  const TinyModelFile a;
  std::promise<void> begun;
  std::promise<void> dropped;
  std::atomic<int> reports = 0;
  std::atomic<int> whole = 0;
  const ModelObserver observer = on_model_loading([&](const LoadProgress& progress) {
    whole += progress.share == 1.0;
    if (++reports > 1) return;
    begun.set_value();
    dropped.get_future().wait();
  });
  const std::int64_t loads = model_cache_stats().loads;
  const auto transport = a.transport();
  auto channel = open(*transport, chat("Hi"));
  begun.get_future().wait();
  channel.reset();
  dropped.set_value();
  EXPECT_TRUE(answers(a)) << "who comes later loads it anew";
  EXPECT_EQ(whole, 1) << "the first was not read to its end";
  EXPECT_EQ(model_cache_stats().loads, loads + 1);
  EXPECT_EQ(in_memory(), std::vector{a.path()});
}

TEST_F(ModelCacheTest, WhereMemoryDoesNotSufficeIdleModelsGoAndTheErrorHasTheSizes) {
  const TinyModelFile idle, wanted;
  EXPECT_TRUE(answers(idle));
  // Who may see whom in a batch alone would be a terabyte.
  const std::string tokens = "524288";
  const auto transport = *make_llama_cpp_transport(
      wanted.options().context_size(524288).parallel(1).engine_args({"--batch-size", tokens, "--ubatch-size", tokens}));
  const Reply refused = ask(*transport, chat("Hi"));
  ASSERT_TRUE(refused.error) << refused.body;
  EXPECT_EQ(refused.error->kind, ErrorKind::engine_failed);
  EXPECT_NE(refused.error->message.find("this process may use"), std::string::npos) << refused.error->message;
  EXPECT_TRUE(in_memory().empty());
  EXPECT_TRUE(answers(idle));
}

}  // namespace
}  // namespace abstractllm::engine_test
