// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "abstractllm/executor.hpp"
#include "abstractllm/tool.hpp"
#include "base/thrown.hpp"

namespace abstractllm {

/// Returns what a tool returns. What it throws becomes an Error for the model.
template <class Function>
Result<std::string> outcome_of(Function&& function) {
  try {
    return function();
  } catch (const Exception& exception) {
    return exception.error();
  } catch (const std::exception& exception) {
    return Error(ErrorKind::tool_failed, std::string("the tool failed: ") + exception.what());
  } catch (...) {
    return Error(ErrorKind::tool_failed, "the tool failed: it threw something that is not a std::exception");
  }
}

/// Starts a tool that is a Task, on the executor, or on the library's loop thread if there is none. `end` is called
/// once with its outcome, on any thread, also if the tool cannot be started. If the executor drops the work, `end` is
/// called then. The task is kept until it has ended.
void begin_task_run(Tool tool, std::string arguments, ToolContext context, const std::shared_ptr<Executor>& executor,
                    std::function<void(const Result<std::string>&)> end);

}  // namespace abstractllm
