// SPDX-License-Identifier: Apache-2.0
#include "base/clock.hpp"

#include <condition_variable>
#include <mutex>

namespace abstractllm {
namespace {

class SystemClock final : public Clock {
 public:
  TimePoint now() const override { return std::chrono::steady_clock::now(); }

  void sleep_until(TimePoint deadline, const std::stop_token& stop) override {
    std::mutex mutex;
    std::condition_variable_any condition;
    std::unique_lock lock(mutex);
    condition.wait_until(lock, stop, deadline, [] { return false; });
  }
};

}  // namespace

Clock& Clock::system() {
  static SystemClock& clock = *new SystemClock;  // threads may use it while static objects are destroyed
  return clock;
}

}  // namespace abstractllm
