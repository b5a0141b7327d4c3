// SPDX-License-Identifier: Apache-2.0
// Streams from llama-server through its three protocols, from Ollama and from a model in this process, all at the same
// time, and counts the threads that came for it. Prints what each said.
// Usage: all_at_once LLAMA_SERVER_URL OLLAMA_URL OLLAMA_MODEL MODEL.gguf
#include <coroutine>
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "abstractllm/abstractllm.hpp"

namespace llm = abstractllm;

namespace {

std::ptrdiff_t threads_of_this_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

constexpr int stream_count = 5;

/// Where each stream waits, after its first event, for those of all others. On the loop thread alone.
class Gate {
 public:
  /// One that failed holds up nobody.
  void arrive() {
    if (++arrived_ < stream_count) return;
    for (const auto waiting : std::exchange(waiting_, {})) waiting.resume();
  }
  bool await_ready() const { return arrived_ == stream_count; }
  void await_suspend(std::coroutine_handle<> waiting) { waiting_.push_back(waiting); }
  void await_resume() const {}

 private:
  int arrived_ = 0;
  std::vector<std::coroutine_handle<>> waiting_;
};

Gate all_have_begun;
int streaming_at_once = 0;

llm::Task<llm::Result<llm::Response>> read(llm::Llm model) {
  llm::Stream stream =
      model.stream("What is the capital of France? Answer in one word.", llm::Options().temperature(0));
  bool first = true;
  for (;;) {
    auto event = co_await stream.next_async();
    if (std::exchange(first, false)) {
      if (event && *event) ++streaming_at_once;
      all_have_begun.arrive();
      co_await all_have_begun;
    }
    if (event && *event) continue;
    if (!event) co_return event.error();
    co_return stream.response();
  }
}

llm::Task<std::ptrdiff_t> count_threads(llm::Llm model) {
  llm::PendingResponse pending = model.generate_async("Hi", llm::Options().max_tokens(1));
  auto answer = co_await std::move(pending);
  co_return answer ? threads_of_this_process() : -1;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 5) return std::fprintf(stderr, "usage: all_at_once LLAMA_SERVER_URL OLLAMA_URL OLLAMA_MODEL MODEL\n"), 2;
  const std::string server = argv[1];
  const auto at = [](const char* provider, llm::Options options) {
    return llm::create_llm(provider, options.api_key("x")).value();
  };
  const std::map<std::string, llm::Llm> models = {
      {"responses", at("openai", llm::Options().model("m").base_url(server + "/v1"))},
      {"chat", at("openai", llm::Options().model("m").base_url(server + "/v1").protocol("openai_chat"))},
      {"messages", at("anthropic", llm::Options().model("m").base_url(server).max_tokens(100))},
      {"ollama", at("ollama", llm::Options().model(argv[3]).base_url(argv[2]))},
      {"local", at("huggingface", llm::Options().model(argv[4]).threads(1))},
  };
  const std::ptrdiff_t at_start = threads_of_this_process();
  // The engine of the local model has threads of its own, as many for one call as for many.
  const std::ptrdiff_t with_loop = llm::sync_wait(count_threads(models.at("chat")));
  const std::ptrdiff_t with_engine = llm::sync_wait(count_threads(models.at("local")));

  std::vector<llm::Task<llm::Result<llm::Response>>> tasks;
  for (const auto& [name, model] : models) tasks.push_back(read(model));
  const auto answers = llm::sync_wait(llm::when_all(std::move(tasks)));
  const std::ptrdiff_t after = threads_of_this_process();

  int failed = 0;
  auto answer = answers.begin();
  for (const auto& [name, model] : models) {
    std::printf("%s: %s\n", name.c_str(), *answer ? (*answer)->text.c_str() : answer->error().message.c_str());
    failed += !*answer;
    ++answer;
  }
  std::printf(
      "threads: %td at start, %td with the loop, %td with the engine, %td with five streams; streams at once: %d\n",
      at_start, with_loop, with_engine, after, streaming_at_once);
  return failed == 0 && with_loop == at_start + 1 && after == with_engine ? 0 : 1;
} catch (const llm::Exception& failure) {
  std::fprintf(stderr, "%s\n", failure.what());
  return 1;
}
