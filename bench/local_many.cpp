// SPDX-License-Identifier: Apache-2.0
// Many asynchronous calls at once to a model in this process, as one line of JSON: tokens per second from the first
// question to the last answer. Usage: local_many MODEL.gguf THREADS TOKENS CALLS
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "abstractllm/abstractllm.hpp"

namespace llm = abstractllm;

int main(int argc, char** argv) try {
  if (argc != 5) return std::fprintf(stderr, "usage: local_many MODEL.gguf THREADS TOKENS CALLS\n"), 2;
  const auto options =
      llm::Options().temperature(0).max_tokens(std::atol(argv[3])).extra_body("{\"ignore_eos\": true}");
  const llm::Llm model =
      llm::create_llm("huggingface", llm::Options().model(argv[1]).threads(std::atol(argv[2])).parallel(4)).value();
  model.generate("Count to ten.", llm::Options(options).max_tokens(8)).value();  // load and warm up
  const auto began = std::chrono::steady_clock::now();
  std::vector<std::future<llm::Result<llm::Response>>> calls;
  for (int i = 0; i < std::atoi(argv[4]); ++i) calls.push_back(model.generate_future("Count to ten.", options));
  long tokens = 0;
  for (auto& call : calls) tokens += call.get().value().usage.output_tokens.value_or(0);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf("{\"tokens\": %ld, \"tokens_per_second\": %.2f}\n", tokens, static_cast<double>(tokens) / seconds);
  return 0;
} catch (const llm::Exception& failure) {
  std::fprintf(stderr, "%s\n", failure.what());
  return 1;
}
