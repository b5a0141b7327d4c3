// SPDX-License-Identifier: Apache-2.0
// Time to the first token of a call, and of a second one that shares a long prefix with it. Usage: prefix_reuse
// MODEL.gguf THREADS
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "abstractllm/abstractllm.hpp"

namespace llm = abstractllm;

namespace {

llm::Response ask(const llm::Llm& model, const std::string& prompt) {
  llm::Stream stream = model.stream(prompt);
  while (stream.next().value()) {
  }
  return stream.response();
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) return std::fprintf(stderr, "usage: prefix_reuse MODEL.gguf THREADS\n"), 2;
  const llm::Llm model =
      llm::create_llm("huggingface",
                      llm::Options().model(argv[1]).threads(std::atol(argv[2])).temperature(0).max_tokens(4))
          .value();
  (void)ask(model, "Hi.");  // load
  std::string text;
  for (int i = 0; i < 150; ++i) text += "Line " + std::to_string(i) + " of a long document that both questions share. ";
  const llm::Response first = ask(model, text + "What is it about?");
  const llm::Response second = ask(model, text + "How many lines has it?");
  const auto show = [](const char* name, const llm::Response& r) {
    std::printf("%s: first token after %.1f ms, %lld input tokens, %lld of them cached; ", name,
                static_cast<double>(r.timing.first_event->count()) / 1000.0,
                static_cast<long long>(r.usage.input_tokens.value_or(-1)),
                static_cast<long long>(r.usage.cached_input_tokens.value_or(-1)));
  };
  show("first call", first);
  show("second call", second);
  std::printf("ratio %.3f\n", static_cast<double>(second.timing.first_event->count()) /
                                  static_cast<double>(first.timing.first_event->count()));
  return 0;
} catch (const llm::Exception& failure) {
  std::fprintf(stderr, "%s\n", failure.what());
  return 1;
}
