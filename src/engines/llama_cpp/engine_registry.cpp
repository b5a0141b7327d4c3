// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/engine_registry.hpp"

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

/// All engines of the process. Leaked on purpose: threads may release engines while static objects are destroyed.
class Engines {
 public:
  static Engines& instance() { return of_this_process().get(); }

  /// Runs at exit. In a forked child, the engines of the parent have no threads. If the object does not exist yet it is
  /// made, so that it refuses a call that another thread starts now.
  static void stop_those_of_this_process() {
    try {
      instance().stop_all();
    } catch (const std::exception& failure) {
      log({LogLevel::error, "engine_not_stopped", std::string("at exit: ") + failure.what(), {}});
    }
  }

  std::shared_ptr<Engine> acquire(const EngineSettings& settings) {
    const std::string key = engine_key(settings);
    std::lock_guard lock(mutex_);
    std::weak_ptr<Engine>& known = engines_[key];
    if (auto engine = known.lock()) {
      engine->adopt(settings);
      return engine;
    }
    std::erase_if(engines_, [&known](const auto& entry) { return &entry.second != &known && entry.second.expired(); });
    std::shared_ptr<Engine> engine(new Engine(settings), [this](Engine* last) { bury(last); });
    if (exiting_) engine->request_stop();
    known = engine;
    return engine;
  }

  void add_key(const std::string& key, const std::weak_ptr<Engine>& engine) {
    std::lock_guard lock(mutex_);
    std::weak_ptr<Engine>& known = engines_[key];
    if (known.expired()) known = engine;
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
    for (const auto& engine : living()) engine->stop();
    wait_for_dying(never_);
    retire({});
  }

 private:
  std::vector<std::shared_ptr<Engine>> living() {
    std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Engine>> found;
    for (const auto& [key, known] : engines_)
      if (auto engine = known.lock())
        found.push_back(std::move(engine));  // perhaps twice, because stop() may be called again
    return found;
  }

  static PerProcess<Engines>& of_this_process() {
    static constinit PerProcess<Engines> engines;
    return engines;
  }

  void bury(Engine* engine) {
    if (engine->is_inherited()) return;  // its threads do not exist here, and they may hold its locks
    if (!engine->is_started()) return delete engine;
    engine->request_stop();
    std::lock_guard lock(mutex_);
    try {
      gravediggers_.emplace_back([this, engine] {
        delete engine;
        std::lock_guard finished(mutex_);
        --dying_;
        dying_changed_.notify_all();
      });
      ++dying_;
    } catch (const std::system_error&) {
      unburied_.push_back(engine);  // no thread is left; the next load deletes it
    }
    dying_changed_.notify_all();
  }

  void delete_unburied(std::unique_lock<std::mutex>& lock) {
    const auto engines = std::exchange(unburied_, {});
    lock.unlock();
    for (Engine* engine : engines) delete engine;
    lock.lock();
  }

  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<Engine>> engines_;
  bool exiting_ = false;  // objects that a late call would use are being destroyed
  const std::atomic<bool> never_ = false;
  int dying_ = 0;
  std::condition_variable dying_changed_;
  std::vector<Engine*> unburied_;
  std::vector<std::thread> retired_;       // threads that have ended or are about to end
  std::vector<std::thread> gravediggers_;  // one for each dying engine, and finished ones that were not joined yet
};

/// From the start, because the very first call may come on another thread while the process already exits.
const bool stopped_at_exit = [] {
  stop_engines_at_exit();
  return true;
}();

}  // namespace

std::shared_ptr<Engine> acquire_engine(const EngineSettings& settings) { return Engines::instance().acquire(settings); }

void add_engine_key(const std::string& key, const std::weak_ptr<Engine>& engine) {
  Engines::instance().add_key(key, engine);
}

void wait_for_dying_engines(const std::atomic<bool>& stopping) { Engines::instance().wait_for_dying(stopping); }

void retire_thread(std::thread thread) { Engines::instance().retire(std::move(thread)); }

void stop_engines_at_exit() {
  at_exit_first([] { Engines::stop_those_of_this_process(); });
}

}  // namespace abstractllm
