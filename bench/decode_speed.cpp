// SPDX-License-Identifier: Apache-2.0
// Tokens per second through stream(), as one line of JSON. Usage: decode_speed MODEL.gguf THREADS TOKENS CALLS
// From the first to the last token of each call, as llama-bench's tg test counts; CALLS run at once.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "abstractllm/abstractllm.hpp"

namespace llm = abstractllm;
using Clock = std::chrono::steady_clock;

namespace {

struct Run {
  Clock::time_point first, last;
  long tokens = 0;
};

Run run(const llm::Llm& model, long tokens, int number) {
  const llm::Options options = llm::Options().temperature(0).max_tokens(tokens).extra_body("{\"ignore_eos\": true}");
  llm::Stream stream = model.stream("Tell me a long story about the number " + std::to_string(number) + ".", options);
  Run result;
  for (const llm::StreamEvent& event : stream) {
    if (!std::holds_alternative<llm::TextDelta>(event)) continue;
    result.last = Clock::now();
    if (result.tokens == 0) result.first = result.last;
    ++result.tokens;
  }
  result.tokens = stream.response().usage.output_tokens.value_or(result.tokens);
  return result;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 5) return std::fprintf(stderr, "usage: decode_speed MODEL.gguf THREADS TOKENS CALLS\n"), 2;
  const long threads = std::atol(argv[2]);
  const long tokens = std::atol(argv[3]);
  const int calls = std::atoi(argv[4]);
  const llm::Llm model =
      llm::create_llm("huggingface", llm::Options().model(argv[1]).threads(threads).parallel(std::max(calls, 1)))
          .value();
  (void)run(model, 8, 0);  // load and warm up

  std::vector<Run> runs(static_cast<std::size_t>(calls));
  std::vector<std::thread> callers;
  for (int i = 0; i < calls; ++i)
    callers.emplace_back([&, i] { runs[static_cast<std::size_t>(i)] = run(model, tokens, i + 1); });
  for (std::thread& caller : callers) caller.join();

  long total = 0;
  Clock::time_point first = runs[0].first;
  Clock::time_point last = runs[0].last;
  for (const Run& r : runs) {
    total += r.tokens - 1;
    first = std::min(first, r.first);
    last = std::max(last, r.last);
  }
  const double seconds = std::chrono::duration<double>(last - first).count();
  std::printf("{\"tokens\": %ld, \"seconds\": %.4f, \"tokens_per_second\": %.2f}\n", total, seconds,
              static_cast<double>(total) / seconds);
  return 0;
} catch (const llm::Exception& failure) {
  std::fprintf(stderr, "%s\n", failure.what());
  return 1;
}
