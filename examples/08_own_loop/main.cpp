// SPDX-License-Identifier: Apache-2.0
// A program with a loop of its own, like a game. The answer arrives between two frames, on the loop's own thread, so
// the callbacks need no lock. Usage: example_own_loop [PROVIDER] [MODEL]
#include <abstractllm/abstractllm.hpp>
#include <abstractllm/executor.hpp>
#include <chrono>
#include <iostream>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace llm = abstractllm;

namespace {

class Frames final : public llm::Executor {
 public:
  void post(std::function<void()> task) override {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  void run_posted() {
    std::vector<std::function<void()>> tasks;
    {
      const std::lock_guard lock(mutex_);
      tasks.swap(tasks_);
    }
    for (const auto& task : tasks) task();
  }

 private:
  std::mutex mutex_;
  std::vector<std::function<void()>> tasks_;
};

}  // namespace

int main(int argc, char** argv) try {
  auto frames = std::make_shared<Frames>();
  llm::Options options;
  if (argc > 2) options.model(argv[2]);
  const llm::Llm model = llm::create_llm(argc > 1 ? argv[1] : "huggingface", options.executor(frames)).value();

  bool done = false;
  int status = 0;
  long frame = 0;
  model.stream_async(
      "What is the capital of France?", {},
      [&](const llm::StreamEvent& event) {
        if (const auto* delta = std::get_if<llm::TextDelta>(&event)) std::cout << delta->text << std::flush;
      },
      [&](const llm::Result<llm::Response>& outcome) {
        if (!outcome) std::cerr << outcome.error().message, status = 1;
        done = true;
      });
  for (; !done; ++frame) {
    frames->run_posted();
    std::this_thread::sleep_for(std::chrono::milliseconds(16));  // draw
  }
  std::cout << "\n(after " << frame << " frames)\n";
  return status;
} catch (const llm::Exception& failure) {
  std::cerr << failure.what() << "\n";
  return 1;
}
