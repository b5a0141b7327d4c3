// SPDX-License-Identifier: Apache-2.0
// What our layers add to each event of a stream: from the engine's bytes to the event in the caller's hand.
// CPU time and heap allocations per event; the transport hands out frames that are in memory already.
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "abstractllm/abstractllm.hpp"

namespace {
std::atomic<long> allocations{0};
}

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

namespace llm = abstractllm;

constexpr int event_count = 5000;

// The frames that the engine writes for one token each (about 250 bytes, as measured).
const std::vector<std::string>& frames() {
  static const std::vector<std::string> made = [] {
    std::vector<std::string> list;
    const std::string tail =
        "\"}}],\"created\":1790000000,\"id\":\"chatcmpl-0123456789abcdefghijklmnopqrstuv\",\"model\":"
        "\"SmolLM2-135M-Instruct-Q4_K_M.gguf\",\"system_fingerprint\":\"v0.5.0\",\"object\":\"chat.completion.chunk\"}"
        "\n\n";
    for (int i = 0; i < event_count; ++i)
      list.push_back("data: {\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":{\"content\":\" word" +
                     std::to_string(i % 100) + tail);
    list.push_back(
        "data: "
        "{\"choices\":[{\"finish_reason\":\"stop\",\"index\":0,\"delta\":{}}],\"id\":\"c\",\"model\":\"m\"}\n\ndata: "
        "[DONE]\n\n");
    return list;
  }();
  return made;
}

class MemoryChannel final : public llm::Channel {
 public:
  std::optional<llm::IoResult> poll() override {
    if (at_ == 0) return ++at_, llm::HttpHead{200, {}};
    if (at_ <= frames().size()) return llm::BodyBytes{frames()[at_++ - 1]};
    return llm::BodyEnd{};
  }
  void wait(std::chrono::steady_clock::time_point) override {}
  void wake() override {}

 private:
  std::size_t at_ = 0;
};

class MemoryTransport final : public llm::Transport {
 public:
  llm::Result<std::unique_ptr<llm::Channel>> open(std::shared_ptr<const llm::HttpRequest>) override {
    return std::unique_ptr<llm::Channel>(std::make_unique<MemoryChannel>());
  }
};

const llm::Llm& model() {
  static const llm::Llm made = [] {
    llm::Provider provider;
    provider.name = "memory";
    provider.base_url = "memory://here";
    provider.protocols = {llm::protocol("openai_chat")};
    provider.transport = [](const llm::Options&) -> llm::Result<std::shared_ptr<llm::Transport>> {
      return std::shared_ptr<llm::Transport>(std::make_shared<MemoryTransport>());
    };
    llm::register_provider(std::move(provider)).value();
    return llm::create_llm("memory").value();
  }();
  return made;
}

void stream(benchmark::State& state) {
  long allocated = 0;
  long events = 0;
  for (auto _ : state) {
    llm::Stream stream = model().stream("x");
    (void)stream.next();  // what a call costs once is not what an event costs
    const long before = allocations.load();
    auto event = stream.next();
    for (; event && *event; event = stream.next()) ++events;
    allocated += allocations.load() - before;
    if (!event) return state.SkipWithError(event.error().message.c_str());
  }
  state.counters["events"] = benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
  state.counters["us_per_event"] =
      benchmark::Counter(static_cast<double>(events) / 1e6, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["allocations_per_event"] = static_cast<double>(allocated) / static_cast<double>(events);
}
BENCHMARK(stream)->Unit(benchmark::kMillisecond);

void whole_call(benchmark::State& state) {
  long allocated = 0;
  long calls = 0;
  for (auto _ : state) {
    const long before = allocations.load();
    auto prepared = model().request({llm::Message::user("Why is the sky blue?")});
    benchmark::DoNotOptimize(prepared);
    allocated += allocations.load() - before;
    ++calls;
  }
  state.counters["allocations_per_call"] = static_cast<double>(allocated) / static_cast<double>(calls);
}
BENCHMARK(whole_call)->Unit(benchmark::kMicrosecond);

/// One short answer, whole.
class ShortTransport final : public llm::Transport {
 public:
  llm::Result<std::unique_ptr<llm::Channel>> open(std::shared_ptr<const llm::HttpRequest>) override {
    return std::unique_ptr<llm::Channel>(std::make_unique<Answer>());
  }

 private:
  class Answer final : public llm::Channel {
   public:
    std::optional<llm::IoResult> poll() override {
      constexpr std::string_view body =
          R"({"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant",)"
          R"("content":"Light is scattered."},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":3}})";
      switch (step_++) {
        case 0: return llm::HttpHead{200, {}};
        case 1: return llm::BodyBytes{body};
        default: return llm::BodyEnd{};
      }
    }
    void wait(std::chrono::steady_clock::time_point) override {}
    void wake() override {}

   private:
    int step_ = 0;
  };
};

/// A call from its question to its answer. The number of calls is fixed, so that instructions can be counted:
/// valgrind --tool=callgrind --toggle-collect='*short_call*' stream_overhead --benchmark_filter=short_call
void short_call(benchmark::State& state) {
  llm::Provider provider;
  provider.name = "short";
  provider.base_url = "memory://here";
  provider.protocols = {llm::protocol("openai_chat")};
  provider.transport = [](const llm::Options&) -> llm::Result<std::shared_ptr<llm::Transport>> {
    return std::shared_ptr<llm::Transport>(std::make_shared<ShortTransport>());
  };
  const llm::Llm asked = llm::create_llm(std::move(provider)).value();
  for (auto _ : state) {
    auto reply = asked.generate("Why is the sky blue?");
    if (!reply) return state.SkipWithError(reply.error().message.c_str());
  }
}
BENCHMARK(short_call)->Unit(benchmark::kMicrosecond)->Iterations(1000);

}  // namespace

BENCHMARK_MAIN();
