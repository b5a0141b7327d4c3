// SPDX-License-Identifier: Apache-2.0
// Many prompts, a few at a time; answers in the order of the prompts. Usage: example_batch [PROVIDER] [MODEL]
#include <abstractllm/abstractllm.hpp>
#include <iostream>

namespace llm = abstractllm;

int main(int argc, char** argv) try {
  llm::Options options;
  if (argc > 2) options.model(argv[2]);
  const llm::Llm model = llm::create_llm(argc > 1 ? argv[1] : "huggingface", options.max_tokens(30)).value();

  std::vector<std::string> prompts;
  for (const char* country : {"France", "Italy", "Spain", "Portugal"})
    prompts.push_back(std::string("What is the capital of ") + country + "?");
  llm::BatchOptions batch;
  batch.max_in_flight = 2;
  int failed = 0;
  for (const llm::BatchResult& result : model.generate_many(prompts, {}, batch)) {
    std::cout << result.index << ": " << (result.outcome ? result.outcome->text : result.outcome.error().message)
              << "\n";
    failed += !result.outcome;
  }
  return failed;
} catch (const llm::Exception& failure) {
  std::cerr << failure.what() << "\n";
  return 1;
}
