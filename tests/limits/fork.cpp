// SPDX-License-Identifier: Apache-2.0
//
// A process that forks: before, between and during its calls.
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "limits/scenarios.hpp"

namespace abstractllm::limits {
namespace {

bool is_child = false;

/// Both kinds of call in turn, if the process may.
void ask(const Llm& model, const std::string& question, bool async) {
  if (async && (children_start_threads || !is_child)) ask_async(model, question);
  else ask_blocking(model, question);
}

int begin_child(const std::function<void()>& what) {
  const int child = fork();
  require(child >= 0, "fork");
  if (child != 0) return child;
  is_child = true;
  what();
  std::exit(0);  // runs the destructors of statics and what was registered with atexit
}

void ask_many(const Llm& model, const std::string& name) {
  for (int i = 0; i < 10; ++i) {
    const std::string question = "slow " + name + " " + std::to_string(i);
    ask(model, question, i % 2 != 0);
  }
}

/// The parent has idle connections of both kinds; then both processes ask.
int idle_connections() {
  const EchoServer server;
  const Llm model = server.model();
  ask_many(model, "before");
  std::array<int, 2> children{};
  for (int& child : children) child = begin_child([&] { ask_many(model, "child " + std::to_string(getpid())); });
  ask_many(model, "parent");
  for (const int child : children) require(ends_well(child), "the child");
  ask_many(model, "after");
  return 0;
}

/// What runs in the parent ends in the child in `cancelled`, and in the parent as it would have.
int calls_of_the_parent() {
  const EchoServer server;
  const Llm model = server.model();
  Stream stream = model.stream("silent stream");
  require(stream.next().has_value(), "the first event");
  PendingResponse pending = model.generate_async("silent pending");
  auto future = model.generate_future("silent future");
  Batch batch = model.generate_many(std::vector<std::string>{"quick", "silent batch"});
  require(batch.next()->outcome.has_value(), "the first of the batch");
  const int child = begin_child([&] {
    const auto cancelled = [](const auto& outcome) { return !outcome && outcome.error().kind == ErrorKind::cancelled; };
    require(cancelled(stream.next()) && cancelled(stream.next()), "the stream in the child");
    require(cancelled(pending.wait()), "the pending response in the child");
    require(cancelled(future.get()), "the future in the child");
    require(cancelled(batch.next()->outcome) && !batch.next(), "the batch in the child");
    {
      const auto dropped = std::move(stream);
      const auto dropped_too = std::move(pending);
      const auto dropped_as_well = std::move(batch);
    }
    ask_many(model, "child");
  });
  require(ends_well(child), "the child");
  ask_many(model, "parent");
  return 0;
}

/// Other threads call, and hold whatever locks there are, while this one forks.
int other_threads_in_calls() {
  const EchoServer server;
  const Llm model = server.model();
  ask_async(model, "before");
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      const std::string question = "thread " + std::to_string(i);
      while (!stop) ask(model, question, i % 2 != 0);
    });
  for (int i = 0; i < 8; ++i) {
    const int child = begin_child([&] {
      ask(model, "child " + std::to_string(i), false);
      ask(model, "child again " + std::to_string(i), true);
    });
    require(ends_well(child), "the child");
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  return 0;
}

/// A callback forks and returns in both processes: the call is the parent's, and the child hears no more of it.
int in_a_callback() {
  const EchoServer server;
  const Llm model = server.model();
  const int parent = getpid();
  std::stop_source stop;
  std::promise<int> child;
  std::promise<ErrorKind> outcome;
  model.stream_async(
      "silent callback", Options().stop_token(stop.get_token()),
      [&](const StreamEvent&) {
        if (const int forked = fork(); forked != 0) child.set_value(forked);
      },
      [&](const Result<Response>& ended) {
        if (getpid() != parent) _exit(1);
        outcome.set_value(ended.error().kind);
      });
  require(ends_well(child.get_future().get()), "the child");
  stop.request_stop();
  require(outcome.get_future().get() == ErrorKind::cancelled, "the outcome in the parent");
  return 0;
}

void require_tool_answer(const Result<Response>& reply, std::string_view of) {
  require(reply.has_value(), reply ? "" : std::string(of) + ": " + reply.error().message);
  require(reply->text == "the result" && reply->steps.size() == 2, of);
}

/// The parent's tools run, and the child has none of their threads. The parent's calls end there in `cancelled`, and it
/// runs the same tools on threads of its own.
int while_tools_run() {
  const EchoServer server;
  const auto running = std::make_shared<std::atomic<int>>(0);
  const auto may_return = std::make_shared<std::atomic<bool>>(false);
  const auto waits = [running, may_return](const std::string&, ToolContext&) -> Result<std::string> {
    const int number = ++*running;
    while (number <= 2 && !*may_return) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return std::string("the result");
  };
  const Llm model = server.model(Options().tools({Tool::raw("run", "Waits", R"({"type":"object"})", waits)}));
  std::thread caller([&] { require_tool_answer(model.generate("tool"), "the blocking call of the parent"); });
  auto future = model.generate_future("tool");
  while (*running < 2) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  require_tool_answer(model.generate("tool"), "the call that leaves an idle thread");
  const int child = begin_child([&] {
    const auto cut = future.get();
    require(!cut && cut.error().kind == ErrorKind::cancelled, "the parent's call in the child");
    require_tool_answer(model.generate("tool"), "the child");
    require_tool_answer(model.generate_future("tool").get(), "the child, asynchronous");
  });
  require(ends_well(child), "the child");
  *may_return = true;
  caller.join();
  require_tool_answer(future.get(), "the asynchronous call of the parent");
  return 0;
}

/// A tool forks. The child ends within the tool, or returns from it: the loop goes on in the parent alone.
int in_a_tool() {
  const EchoServer server;
  const int parent = getpid();
  for (const bool returns : {false, true}) {
    const auto child = std::make_shared<std::atomic<int>>(-1);
    const auto forks = [=](const std::string&, ToolContext& context) -> Result<std::string> {
      require(getpid() == parent, "no tool begins in the child");
      if (context.call_id() == "call_2") return std::string("the result");
      const int forked = fork();
      if (forked != 0) *child = forked;
      else if (!returns) _exit(0);
      return std::string("the first result");
    };
    const Tool tool = Tool::raw("run", "Forks", R"({"type":"object"})", forks);
    const Llm model = server.model(Options().tools({tool}).max_parallel_tools(1));
    for (const bool async : {false, true}) {
      const auto reply = async ? model.generate_future("tools").get() : model.generate("tools");
      require(getpid() == parent, "the call ends in the parent alone");
      require_tool_answer(reply, "the parent");
      require(ends_well(*child), "the child");
    }
  }
  return 0;
}

/// A child of a child.
int grandchild() {
  const EchoServer server;
  const Llm model = server.model();
  ask_many(model, "parent");
  const int child = begin_child([&] {
    ask_many(model, "child");
    require(ends_well(begin_child([&] { ask_many(model, "grandchild"); })), "the grandchild");
    ask_many(model, "child again");
  });
  require(ends_well(child), "the child");
  return 0;
}

/// Each process loads its own model.
int model_in_memory() {
  const Llm model = local_model();
  require(model.generate("before").has_value(), "the parent before");
  Stream stream = model.stream("long", Options().max_tokens(400));
  require(stream.next().has_value(), "the first event of the parent");
  const int child = begin_child([&] {
    const auto cut = stream.next();
    require(!cut && cut.error().kind == ErrorKind::cancelled, "the stream in the child");
    const auto reply = model.generate("child");
    require(reply.has_value(), reply ? "" : reply.error().message);
    require(model.generate_future("child").get().has_value(), "the child, asynchronous");
  });
  while (true) {
    const auto event = stream.next();
    require(event.has_value(), "the parent's stream");
    if (!*event) break;
  }
  require(ends_well(child), "the child");
  require(model.generate("after").has_value(), "the parent after");
  return 0;
}

constexpr std::array scenarios = {
    Scenario{"fork_idle_connections", Where::everywhere, idle_connections},
    Scenario{"fork_calls_of_the_parent", Where::everywhere, calls_of_the_parent},
    Scenario{"fork_other_threads_in_calls", Where::without_sanitizers, other_threads_in_calls},
    Scenario{"fork_grandchild", Where::everywhere, grandchild},
    Scenario{"fork_in_a_callback", Where::without_sanitizers, in_a_callback},
    Scenario{"fork_while_tools_run", Where::without_sanitizers, while_tools_run},
    Scenario{"fork_in_a_tool", Where::without_sanitizers, in_a_tool},
#ifdef ABSTRACTLLM_WITH_ENGINE
    Scenario{"fork_model_in_memory", Where::without_sanitizers, model_in_memory},
#endif
};

}  // namespace

std::span<const Scenario> fork_scenarios() { return scenarios; }

}  // namespace abstractllm::limits
