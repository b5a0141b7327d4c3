// SPDX-License-Identifier: Apache-2.0
//
// What a new handle to a model in memory costs, against one that is there: from create_llm to the first token, and to
// the engine's word that the model is loaded. Usage: cache_hit MODEL.gguf [ROUNDS]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "abstractllm/abstractllm.hpp"

namespace llm = abstractllm;

namespace {

using Clock = std::chrono::steady_clock;

double microseconds_since(Clock::time_point began) {
  return std::chrono::duration<double, std::micro>(Clock::now() - began).count();
}

void first_token(const llm::Llm& model) {
  const auto reply = model.generate("Hi", llm::Options().max_tokens(1).temperature(0));
  if (reply) return;
  std::fprintf(stderr, "%s\n", reply.error().message.c_str());
  std::exit(1);
}

double median(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: cache_hit MODEL.gguf [ROUNDS]\n"), 2;
  const llm::Options options = llm::Options().model(argv[1]);
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 200;
  const auto kept = llm::create_llm("huggingface", options);
  if (!kept) return std::fprintf(stderr, "%s\n", kept.error().message.c_str()), 1;
  first_token(*kept);

  // Without the model's own time, which is a hundred times as long and not always the same.
  std::vector<double> kept_preloads;
  std::vector<double> new_preloads;
  for (int round = 0; round < 10 * rounds; ++round) {
    auto began = Clock::now();
    (void)kept->preload();
    kept_preloads.push_back(microseconds_since(began));
    began = Clock::now();
    (void)llm::create_llm("huggingface", options).value().preload();
    new_preloads.push_back(microseconds_since(began));
  }
  const double kept_preload = median(kept_preloads);
  std::printf("preload: kept handle %.0f us, new handle %.0f us more (medians of %d)\n", kept_preload,
              median(new_preloads) - kept_preload, 10 * rounds);

  std::vector<double> with_kept;
  std::vector<double> with_new;
  std::vector<double> differences;
  for (int round = 0; round < rounds; ++round) {
    auto began = Clock::now();
    first_token(*kept);
    with_kept.push_back(microseconds_since(began));
    began = Clock::now();
    first_token(llm::create_llm("huggingface", options).value());
    with_new.push_back(microseconds_since(began));
    differences.push_back(with_new.back() - with_kept.back());
  }
  const auto stats = llm::model_cache_stats();
  std::printf("first token: kept handle %.0f us, new handle %.0f us, difference %.0f us (medians of %d); %lld loads\n",
              median(with_kept), median(with_new), median(differences), rounds, static_cast<long long>(stats.loads));
}
