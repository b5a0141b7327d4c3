// SPDX-License-Identifier: Apache-2.0
// Prints how relevant each document is for a query, in the order of the documents: rerank MODEL QUERY DOCUMENT...
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "abstractllm/abstractllm.hpp"

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("usage: rerank MODEL QUERY DOCUMENT...\n", stderr);
    return EXIT_FAILURE;
  }
  const std::vector<std::string> documents(argv + 3, argv + argc);
  auto model = abstractllm::create_llm("huggingface", abstractllm::Options().model(argv[1]).threads(1));
  auto ranking = model ? model->rerank(argv[2], documents) : std::move(model).error();
  if (!ranking) {
    std::fprintf(stderr, "%s\n", ranking.error().message.c_str());
    return EXIT_FAILURE;
  }
  std::vector<double> scores(documents.size());
  for (const auto& document : ranking->documents) scores.at(document.index) = document.score;
  for (const double score : scores) std::printf("%.9g\n", score);
  return EXIT_SUCCESS;
}
