// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdio>
#include <thread>

#include "engine/ask.hpp"

namespace abstractllm::engine_test {
namespace {

/// Leaves the process while calls run, wait and load, from several threads.
[[noreturn]] void exit_with_calls_in_flight(bool while_loading) {
  auto* model = new TinyModelFile(TinyModel{.context_tokens = 1U << 17U});
  auto* transport = new std::shared_ptr<Transport>(*make_llama_cpp_transport(model->options().context_size(1 << 17).parallel(2)));
  auto* channels = new std::vector<std::unique_ptr<Channel>>;
  for (int i = 0; i < 4; ++i) channels->push_back(open(**transport, endless("hi")));
  if (!while_loading)
    for (std::size_t i = 0; i < 2; ++i) read_some(*(*channels)[i]);
  for (std::size_t i = 0; i < 4; ++i) std::thread([&channel = *(*channels)[i]] { drain(channel); }).detach();
  std::filesystem::remove_all(std::filesystem::path(model->path()).parent_path());
  std::exit(testing::Test::HasFailure() ? 3 : 0);
}

class EngineProcess : public testing::Test {
 protected:
  // A child that starts anew, as a forked one has none of our threads.
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(EngineProcess, DoesNothingBeforeTheFirstCall) {
  EXPECT_EXIT(
      {
        std::atomic<int> records = 0;
        const LogSink sink = add_log_sink(LogLevel::trace, [&records](const LogRecord&) { ++records; });
        const TinyModelFile model;
        const auto transport = model.transport();
        const std::filesystem::directory_iterator threads("/proc/self/task");
        std::_Exit(std::distance(begin(threads), end(threads)) == 1 && records == 0 ? 0 : 3);
      },
      testing::ExitedWithCode(0), "^$");
}

TEST_F(EngineProcess, ExitsCleanlyWithCallsInFlight) { EXPECT_EXIT(exit_with_calls_in_flight(false), testing::ExitedWithCode(0), "^$"); }

TEST_F(EngineProcess, ExitsCleanlyWhileLoading) { EXPECT_EXIT(exit_with_calls_in_flight(true), testing::ExitedWithCode(0), "^$"); }

TEST_F(EngineProcess, ExitsCleanlyInTheMiddleOfALongPrompt) {
  EXPECT_EXIT(
      {
        auto* model = new TinyModelFile(TinyModel{.context_tokens = 1U << 17U});
        auto transport = *make_llama_cpp_transport(model->options().context_size(1 << 17));
        auto* channel = new std::unique_ptr<Channel>(open(*transport, chat(std::string(100'000, 'x'), {{"stream", true}})));
        Reply reply;
        read_until(**channel, reply, [](const Reply& so_far) { return so_far.status != 0; });
        std::filesystem::remove_all(std::filesystem::path(model->path()).parent_path());
        std::exit(reply.status == 200 ? 0 : 3);
      },
      testing::ExitedWithCode(0), "^$");
}

TEST_F(EngineProcess, EndsCallsInFlightAsCancelled) {
  EXPECT_EXIT(
      {
        // Registered first, so it runs after the engine was stopped.
        static std::unique_ptr<Channel> channel;
        std::atexit([] {
          const Reply reply = drain(*channel);
          std::_Exit(reply.error && reply.error->kind == ErrorKind::cancelled ? 0 : 4);
        });
        auto* model = new TinyModelFile(TinyModel{.context_tokens = 1U << 17U});
        auto* transport = new std::shared_ptr<Transport>(*make_llama_cpp_transport(model->options().context_size(1 << 17)));
        channel = open(**transport, endless("hi"));
        read_some(*channel);
        std::filesystem::remove_all(std::filesystem::path(model->path()).parent_path());
        std::exit(3);
      },
      testing::ExitedWithCode(0), "^$");
}

/// The rest of this test: another process on the same model.
TEST(EngineChild, DISABLED_AnswersFromTheModelInTheEnvironment) {
  auto transport = *make_llama_cpp_transport(Options{}.model(std::getenv("ABSTRACTLLM_CHILD_MODEL")).threads(1).context_size(2048));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ask(*transport, chat("hi", {{"grammar", grammar_for("same")}})).text(), "same");
}

TEST_F(EngineProcess, SharesAModelFileWithAnotherProcess) {
  const TinyModelFile model;
  const std::string command = "ABSTRACTLLM_CHILD_MODEL='" + model.path() + "' '" + std::filesystem::read_symlink("/proc/self/exe").string() +
                              "' --gtest_also_run_disabled_tests --gtest_filter=EngineChild.* 2>&1";
  std::array<std::FILE*, 2> children{};
  for (auto& child : children) child = popen(command.c_str(), "r");
  auto transport = model.transport();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(ask(*transport, chat("hi", {{"grammar", grammar_for("same")}})).text(), "same");
  for (std::FILE* child : children) {
    std::string output;
    std::array<char, 4096> buffer{};
    while (const auto count = std::fread(buffer.data(), 1, buffer.size(), child)) output.append(buffer.data(), count);
    EXPECT_EQ(pclose(child), 0) << output;
  }
}

}  // namespace
}  // namespace abstractllm::engine_test
