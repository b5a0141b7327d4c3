// SPDX-License-Identifier: Apache-2.0
// Wall and CPU seconds that the vectors of a file's lines take, a line of JSON for each round that standard input asks
// for with a line. Usage: embed_speed MODEL THREADS FILE (in this process)  or  embed_speed URL - FILE (llama-server)
// The first round is not shown: it loads the model.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/abstractllm.hpp"

namespace llm = abstractllm;

namespace {

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

llm::Llm model_of(const std::string& name, const char* threads) {
  if (name.starts_with("http")) return llm::create_llm("llama_server", llm::Options().base_url(name)).value();
  return llm::create_llm("huggingface", llm::Options().model(name).threads(std::atol(threads))).value();
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) return std::fprintf(stderr, "usage: embed_speed MODEL|URL THREADS|- FILE\n"), 2;
  std::vector<std::string> texts;
  std::ifstream file(argv[3]);
  for (std::string line; std::getline(file, line);) texts.push_back(line);
  const llm::Llm model = model_of(argv[1], argv[2]);
  (void)model.embed(texts).value();
  std::puts("ready");
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    const double wall = wall_seconds();
    const double cpu = cpu_seconds();
    const llm::Embeddings made = model.embed(texts).value();
    std::printf("{\"wall\": %.4f, \"cpu\": %.4f, \"count\": %zu, \"first\": %.6f}\n", wall_seconds() - wall,
                cpu_seconds() - cpu, made.size(), static_cast<double>(made[0][0]));
    std::fflush(stdout);
  }
  return 0;
} catch (const llm::Exception& failure) {
  std::fprintf(stderr, "%s\n", failure.what());
  return 1;
}
