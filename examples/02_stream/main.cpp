// SPDX-License-Identifier: Apache-2.0
// Print an answer as it comes, stop it after a number of characters. Usage: example_stream MODEL.gguf [CHARACTERS]
#include <abstractllm/abstractllm.hpp>
#include <cstdlib>
#include <iostream>

namespace llm = abstractllm;

int main(int argc, char** argv) {
  if (argc < 2) return std::cerr << "usage: example_stream MODEL.gguf [CHARACTERS]\n", 2;
  const std::size_t limit = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 100000;
  try {
    const llm::Llm model = llm::create_llm("huggingface", llm::Options().model(argv[1]).temperature(0)).value();
    llm::Stream stream = model.stream("Count from one to ten.", llm::Options().max_tokens(200));
    for (const llm::StreamEvent& event : stream) {
      if (const auto* delta = std::get_if<llm::TextDelta>(&event)) std::cout << delta->text << std::flush;
      if (stream.response().text.size() >= limit) break;  // dropping the stream cancels the call
    }
    std::cout << '\n';
  } catch (const llm::Exception& failure) {
    std::cerr << failure.what() << '\n';
    return llm::exit_code(failure.error().kind);
  }
}
