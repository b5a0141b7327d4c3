// SPDX-License-Identifier: Apache-2.0
//
// A process that ends while its threads are at work.
#include <array>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "limits/scenarios.hpp"

namespace abstractllm::limits {
namespace {

/// Another moment in each run.
void wait_a_little(int most_milliseconds) {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  std::this_thread::sleep_for(std::chrono::microseconds((now.count() / 1000) % (most_milliseconds * 1000)));
}

void call_for_ever(Llm model, std::string question, bool async) {
  std::thread([model = std::move(model), question = std::move(question), async] {
    for (;;) {
      if (async) (void)model.generate_async(question).wait();
      else (void)model.generate(question);
      // The loop refuses calls at once when the process ends.
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  }).detach();
}

/// main returns while other threads ask.
int during_calls() {
  static auto& server = *new EchoServer;
  const Llm model = server.model();
  for (int i = 0; i < 4; ++i) {
    call_for_ever(model, "quick", false);
    call_for_ever(model, "silent", i % 2 == 0);
    call_for_ever(model, "slow", true);
  }
  std::thread([model] {
    for (;;) (void)model.generate("invalid", Options().temperature(9));
  }).detach();
  std::thread([] {
    for (;;) (void)create_llm("openai");
  }).detach();
  wait_a_little(40);
  return 0;
}

int during_load() {
  static auto& model = *new Llm(local_model());
  call_for_ever(model, "Hi", false);
  wait_a_little(40);
  return 0;
}

int during_local_calls() {
  static auto& model = *new Llm(local_model());
  require(model.generate("Hi").has_value(), "the first call");
  for (int i = 0; i < 3; ++i) call_for_ever(model, "Hi", i == 0);
  wait_a_little(40);
  return 0;
}

constexpr std::array scenarios = {
    Scenario{"exit_during_calls", Where::everywhere, during_calls},
#ifdef ABSTRACTLLM_WITH_ENGINE
    Scenario{"exit_during_load", Where::everywhere, during_load},
    Scenario{"exit_during_local_calls", Where::everywhere, during_local_calls},
#endif
};

}  // namespace

std::span<const Scenario> exit_scenarios() { return scenarios; }

}  // namespace abstractllm::limits
