// SPDX-License-Identifier: Apache-2.0
// Ask a model and print its answer. Usage: example_hello [MODEL.gguf]
// [readme]
#include <abstractllm/abstractllm.hpp>
#include <iostream>

namespace llm = abstractllm;

int main(int argc, char** argv) {
  auto model = llm::create_llm("huggingface", argc > 1 ? llm::Options().model(argv[1]) : llm::Options());
  auto reply =
      model ? model->generate("What is the capital of France? Answer in one word.", llm::Options().temperature(0))
            : model.error();
  if (!reply) return std::cerr << reply.error().message << '\n', llm::exit_code(reply.error().kind);
  std::cout << reply->text << " (" << reply->usage.output_tokens << " tokens)\n";
}
// [/readme]
