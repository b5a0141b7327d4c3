// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "abstractllm/export.hpp"

namespace abstractllm {

/// Runs callbacks and resumes coroutines, for example in a thread pool or in the user's own loop. See
/// Options::executor.
class Executor {
 public:
  virtual ~Executor() = default;

  /// Runs the task once, later, on a thread of the executor. Must return at once. It is called on the library's loop
  /// thread, or on the caller's thread for a call that fails before it is sent. If it throws, the task runs on the loop
  /// thread. Tasks of one call never overlap, because each is posted after the task before it has run.
  virtual void post(std::function<void()> task) = 0;
};

namespace executor_detail {

template <class Context>
void post_to(const Context& context, std::function<void()> task) {
  post(context, std::move(task));  // argument-dependent lookup: asio::post, boost::asio::post
}

}  // namespace executor_detail

/// Makes an Executor from any object for which argument-dependent lookup finds `post(context, function)`. Executors of
/// Boost.Asio and Asio are such objects: `executor_from(io_context.get_executor())`. The context must outlive the
/// calls.
template <class Context>
std::shared_ptr<Executor> executor_from(Context context) {
  class Adapter final : public Executor {
   public:
    explicit Adapter(Context context) : context_(std::move(context)) {}
    void post(std::function<void()> task) override { executor_detail::post_to(context_, std::move(task)); }

   private:
    Context context_;
  };
  return std::make_shared<Adapter>(std::move(context));
}

}  // namespace abstractllm
