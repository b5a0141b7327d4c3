// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/runner_registry.hpp"

#include <condition_variable>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/process.hpp"

namespace abstractllm {
namespace {

/// All runners of the process. Leaked on purpose: threads may release runners while static objects are destroyed.
class ModelRunners {
 public:
  static ModelRunners& instance() { return of_this_process().get(); }

  /// Runs at exit. In a forked child, the runners of the parent have no threads. If the object does not exist yet it is
  /// made, so that it refuses a call that another thread starts now.
  static void stop_those_of_this_process() {
    try {
      instance().stop_all();
    } catch (const std::exception& failure) {
      log({LogLevel::error, "engine_not_stopped", std::string("at exit: ") + failure.what(), {}});
    }
  }

  std::shared_ptr<ModelRunner> acquire(const ModelSettings& settings) {
    const std::string key = model_key(settings);
    std::lock_guard lock(mutex_);
    std::weak_ptr<ModelRunner>& known = runners_[key];
    if (auto runner = known.lock()) {
      runner->adopt(settings);
      return runner;
    }
    std::erase_if(runners_, [&known](const auto& entry) { return &entry.second != &known && entry.second.expired(); });
    std::shared_ptr<ModelRunner> runner(new ModelRunner(settings), [this](ModelRunner* last) { bury(last); });
    if (exiting_) runner->request_stop();
    known = runner;
    return runner;
  }

  void add_key(const std::string& key, const std::weak_ptr<ModelRunner>& runner) {
    std::lock_guard lock(mutex_);
    std::weak_ptr<ModelRunner>& known = runners_[key];
    if (known.expired()) known = runner;
  }

  void wait_for_dying(const std::atomic<bool>& stopping) {
    std::vector<std::thread> finished;
    {
      std::unique_lock lock(mutex_);
      delete_unburied(lock);
      dying_changed_.wait(lock, [&] { return dying_ == 0 || stopping; });
      if (dying_ == 0) finished.swap(gravediggers_);
    }
    for (std::thread& each : finished) each.join();
  }

  void retire(std::thread thread) {
    std::vector<std::thread> ended;
    {
      const std::lock_guard lock(mutex_);
      ended.swap(retired_);
      retired_.push_back(std::move(thread));
    }
    // These threads were about to end, and need nothing that is locked here.
    for (std::thread& each : ended)
      if (each.joinable()) each.join();
  }

  void stop_all() {
    {
      std::lock_guard lock(mutex_);
      exiting_ = true;
    }
    for (const auto& runner : living()) runner->stop();
    wait_for_dying(never_);
    retire({});
  }

 private:
  std::vector<std::shared_ptr<ModelRunner>> living() {
    std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<ModelRunner>> found;
    for (const auto& [key, known] : runners_)
      if (auto runner = known.lock())
        found.push_back(std::move(runner));  // perhaps twice, because stop() may be called again
    return found;
  }

  static PerProcess<ModelRunners>& of_this_process() {
    static constinit PerProcess<ModelRunners> runners;
    return runners;
  }

  void bury(ModelRunner* runner) {
    if (runner->is_inherited()) return;  // its threads do not exist here, and they may hold its locks
    if (!runner->is_started()) return delete runner;
    runner->request_stop();
    std::lock_guard lock(mutex_);
    try {
      gravediggers_.emplace_back([this, runner] {
        delete runner;
        std::lock_guard finished(mutex_);
        --dying_;
        dying_changed_.notify_all();
      });
      ++dying_;
    } catch (const std::system_error&) {
      unburied_.push_back(runner);  // no thread is left; the next load deletes it
    }
    dying_changed_.notify_all();
  }

  void delete_unburied(std::unique_lock<std::mutex>& lock) {
    const auto runners = std::exchange(unburied_, {});
    lock.unlock();
    for (ModelRunner* runner : runners) delete runner;
    lock.lock();
  }

  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<ModelRunner>> runners_;
  bool exiting_ = false;  // objects that a late call would use are being destroyed
  const std::atomic<bool> never_ = false;
  int dying_ = 0;
  std::condition_variable dying_changed_;
  std::vector<ModelRunner*> unburied_;
  std::vector<std::thread> retired_;       // threads that have ended or are about to end
  std::vector<std::thread> gravediggers_;  // one for each dying runner, and finished ones that were not joined yet
};

/// From the start, because the very first call may come on another thread while the process already exits.
const bool stopped_at_exit = [] {
  stop_runners_at_exit();
  return true;
}();

}  // namespace

std::shared_ptr<ModelRunner> acquire_runner(const ModelSettings& settings) {
  return ModelRunners::instance().acquire(settings);
}

void add_model_key(const std::string& key, const std::weak_ptr<ModelRunner>& runner) {
  ModelRunners::instance().add_key(key, runner);
}

void wait_for_dying_runners(const std::atomic<bool>& stopping) { ModelRunners::instance().wait_for_dying(stopping); }

void retire_thread(std::thread thread) { ModelRunners::instance().retire(std::move(thread)); }

void stop_runners_at_exit() {
  at_exit_first([] { ModelRunners::stop_those_of_this_process(); });
}

}  // namespace abstractllm
