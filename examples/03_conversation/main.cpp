// SPDX-License-Identifier: Apache-2.0
// A conversation: the whole history goes with every question. Usage: example_conversation MODEL.gguf, then type.
#include <abstractllm/abstractllm.hpp>
#include <iostream>
#include <string>
#include <vector>

namespace llm = abstractllm;

int main(int argc, char** argv) {
  if (argc < 2) return std::cerr << "usage: example_conversation MODEL.gguf\n", 2;
  const auto model = llm::create_llm("huggingface", llm::Options().model(argv[1]).system_prompt("Be brief."));
  if (!model) return std::cerr << model.error().message << '\n', llm::exit_code(model.error().kind);

  std::vector<llm::Message> history;
  for (std::string line; std::cout << "> " << std::flush && std::getline(std::cin, line);) {
    if (line.empty()) continue;
    history.push_back(llm::Message::user(line));
    const auto reply = model->generate(history);
    if (!reply) return std::cerr << reply.error().message << '\n', llm::exit_code(reply.error().kind);
    std::cout << reply->text << '\n';
    history.push_back(llm::Message::assistant(*reply));
  }
}
