// SPDX-License-Identifier: Apache-2.0
//
// Two real models that take turns in memory.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "abstractllm/abstractllm.hpp"

namespace abstractllm {
namespace {

std::int64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::int64_t pages = 0;
  std::int64_t resident = 0;
  file >> pages >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

double mebibytes(std::int64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

class TwoModels : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* variable : {"ABSTRACTLLM_TEST_MODEL", "ABSTRACTLLM_TEST_SECOND_MODEL"}) {
      const char* path = std::getenv(variable);
      if (path == nullptr || *path == '\0') GTEST_SKIP() << variable << " is not set";
      const Options options = Options().model(path).context_size(1024).chat_template("plain");
      models_.push_back(create_llm("huggingface", options).value());
    }
    clear_model_cache();
  }
  void TearDown() override {
    set_model_cache_limits({});
    clear_model_cache();
  }
  static void limit_to_one() {
    ModelCacheLimits limits;
    limits.max_models = 1;
    set_model_cache_limits(limits);
  }
  static std::string ask(const Llm& model) {
    // The second is a base model: it goes on with a text, and answers nothing.
    const auto reply = model.generate(
        "Question: What is the capital of Germany? Answer: Berlin. Question: What is the capital of Italy? "
        "Answer: Rome. Question: What is the capital of France? Answer:",
        Options().temperature(0).max_tokens(4));
    return reply ? reply->text : reply.error().message;
  }

  std::vector<Llm> models_;
};

TEST_F(TwoModels, TakeTurnsUnderOnePlaceWithEightThreadsAndAllAnswersAreRight) {
  limit_to_one();
  const std::int64_t none = resident_bytes();
  std::int64_t most_of_one = 0;
  for (const Llm& model : models_) {
    EXPECT_NE(ask(model).find("Paris"), std::string::npos);
    most_of_one = std::max(most_of_one, resident_bytes());
  }
  const ModelCacheStats before = model_cache_stats();
  std::mutex mutex;
  std::vector<std::string> wrong;
  std::vector<std::thread> threads;
  for (std::size_t number = 0; number < 8; ++number)
    threads.emplace_back([&, number] {
      for (std::size_t call = 0; call < 4; ++call) {
        const std::string answer = ask(models_[(number + call) % 2]);
        const std::lock_guard lock(mutex);
        if (answer.find("Paris") == std::string::npos) wrong.push_back(answer);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(wrong.empty()) << wrong.front();
  const ModelCacheStats after = model_cache_stats();
  EXPECT_EQ(after.models.size(), 1u);
  EXPECT_GE(after.loads - before.loads, 1);
  const std::int64_t in_the_end = resident_bytes();
  std::printf("32 answers, %d loads; resident MiB: none %.0f, one %.0f, after %.0f", static_cast<int>(after.loads),
              mebibytes(none), mebibytes(most_of_one), mebibytes(in_the_end));
  EXPECT_EQ(clear_model_cache(), 1);
  std::printf(", unloaded %.0f\n", mebibytes(resident_bytes()));
  // What stays of loads that went by (the engine's statics, arenas of malloc) is a part of what one model needs.
  EXPECT_LT(in_the_end, most_of_one + (most_of_one - none) / 2);
  EXPECT_LT(resident_bytes(), none + (most_of_one - none) / 2);
}

TEST_F(TwoModels, MemoryDoesNotGrowWithLoads) {
  limit_to_one();
  std::vector<std::int64_t> resident;
  for (int load = 0; load < 20; ++load) {
    EXPECT_NE(ask(models_[static_cast<std::size_t>(load) % 2]).find("Paris"), std::string::npos);
    resident.push_back(resident_bytes());
  }
  std::printf("resident MiB after loads 1 to 20:");
  for (const std::int64_t bytes : resident) std::printf(" %.0f", mebibytes(bytes));
  std::printf("\n");
  // The third and fourth are the first of each model that find everything made.
  EXPECT_LT(resident[18], resident[2] + resident[2] / 4);
  EXPECT_LT(resident[19], resident[3] + resident[3] / 4);
}

TEST_F(TwoModels, StayBothWhereThereIsRoom) {
  const std::int64_t loads = model_cache_stats().loads;
  for (int call = 0; call < 6; ++call) ask(models_[static_cast<std::size_t>(call) % 2]);
  EXPECT_EQ(model_cache_stats().loads, loads + 2);
}

}  // namespace
}  // namespace abstractllm
