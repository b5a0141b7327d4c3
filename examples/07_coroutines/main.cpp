// SPDX-License-Identifier: Apache-2.0
// The handler of a web server. Each request is a coroutine. All of them run on one thread, and each passes its stream
// on to its client as it comes. Usage: example_coroutines [PROVIDER] [MODEL]
#include <abstractllm/abstractllm.hpp>
#include <iostream>
#include <mutex>

namespace llm = abstractllm;

namespace {

// Takes the role of the connection to one client of the web server.
class Client {
 public:
  explicit Client(int number) : number_(number) {}
  void write(std::string_view text) const {
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    std::cout << "client " << number_ << ": " << text << "\n";
  }

 private:
  int number_;
};

llm::Task<int> handle(const llm::Llm& model, std::string question, Client client) {
  llm::Stream stream = model.stream(std::move(question));
  for (;;) {
    auto event = co_await stream.next_async();
    if (!event) {
      client.write("error " + std::string(to_string(event.error().kind)) + ": " + event.error().message);
      co_return 500;
    }
    if (!*event) break;
    if (const auto* delta = std::get_if<llm::TextDelta>(&**event)) client.write(delta->text);
  }
  co_return 200;
}

}  // namespace

int main(int argc, char** argv) try {
  llm::Options options;
  if (argc > 2) options.model(argv[2]);
  const llm::Llm model = llm::create_llm(argc > 1 ? argv[1] : "huggingface", options.max_tokens(20)).value();
  std::vector<llm::Task<int>> requests;
  for (int i = 1; i <= 3; ++i)
    requests.push_back(handle(model, "Say the number " + std::to_string(i) + " in words.", Client(i)));
  for (const int status : llm::sync_wait(llm::when_all(std::move(requests)))) std::cout << "status " << status << "\n";
  return 0;
} catch (const llm::Exception& failure) {
  std::cerr << failure.what() << "\n";
  return 1;
}
