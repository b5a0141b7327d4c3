// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/thread_check.hpp"

#include <atomic>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace abstractllm {

Result<void> check_threads(int count) {
  std::atomic<bool> may_end = false;
  std::vector<std::thread> threads;
  std::string refusal;
  try {
    threads.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) threads.emplace_back([&may_end] { may_end.wait(false); });
  } catch (const std::exception& failure) {
    refusal = failure.what();
  }
  may_end = true;
  may_end.notify_all();
  for (std::thread& each : threads) each.join();
  if (refusal.empty()) return {};
  return Error(ErrorKind::engine_failed, "the local engine needs " + std::to_string(count) +
                                             " threads, and the system gave " + std::to_string(threads.size()) + ": " +
                                             refusal + "; set the option threads, or raise ulimit -u and ulimit -v");
}

}  // namespace abstractllm
