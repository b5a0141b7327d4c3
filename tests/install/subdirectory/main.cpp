// SPDX-License-Identifier: Apache-2.0
#include <abstractllm/abstractllm.hpp>
#include <cstdio>

int main() {
  const auto model = abstractllm::create_llm("huggingface", abstractllm::Options().model("x.gguf"));
  if (model) return std::puts("a model without an engine?"), 1;
  std::printf("%s: %s\n", std::string(to_string(model.error().kind)).c_str(), model.error().message.c_str());
  return model.error().kind == abstractllm::ErrorKind::not_configured ? 0 : 1;
}
