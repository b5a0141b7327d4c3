// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdio>
#include <thread>

#include "engine/ask.hpp"
#include "support/threads.hpp"

namespace abstractllm::engine_test {
namespace {

TinyModel roomy() {
  TinyModel model;
  model.context_tokens = 1U << 17U;
  return model;
}

// What outlives the engine at exit is static: the model file is deleted, and the last handle let go, after it was
// stopped.

/// Leaves the process while calls run, wait and load, read by other threads.
[[noreturn]] void exit_with_calls_in_flight(bool while_loading) {
  static const TinyModelFile model(roomy());
  static const auto transport = *make_llama_cpp_transport(model.options().context_size(1 << 17).parallel(2));
  static auto* channels = new std::vector<std::unique_ptr<Channel>>;  // leaked: the threads never end
  for (int i = 0; i < 4; ++i) channels->push_back(open(*transport, endless("hi")));
  if (!while_loading)
    for (std::size_t i = 0; i < 2; ++i) read_some(*(*channels)[i]);
  for (const auto& channel : *channels) std::thread([&channel] { drain(*channel); }).detach();
  std::exit(testing::Test::HasFailure() ? 3 : 0);
}

[[noreturn]] void exit_in_the_middle_of_a_long_prompt() {
  static const TinyModelFile model(roomy());
  static const auto transport = *make_llama_cpp_transport(model.options().context_size(1 << 17));
  static const auto channel = open(*transport, chat(std::string(100'000, 'x'), {{"stream", true}}));
  Reply reply;
  read_until(*channel, reply, [](const Reply& so_far) { return so_far.status != 0; });
  std::exit(reply.status == 200 ? 0 : 3);
}

[[noreturn]] void exit_and_look_at_the_call_afterwards() {
  static auto* model = new TinyModelFile(roomy());
  static std::unique_ptr<Channel> channel;
  // Registered before the engine starts, so it runs after the engine was stopped.
  std::atexit([] {
    const Reply reply = drain(*channel);
    delete model;
    std::_Exit(reply.error && reply.error->kind == ErrorKind::cancelled ? 0 : 4);
  });
  static auto* transport =
      new std::shared_ptr<Transport>(*make_llama_cpp_transport(model->options().context_size(1 << 17)));
  channel = open(**transport, endless("hi"));
  read_some(*channel);
  std::exit(3);
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
        const auto threads_before = test::threads_of_this_process();
        auto threads_with_transport = threads_before;
        {
          const TinyModelFile model;
          const auto transport = model.transport();
          threads_with_transport = test::threads_of_this_process();
        }
        std::_Exit(threads_with_transport == threads_before && records == 0 ? 0 : 3);
      },
      testing::ExitedWithCode(0), "^$");
}

TEST_F(EngineProcess, ExitsCleanlyWithCallsInFlight) {
  EXPECT_EXIT(exit_with_calls_in_flight(false), testing::ExitedWithCode(0), "^$");
}

TEST_F(EngineProcess, ExitsCleanlyWhileLoading) {
  EXPECT_EXIT(exit_with_calls_in_flight(true), testing::ExitedWithCode(0), "^$");
}

TEST_F(EngineProcess, ExitsCleanlyInTheMiddleOfALongPrompt) {
  EXPECT_EXIT(exit_in_the_middle_of_a_long_prompt(), testing::ExitedWithCode(0), "^$");
}

TEST_F(EngineProcess, EndsCallsInFlightAsCancelled) {
  EXPECT_EXIT(exit_and_look_at_the_call_afterwards(), testing::ExitedWithCode(0), "^$");
}

/// Also what the other processes of the next test run: then on the model that the environment names.
TEST(EngineChild, AnswersFromTheModelInTheEnvironment) {
  const TinyModelFile own;
  const char* given = std::getenv("ABSTRACTLLM_CHILD_MODEL");
  auto transport = *make_llama_cpp_transport(Options{}.model(given ? given : own.path()).threads(1).context_size(2048));
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(ask(*transport, chat("hi", {{"grammar", grammar_for("same")}})).text(), "same");
}

TEST_F(EngineProcess, SharesAModelFileWithAnotherProcess) {
  const TinyModelFile model;
  const std::string command = "ABSTRACTLLM_CHILD_MODEL='" + model.path() + "' '" +
                              std::filesystem::read_symlink("/proc/self/exe").string() +
                              "' --gtest_filter=EngineChild.* 2>&1";
  std::array<std::FILE*, 2> children{};
  for (auto& child : children) child = popen(command.c_str(), "r");
  auto transport = model.transport();
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(ask(*transport, chat("hi", {{"grammar", grammar_for("same")}})).text(), "same");
  for (std::FILE* child : children) {
    std::string output;
    std::array<char, 4096> buffer{};
    while (const auto count = std::fread(buffer.data(), 1, buffer.size(), child)) output.append(buffer.data(), count);
    EXPECT_EQ(pclose(child), 0) << output;
  }
}

}  // namespace
}  // namespace abstractllm::engine_test
