// SPDX-License-Identifier: Apache-2.0
//
// Hundreds of calls at once, round after round, to servers of every bad manner. Read from the environment:
//   ABSTRACTLLM_SOAK_SECONDS  how long (30)
//   ABSTRACTLLM_SOAK_SEED     of the random numbers, to repeat a run (random)
//   ABSTRACTLLM_SOAK_FORKS    children that each round makes while its calls run (0)
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <iostream>
#include <map>
#include <thread>

#include "soak/call.hpp"
#include "soak/server.hpp"
#include "support/threads.hpp"

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define ABSTRACTLLM_SOAK_SANITIZED
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define ABSTRACTLLM_SOAK_SANITIZED
#endif
#endif
#ifdef ABSTRACTLLM_SOAK_SANITIZED
// Of sanitizer/allocator_interface.h, which GCC's packages lack.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();  // NOLINT(bugprone-reserved-identifier)
#endif

namespace abstractllm::soak {
namespace {

using std::chrono::milliseconds;

constexpr int calls_a_round = 200;

long setting(const char* name, long otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atol(text);
}

/// What must not grow.
struct Holdings {
  std::ptrdiff_t descriptors = 0;
  std::ptrdiff_t threads = 0;
  std::int64_t bytes = 0;
};

std::int64_t allocated_bytes() {
#ifdef ABSTRACTLLM_SOAK_SANITIZED
  return static_cast<std::int64_t>(__sanitizer_get_current_allocated_bytes());
#else
  const struct mallinfo2 info = mallinfo2();
  return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
#endif
}

Holdings holdings() {
  const std::filesystem::directory_iterator descriptors("/proc/self/fd");
  return {std::distance(begin(descriptors), end(descriptors)), test::threads_of_this_process(), allocated_bytes()};
}

std::ostream& operator<<(std::ostream& out, const Holdings& held) {
  return out << held.descriptors << " descriptors, " << held.threads << " threads, " << held.bytes / 1024 << " KiB";
}

/// Asks one question with what the process has, or has inherited. 0: it got its own answer.
int ask(const Llm& model, std::uint32_t number) {
  const Question question{Manner::drip, number, 5, 1};
  const Options options = Options().timeout(std::chrono::seconds(15)).max_retries(2);
  const auto answer = number % 2 == 0 ? model.generate(question.prompt(), options)
                                      : model.generate_async(question.prompt(), options).wait();
  return answer && answer->text == question.answer() ? 0 : 1;
}

/// Every second call is asynchronous.
Call::Way way_of(int index) {
  constexpr std::array blocking{Call::Way::generate, Call::Way::stream, Call::Way::dropped_stream};
  constexpr std::array asynchronous{Call::Way::generate_async, Call::Way::stream_async};
  const auto turn = static_cast<std::size_t>(index / 2);
  return index % 2 == 0 ? blocking.at(turn % blocking.size()) : asynchronous.at(turn % asynchronous.size());
}

class Round {
 public:
  Round(const Llm& model, std::mt19937& random) : model_(model), random_(random) {
    for (int i = 0; i < calls_a_round; ++i) calls_.emplace_back(way_of(i), random);
  }

  void run(long forks) {
    began_ = Clock::now();
    std::vector<std::thread> blocking;
    for (int i = 0; i < calls_a_round; i += 2) blocking.emplace_back([this, i] { calls_.at(i).run(model_); });
    for (int i = 1; i < calls_a_round; i += 2) calls_.at(i).run(model_);
    begin_forks(forks);
    wait();
    for (std::thread& thread : blocking) thread.join();
    for (const Call& call : calls_) EXPECT_EQ(call.fault(), "") << call.description();
  }

  /// How many calls ended which way.
  std::map<std::string, int> endings() const {
    std::map<std::string, int> count;
    for (const Call& call : calls_) ++count[call.answered() ? "answered" : std::string(to_string(call.kind()))];
    return count;
  }

 private:
  void begin_forks(long forks);
  void wait();
  void give_up() const;

  const Llm& model_;
  std::mt19937& random_;
  std::deque<Call> calls_;
  Clock::time_point began_;
  std::vector<pid_t> children_;
};

void Round::begin_forks(long forks) {
  for (long i = 0; i < forks; ++i) {
    std::this_thread::sleep_for(milliseconds(random_() % 300));
    const auto number = static_cast<std::uint32_t>(random_());
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) _exit(ask(model_, number));
    children_.push_back(child);
    // At the same time as the child, so that both would take the same idle connection.
    EXPECT_EQ(ask(model_, number + 2), 0);
  }
}

/// Uses the stop tokens, and waits for the calls and the children.
void Round::wait() {
  std::size_t running = calls_.size() + children_.size();
  while (running > 0) {
    const auto now = Clock::now() - began_;
    if (now > std::chrono::seconds(20) + slack) give_up();
    running = 0;
    for (Call& call : calls_) {
      if (call.stop_after() && now >= *call.stop_after()) call.stop();
      if (!call.done()) ++running;
    }
    std::erase_if(children_, [](pid_t child) {
      int status = 0;
      if (waitpid(child, &status, WNOHANG) == 0) return false;
      EXPECT_EQ(status, 0) << "a child got no answer, or another's";
      return true;
    });
    running += children_.size();
    std::this_thread::sleep_for(milliseconds(5));
  }
}

/// A call that hangs cannot be joined.
void Round::give_up() const {
  for (const Call& call : calls_)
    if (!call.done()) std::cerr << "did not end: " << call.description() << '\n';
  for (const pid_t child : children_) {
    std::cerr << "did not end: child " << child << '\n';
    kill(child, SIGKILL);
  }
  std::abort();
}

/// Waits until threads that are about to end have ended.
Holdings settled(const Holdings& before) {
  Holdings now = holdings();
  for (int i = 0; i < 500 && now.threads > before.threads; ++i) {
    std::this_thread::sleep_for(milliseconds(20));
    now = holdings();
  }
  return now;
}

TEST(Soak, EachCallEndsInTimeAndRightAndLeavesNothingBehind) {
  const ServerProcess server;
  const auto seed = static_cast<std::uint32_t>(setting("ABSTRACTLLM_SOAK_SEED", std::random_device()()));
  const auto end = Clock::now() + std::chrono::seconds(setting("ABSTRACTLLM_SOAK_SECONDS", 30));
  std::cout << "ABSTRACTLLM_SOAK_SEED=" << seed << std::endl;
  std::mt19937 random(seed);
  const Llm model = create_llm("openai_compatible", Options().base_url(server.url() + "/v1").model("soak")).value();
  Holdings warm, last;
  for (int round = 0; round < 4 || Clock::now() < end; ++round) {
    std::map<std::string, int> endings;
    {
      Round calls(model, random);
      calls.run(setting("ABSTRACTLLM_SOAK_FORKS", 0));
      endings = calls.endings();
    }
    if (HasFailure()) return;
    last = settled(warm);
    // The first rounds fill pools; those keep what the busiest moment needed.
    if (round < 2) warm = last;
    std::cout << "round " << round << ": " << last;
    for (const auto& [ending, count] : endings) std::cout << ", " << ending << ' ' << count;
    std::cout << std::endl;
  }
  constexpr int idle_connections = 64;
  EXPECT_LE(last.threads, warm.threads);
  EXPECT_LE(last.descriptors, warm.descriptors + idle_connections);
  EXPECT_LE(last.bytes, warm.bytes + (std::int64_t{4} << 20));
}

}  // namespace
}  // namespace abstractllm::soak
