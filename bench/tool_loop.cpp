// SPDX-License-Identifier: Apache-2.0
// What tools cost: a round of the loop, the encoding of many tools, and the decoding of long arguments.
#include <benchmark/benchmark.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "abstractllm/abstractllm.hpp"
#include "support/tool_answers.hpp"

namespace {

namespace llm = abstractllm;

/// Gives one answer after the other, and begins again at the end. The bytes are in memory.
class MemoryTransport final : public llm::Transport {
 public:
  explicit MemoryTransport(std::vector<std::string> answers) : answers_(std::move(answers)) {}

  llm::Result<std::unique_ptr<llm::Channel>> open(std::shared_ptr<const llm::HttpRequest>) override {
    const std::size_t index = opened_.fetch_add(1) % answers_.size();
    return std::unique_ptr<llm::Channel>(std::make_unique<OneAnswer>(answers_[index]));
  }

 private:
  class OneAnswer final : public llm::Channel {
   public:
    explicit OneAnswer(const std::string& bytes) : bytes_(bytes) {}
    std::optional<llm::IoResult> poll() override {
      if (!has_head_) return has_head_ = true, llm::HttpHead{200, {}};
      if (at_ == bytes_.size()) return llm::BodyEnd{};
      const std::string_view piece = std::string_view(bytes_).substr(at_, 16384);
      at_ += piece.size();
      return llm::BodyBytes{piece};
    }
    void wait(std::chrono::steady_clock::time_point) override {}
    void wake() override {}

   private:
    const std::string& bytes_;
    bool has_head_ = false;
    std::size_t at_ = 0;
  };
  std::vector<std::string> answers_;
  std::atomic<std::size_t> opened_{0};
};

llm::Llm model(const std::string& protocol, std::vector<std::string> answers, const llm::Options& options = {}) {
  llm::Provider provider;
  provider.name = "memory";
  provider.base_url = "memory://here";
  provider.protocols = {llm::protocol(protocol)};
  provider.defaults = llm::Options().model("m");
  auto transport = std::make_shared<MemoryTransport>(std::move(answers));
  provider.transport = [transport](const llm::Options&) -> llm::Result<std::shared_ptr<llm::Transport>> {
    return std::shared_ptr<llm::Transport>(transport);
  };
  return llm::create_llm(std::move(provider), options).value();
}

constexpr int tool_count = 3;
const std::string city_schema = R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"]})";

std::string small_name(int i) { return "tool_" + std::to_string(i); }

/// One round with three calls, then an answer.
std::vector<std::string> one_round() {
  std::vector<llm::ToolCall> calls;
  for (int i = 0; i < tool_count; ++i)
    calls.emplace_back("call_" + std::to_string(i), small_name(i), R"({"city":"Paris"})");
  return {llm::test::answer_bytes("openai_chat", llm::Delivery::body, {"", calls, ""}),
          llm::test::answer_bytes("openai_chat", llm::Delivery::body, {"Sunny.", {}, ""})};
}

void round_by_loop(benchmark::State& state) {
  std::vector<llm::Tool> tools;
  for (int i = 0; i < tool_count; ++i)
    tools.push_back(llm::Tool::raw(
        small_name(i), "Weather in a city", city_schema,
        [](const std::string&, llm::ToolContext&) -> llm::Result<std::string> { return std::string("sunny"); }));
  const llm::Llm asked = model("openai_chat", one_round(), llm::Options().tools(tools));
  for (auto _ : state) {
    auto reply = asked.generate("Weather?");
    if (!reply || reply->steps.size() != 2) return state.SkipWithError("the loop failed");
  }
}
BENCHMARK(round_by_loop)->Unit(benchmark::kMicrosecond)->MeasureProcessCPUTime();

/// The same two requests, made by the program.
void round_by_hand(benchmark::State& state) {
  std::vector<llm::Tool> tools;
  for (int i = 0; i < tool_count; ++i)
    tools.push_back(llm::Tool::declared(small_name(i), "Weather in a city", city_schema));
  const llm::Llm asked = model("openai_chat", one_round(), llm::Options().tools(tools));
  for (auto _ : state) {
    auto calls = asked.generate("Weather?");
    if (!calls || calls->tool_calls.size() != tool_count) return state.SkipWithError("no calls");
    std::vector<llm::ToolResult> results;
    results.reserve(calls->tool_calls.size());
    for (const llm::ToolCall& call : calls->tool_calls) results.emplace_back(call.id, call.name, "sunny");
    auto reply = asked.generate({llm::Message::user("Weather?"), llm::Message::assistant(std::move(calls->parts)),
                                 llm::Message::tool(std::move(results))});
    if (!reply || reply->text != "Sunny.") return state.SkipWithError("no answer");
  }
}
BENCHMARK(round_by_hand)->Unit(benchmark::kMicrosecond)->MeasureProcessCPUTime();

std::vector<llm::Tool> many_tools() {
  std::vector<llm::Tool> tools;
  for (int i = 0; i < 32; ++i) {
    std::string schema = R"({"type":"object","properties":{)";
    std::string required;
    for (int p = 0; p < 10; ++p) {
      const std::string name = "parameter_" + std::to_string(p);
      ((schema += p == 0 ? "\"" : ",\"") += name) +=
          p % 2 == 0 ? R"(":{"type":"string","description":"What it is about"})"
                     : R"(":{"type":"integer","description":"How many","minimum":0,"maximum":1000})";
      ((required += p == 0 ? "\"" : ",\"") += name) += '"';
    }
    ((schema += R"(},"required":[)") += required) += "]}";
    tools.push_back(llm::Tool::declared("tool_" + std::to_string(i), "Does one of many things", schema));
  }
  return tools;
}

void encode_with(benchmark::State& state, const std::string& protocol, const std::vector<llm::Tool>& tools) {
  const llm::Llm asked = model(protocol, {""}, tools.empty() ? llm::Options() : llm::Options().tools(tools));
  std::size_t bytes = 0;
  for (auto _ : state) {
    auto encoded = asked.encode("Hello");
    if (!encoded) return state.SkipWithError(encoded.error().message.c_str());
    bytes = encoded->http.body.size();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}

void encode_no_tools(benchmark::State& state, const std::string& protocol) { encode_with(state, protocol, {}); }
void encode_32_tools(benchmark::State& state, const std::string& protocol) {
  encode_with(state, protocol, many_tools());
}
/// Tools and handle are new each time.
void encode_32_new_tools(benchmark::State& state, const std::string& protocol) {
  for (auto _ : state) {
    const llm::Llm asked = model(protocol, {""}, llm::Options().tools(many_tools()));
    auto encoded = asked.encode("Hello");
    benchmark::DoNotOptimize(encoded);
  }
}

/// `state.range(0)` kilobytes of arguments, in fragments of 5 bytes.
void decode_call(benchmark::State& state, const std::string& protocol) {
  std::string text;
  while (text.size() < static_cast<std::size_t>(state.range(0)) * 1000) text += R"(a line of words, \"quoted\"\n)";
  const std::string arguments = R"({"text":")" + text + "\"}";
  const llm::ToolCall call("call_1", "write", arguments);
  const llm::Llm asked = model(protocol, {llm::test::answer_bytes(protocol, llm::Delivery::stream, {"", {call}, ""})},
                               llm::Options().tools({llm::Tool::declared("write", "Writes", R"({"type":"object"})")}));
  for (auto _ : state) {
    llm::Stream stream = asked.stream("Write");
    auto event = stream.next();
    while (event && *event) event = stream.next();
    if (!event || stream.response().tool_calls.size() != 1) return state.SkipWithError("no call");
  }
  const double fragments = static_cast<double>(arguments.size() + 4) / 5 * static_cast<double>(state.iterations());
  state.counters["us_per_fragment"] =
      benchmark::Counter(fragments / 1e6, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

#define ABSTRACTLLM_EACH_PROTOCOL(name)                                                  \
  BENCHMARK_CAPTURE(name, chat, "openai_chat")->Unit(benchmark::kMicrosecond);           \
  BENCHMARK_CAPTURE(name, responses, "openai_responses")->Unit(benchmark::kMicrosecond); \
  BENCHMARK_CAPTURE(name, anthropic, "anthropic_messages")->Unit(benchmark::kMicrosecond);
ABSTRACTLLM_EACH_PROTOCOL(encode_no_tools)
ABSTRACTLLM_EACH_PROTOCOL(encode_32_tools)
ABSTRACTLLM_EACH_PROTOCOL(encode_32_new_tools)
BENCHMARK_CAPTURE(decode_call, chat, "openai_chat")->Unit(benchmark::kMicrosecond)->Arg(10)->Arg(100);
BENCHMARK_CAPTURE(decode_call, responses, "openai_responses")->Unit(benchmark::kMicrosecond)->Arg(10)->Arg(100);
BENCHMARK_CAPTURE(decode_call, anthropic, "anthropic_messages")->Unit(benchmark::kMicrosecond)->Arg(10)->Arg(100);
// Its calls come whole: a fragment is 5 bytes of them.
BENCHMARK_CAPTURE(decode_call, ollama, "ollama_chat")->Unit(benchmark::kMicrosecond)->Arg(10)->Arg(100);

}  // namespace

BENCHMARK_MAIN();
