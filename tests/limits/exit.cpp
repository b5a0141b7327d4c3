// SPDX-License-Identifier: Apache-2.0
//
// A process that ends while its threads are at work.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
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

constexpr std::string_view no_arguments = R"({"type":"object"})";

/// What a function that has not returned still uses.
struct InUse {
  InUse() = default;
  ~InUse() { require(false, "what runs was not destroyed"); }
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;
};

std::atomic<int> endless_runs = 0;

[[noreturn]] void run_for_ever() {
  ++endless_runs;
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

void await_endless_runs(int count) {
  while (endless_runs < count) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

Tool endless_tool() {
  return Tool::raw(
      "run", "Never returns", std::string(no_arguments),
      [kept = std::make_shared<InUse>()](const std::string&, ToolContext&) -> Result<std::string> { run_for_ever(); });
}

Task<Result<std::string>> wait_for_ever() {
  ++endless_runs;
  co_await std::suspend_always();
  co_return std::string();
}

Tool endless_task() {
  return Tool::raw_task(
      "run", "Never ends", std::string(no_arguments),
      [kept = std::make_shared<InUse>()](const std::string&, ToolContext&) { return wait_for_ever(); });
}

Options with_endless_approval() {
  const auto unused = [](const std::string&, ToolContext&) -> Result<std::string> { return std::string(); };
  return Options()
      .tools({Tool::raw("run", "Is not allowed yet", std::string(no_arguments), unused)})
      .approve_tool([kept = std::make_shared<InUse>()](const ToolCall&, ToolContext&) -> Approval { run_for_ever(); });
}

/// A blocking and an asynchronous call of a model that is destroyed when the process ends.
void call_twice(const Llm& model) {
  std::thread([model] {
    (void)model.generate("tool");
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
  }).detach();
  model.generate_async("tool", Options(), [](const Result<Response>&) {});
}

/// main returns while tools run that never return: nobody waits for them, and nobody destroys them.
int during_tools() {
  static auto& server = *new EchoServer;
  static const std::array models = {server.model(Options().tools({endless_tool()})),
                                    server.model(Options().tools({endless_task()}))};
  for (const Llm& model : models) call_twice(model);
  await_endless_runs(4);
  wait_a_little(40);
  return 0;
}

int during_approval() {
  static auto& server = *new EchoServer;
  static const Llm model = server.model(with_endless_approval());
  call_twice(model);
  await_endless_runs(2);
  wait_a_little(40);
  return 0;
}

/// The calls are given up before main returns. Then only the runs themselves hold their tools.
int after_dropped_tool_calls() {
  const EchoServer server;
  int begun = 0;
  for (const Options& options :
       {Options().tools({endless_tool()}), Options().tools({endless_task()}), with_endless_approval()}) {
    const Llm model = server.model(options);
    const PendingResponse pending = model.generate_async("tool");
    const auto future = model.generate_future("tool");
    await_endless_runs(begun += 2);
  }
  wait_a_little(40);
  return 0;
}

/// Ends the process with status 7 while a tool runs, or within a tool or an approval.
[[noreturn]] void exit_with_7(const EchoServer& server, std::string_view where) {
  const auto exits = [](const std::string&, ToolContext&) -> Result<std::string> { std::exit(7); };
  Options options = Options().tools({Tool::raw("run", "Exits", std::string(no_arguments), exits)});
  if (where == "main") options.tools({endless_tool()});
  if (where == "approval") options.approve_tool([](const ToolCall&, ToolContext&) -> Approval { std::exit(7); });
  static const Llm model = server.model(options);
  if (where != "main") (void)model.generate("tool");
  call_twice(model);
  await_endless_runs(2);
  std::exit(7);
}

int status_during_tools() {
  const EchoServer server;
  for (const std::string_view where : {"main", "tool", "approval"}) {
    const int child = fork();
    require(child >= 0, "fork");
    if (child == 0) exit_with_7(server, where);
    int status = 0;
    require(waitpid(child, &status, 0) == child, "waitpid");
    require(WIFEXITED(status) && WEXITSTATUS(status) == 7, std::string(where) + ": " + std::to_string(status));
  }
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
    Scenario{"exit_during_tools", Where::everywhere, during_tools},
    Scenario{"exit_during_approval", Where::everywhere, during_approval},
    Scenario{"exit_after_dropped_tool_calls", Where::everywhere, after_dropped_tool_calls},
    Scenario{"exit_status_during_tools", Where::everywhere, status_during_tools},
#ifdef ABSTRACTLLM_WITH_ENGINE
    Scenario{"exit_during_load", Where::everywhere, during_load},
    Scenario{"exit_during_local_calls", Where::everywhere, during_local_calls},
#endif
};

}  // namespace

std::span<const Scenario> exit_scenarios() { return scenarios; }

}  // namespace abstractllm::limits
