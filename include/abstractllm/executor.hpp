// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "abstractllm/export.hpp"

namespace abstractllm {

/// Where callbacks run and coroutines go on: a thread pool, a user's own loop. See Options::executor.
class Executor {
 public:
  virtual ~Executor() = default;

  /// Runs the task once, later, on a thread of the executor's. Called from the library's loop thread, and for a call
  /// that fails before it is sent from the caller's; returns at once. Where it throws, the task runs on the loop
  /// thread. Tasks of one call never overlap, as each is posted when the one before has run.
  virtual void post(std::function<void()> task) = 0;
};

namespace executor_detail {

template <class Context>
void post_to(const Context& context, std::function<void()> task) {
  post(context, std::move(task));  // found by its argument: asio::post, boost::asio::post
}

}  // namespace executor_detail

/// An Executor from anything for which `post(context, function)` is found by its argument: an executor of Boost.Asio or
/// of Asio, as in `executor_from(io_context.get_executor())`. The context must outlive the calls.
template <class Context>
std::shared_ptr<Executor> executor_from(Context context) {
  class Adapter final : public Executor {
   public:
    explicit Adapter(Context the_context) : context_(std::move(the_context)) {}
    void post(std::function<void()> task) override { executor_detail::post_to(context_, std::move(task)); }

   private:
    Context context_;
  };
  return std::make_shared<Adapter>(std::move(context));
}

}  // namespace abstractllm
