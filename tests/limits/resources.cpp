// SPDX-License-Identifier: Apache-2.0
//
// A process to which the system gives no more descriptors, threads or memory. Each scenario first proves its limit.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "limits/scenarios.hpp"

namespace abstractllm::limits {
namespace {

void set_limit(int what, rlim_t value) {
  rlimit limit{};
  getrlimit(static_cast<__rlimit_resource>(what), &limit);
  limit.rlim_cur = value;
  require(setrlimit(static_cast<__rlimit_resource>(what), &limit) == 0, "setrlimit");
}

/// Each form of a call has one outcome, an answer or an Error; nothing else is thrown.
void call_in_every_form(const Llm& model) {
  try {
    (void)model.generate("blocking");
    Stream stream = model.stream("stream");
    while (true) {
      const auto event = stream.next();
      if (!event || !*event) break;
    }
    (void)model.generate_async("pending").wait();
    (void)model.generate_future("future").get();
    std::mutex mutex;
    std::condition_variable changed;
    int done = 0;
    model.generate_async("callback", Options(), [&](const Result<Response>&) {
      const std::lock_guard lock(mutex);
      ++done;
      changed.notify_one();
    });
    Batch batch = model.generate_many(std::vector<std::string>{"one", "two"});
    int results = 0;
    while (batch.next()) ++results;
    require(results == 2, "two results of the batch");
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return done > 0; });
    require(done == 1, "done was called once");
  } catch (const std::exception& thrown) {
    require(false, std::string("thrown: ") + thrown.what());
  }
}

int descriptors() {
  const EchoServer server;
  const Llm model = server.model();
  const int lowest = open("/dev/null", O_RDONLY);
  close(lowest);
  for (int more = 0; more < 12; ++more) {
    set_limit(RLIMIT_NOFILE, static_cast<rlim_t>(lowest + more));
    std::vector<int> opened;
    for (int each = open("/dev/null", O_RDONLY); each >= 0; each = open("/dev/null", O_RDONLY)) opened.push_back(each);
    require(errno == EMFILE, "the limit of descriptors works");
    for (const int each : opened) close(each);
    call_in_every_form(model);
  }
  set_limit(RLIMIT_NOFILE, 1024);
  ask_blocking(model, "after");
  ask_async(model, "after");
  return 0;
}

/// Whether so many run at the same time.
bool can_start_threads(int count) {
  std::atomic<bool> may_end = false;
  std::vector<std::thread> started;
  bool enough = true;
  try {
    for (int i = 0; i < count; ++i) started.emplace_back([&may_end] { may_end.wait(false); });
  } catch (const std::system_error&) {
    enough = false;
  }
  may_end = true;
  may_end.notify_all();
  for (std::thread& each : started) each.join();
  return enough;
}

/// RLIMIT_NPROC does not bind root, and counts what else the user runs.
void allow_threads(int count) {
  if (getuid() == 0) {
    constexpr unsigned nobody = 65534;
    require(setgid(nobody) == 0 && setuid(nobody) == 0, "becoming an unprivileged user");
  }
  rlim_t limit = 0;
  set_limit(RLIMIT_NPROC, limit);
  require(!can_start_threads(1), "the limit of threads works");
  while (!can_start_threads(count)) {
    require(limit < 10'000, "some threads");
    set_limit(RLIMIT_NPROC, ++limit);
  }
}

int threads() {
  const EchoServer server;
  const Llm model = server.model();
  allow_threads(0);
  call_in_every_form(model);
  ask_blocking(model, "blocking calls need no thread");
  return 0;
}

int threads_of_a_model() {
  const Llm model = local_model();
  allow_threads(0);
  const auto reply = model.generate("Hi");
  require(!reply && reply.error().kind == ErrorKind::engine_failed, "engine_failed");
  call_in_every_form(model);
  return 0;
}

/// Enough for the engine's own threads, and too few for those that compute: OpenMP would end the process.
int few_threads_for_a_model() {
  const Llm model = local_model(Options().threads(16));
  allow_threads(6);
  const auto reply = model.generate("Hi");
  require(!reply && reply.error().kind == ErrorKind::engine_failed, "engine_failed");
  require(model.generate("Hi", Options().threads(1)).has_value(), "an answer with fewer threads");
  return 0;
}

rlim_t address_space_in_use() {
  std::ifstream file("/proc/self/statm");
  rlim_t pages = 0;
  file >> pages;
  return pages * static_cast<rlim_t>(sysconf(_SC_PAGE_SIZE));
}

/// Less and less may be allocated, down to nothing.
int memory_for(const Llm& model, rlim_t most_megabytes) {
  constexpr std::array<rlim_t, 8> megabytes = {64, 24, 10, 9, 4, 2, 1, 0};
  for (const rlim_t more : megabytes) {
    if (more > most_megabytes) continue;
    set_limit(RLIMIT_AS, address_space_in_use() + (more << 20U));
    void* large = std::malloc((more + 1) << 20U);
    require(large == nullptr, "the limit of memory works");
    call_in_every_form(model);
  }
  return 0;
}

int memory() {
  const EchoServer server;
  return memory_for(server.model(), 64);
}

/// Less than the stack of one thread: what ggml does without memory while it computes is not ours to mend.
int memory_of_a_model() { return memory_for(local_model(), 4); }

constexpr std::array scenarios = {
    Scenario{"descriptor_limit", Where::without_asan, descriptors},
    Scenario{"thread_limit", Where::without_sanitizers, threads},
    Scenario{"memory_limit", Where::without_sanitizers, memory},
#ifdef ABSTRACTLLM_WITH_ENGINE
    Scenario{"thread_limit_of_a_model", Where::without_sanitizers, threads_of_a_model},
    Scenario{"few_threads_for_a_model", Where::without_sanitizers, few_threads_for_a_model},
    Scenario{"memory_limit_of_a_model", Where::without_sanitizers, memory_of_a_model},
#endif
};

}  // namespace

std::span<const Scenario> resource_scenarios() { return scenarios; }

}  // namespace abstractllm::limits
