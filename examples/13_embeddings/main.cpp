// SPDX-License-Identifier: Apache-2.0
// Find the sentence that is closest to a question. Usage: example_embeddings PROVIDER MODEL QUESTION SENTENCE…
#include <abstractllm/abstractllm.hpp>
#include <iostream>
#include <numeric>
#include <span>
#include <string>
#include <vector>

namespace llm = abstractllm;

int main(int argc, char** argv) {
  if (argc < 5) return std::cerr << "usage: example_embeddings PROVIDER MODEL QUESTION SENTENCE...\n", 2;
  try {
    // With normalize, every vector has length 1, and the product of two vectors says how similar they are.
    const llm::Llm model = llm::create_llm(argv[1], llm::Options().model(argv[2]).normalize(true)).value();
    const llm::Embeddings question = model.embed(argv[3], llm::Options().embedding_kind("query")).value();
    const std::vector<std::string> texts(argv + 4, argv + argc);
    const llm::Embeddings sentences = model.embed(texts, llm::Options().embedding_kind("document")).value();
    for (std::size_t i = 0; i < sentences.size(); ++i) {
      const std::span<const float> each = sentences[i];
      std::cout << std::inner_product(each.begin(), each.end(), question[0].begin(), 0.0F) << ' ' << texts[i] << '\n';
    }
  } catch (const llm::Exception& failure) {
    std::cerr << failure.what() << '\n';
    return llm::exit_code(failure.error().kind);
  }
}
