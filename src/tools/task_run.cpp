// SPDX-License-Identifier: Apache-2.0
#include "tools/task_run.hpp"

#include <atomic>
#include <optional>
#include <utility>

#include "base/process.hpp"
#include "base/reactor.hpp"
#include "tools/tool_impl.hpp"

namespace abstractllm {
namespace {

/// A Task of a tool, with everything that it may use. It keeps itself from its start to its end, because a coroutine
/// must not be destroyed in between.
class TaskRun : public ProcessOwned, public std::enable_shared_from_this<TaskRun> {
 public:
  TaskRun(Tool tool, std::string arguments, ToolContext context, std::function<void(const Result<std::string>&)> end)
      : tool_(std::move(tool)), arguments_(std::move(arguments)), context_(std::move(context)), end_(std::move(end)) {}
  ~TaskRun() {
    if (!started_ && !is_inherited())
      finish(Error(ErrorKind::tool_failed, "the executor of the call dropped the tool"));
  }
  TaskRun(const TaskRun&) = delete;
  TaskRun& operator=(const TaskRun&) = delete;

  void start() {
    if (started_.exchange(true)) return;
    if (context_.stop_token().stop_requested())
      return finish(Error(ErrorKind::cancelled, "the tool was given up before it began"));
    try {
      task_.emplace(tool_.impl().run_later(std::move(arguments_), context_));
    } catch (...) {
      return finish(outcome_of([]() -> Result<std::string> { throw; }));
    }
    self_ = shared_from_this();
    task_->begin([](void* of) { static_cast<TaskRun*>(of)->take_result(); }, this);
  }

 private:
  void take_result() {
    const std::shared_ptr<TaskRun> self = std::move(self_);
    finish(outcome_of([this] { return task_->result(); }));
  }
  void finish(const Result<std::string>& outcome) {
    if (const auto end = std::exchange(end_, nullptr)) end(outcome);
  }

  Tool tool_;
  std::string arguments_;
  ToolContext context_;
  std::function<void(const Result<std::string>&)> end_;
  std::optional<Task<Result<std::string>>> task_;
  std::atomic<bool> started_ = false;
  std::shared_ptr<TaskRun> self_;
};

}  // namespace

void begin_task_run(Tool tool, std::string arguments, ToolContext context, const std::shared_ptr<Executor>& executor,
                    std::function<void(const Result<std::string>&)> end) {
  const auto run = std::make_shared<TaskRun>(std::move(tool), std::move(arguments), std::move(context), std::move(end));
  const auto start = [run] { run->start(); };
  const Result<bool> posted = guarded([&]() -> Result<bool> {
    if (executor) {
      executor->post(start);
      return true;
    }
    return Reactor::shared().post(start);
  });
  // An executor that threw may have taken the work: start() begins it once.
  if (executor && !posted) {
    const Result<bool> on_loop = guarded([&]() -> Result<bool> { return Reactor::shared().post(start); });
    if (!on_loop || !*on_loop) run->start();
  }
}

}  // namespace abstractllm
