// SPDX-License-Identifier: Apache-2.0
// Ask about one picture, compare it with another, and continue the conversation about both.
// Usage: example_images PROVIDER MODEL PICTURE PICTURE (each a path, a URL, a data URL or base64)
#include <abstractllm/abstractllm.hpp>
#include <iostream>

namespace llm = abstractllm;

namespace {

/// Prints the warnings and the answer. Returns the answer.
std::string show(const llm::Result<llm::Response>& reply) {
  for (const llm::Warning& warning : reply.value().warnings) std::cerr << warning.message << '\n';
  std::cout << reply->text << '\n';
  return reply->text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return std::cerr << "usage: example_images PROVIDER MODEL PICTURE PICTURE\n", 2;
  try {
    const llm::Llm model =
        llm::create_llm(argv[1], llm::Options().model(argv[2]).temperature(0).max_tokens(100)).value();
    const llm::Image first(argv[3]);
    const llm::Image second(argv[4]);

    show(model.generate("What is on this picture?", llm::Options().image(first)));

    std::vector<llm::Message> talk = {llm::Message::user({first, "and", second, "What is the difference?"})};
    talk.push_back(llm::Message::assistant(show(model.generate(talk))));
    talk.push_back(llm::Message::user("Which of them is larger?"));
    show(model.generate(talk));
  } catch (const llm::Exception& failure) {
    std::cerr << failure.what() << '\n';
    return llm::exit_code(failure.error().kind);
  }
}
