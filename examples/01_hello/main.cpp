// SPDX-License-Identifier: Apache-2.0
// Ask a model and print its answer. Usage: example_hello [MODEL.gguf]
// [readme]
#include <abstractllm/abstractllm.hpp>
#include <iostream>

namespace llm = abstractllm;

int main(int argc, char** argv) {
  llm::Options options;
  if (argc > 1) options.model(argv[1]);
  try {
    const llm::Llm model = llm::create_llm("local", options.temperature(0)).value();
    const llm::Response reply = model.generate("What is the capital of France? Answer in one word.").value();
    std::cout << reply.text << " (" << reply.usage.output_tokens << " tokens)\n";
  } catch (const llm::Exception& failure) {
    std::cerr << failure.error().message << '\n';
    return llm::exit_code(failure.error().kind);
  }
}
// [/readme]
