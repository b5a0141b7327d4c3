// SPDX-License-Identifier: Apache-2.0
// Asks several models at once. The first answer wins, and the other calls are cancelled.
// Usage: example_race PROMPT PROVIDER[:MODEL]...   (keys and addresses come from the environment)
#include <abstractllm/abstractllm.hpp>
#include <iostream>
#include <mutex>
#include <optional>

namespace llm = abstractllm;

namespace {

llm::Llm contestant(const std::string& name) {
  const std::size_t colon = name.find(':');
  llm::Options options;
  if (colon != std::string::npos) options.model(name.substr(colon + 1));
  return llm::create_llm(name.substr(0, colon), options).value();
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 3) return std::cerr << "usage: example_race PROMPT PROVIDER[:MODEL]...\n", 2;
  std::stop_source rest;
  std::mutex mutex;
  std::optional<std::string> winner;
  std::vector<std::future<llm::Result<llm::Response>>> calls;
  for (int i = 2; i < argc; ++i) {
    const std::string name = argv[i];
    auto done = std::make_shared<std::promise<llm::Result<llm::Response>>>();
    calls.push_back(done->get_future());
    contestant(name).generate_async(argv[1], llm::Options().stop_token(rest.get_token()),
                                    [&, name, done](llm::Result<llm::Response> answer) {
                                      const std::lock_guard lock(mutex);
                                      if (answer && !winner) {
                                        winner = name + ": " + answer->text;
                                        rest.request_stop();
                                      }
                                      done->set_value(std::move(answer));
                                    });
  }
  for (auto& call : calls) {
    const llm::Result<llm::Response> answer = call.get();
    if (!answer) std::cerr << answer.error().provider << ": " << answer.error().message << "\n";
  }
  if (!winner) return 1;
  std::cout << *winner << "\n";
  return 0;
} catch (const llm::Exception& failure) {
  std::cerr << failure.what() << "\n";
  return 1;
}
