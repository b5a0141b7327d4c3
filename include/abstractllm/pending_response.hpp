// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <memory>

#include "abstractllm/export.hpp"
#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

/// An answer that has not arrived yet. `co_await` it once, or call wait(). Move-only. Dropping it cancels the call and
/// returns at once.
///
/// The coroutine resumes on the executor of the call's options, or on the library's loop thread if there is no
/// executor.
class ABSTRACTLLM_API PendingResponse {
 public:
  class Impl;

  explicit PendingResponse(std::unique_ptr<Impl> impl);
  PendingResponse(PendingResponse&&) noexcept;
  PendingResponse& operator=(PendingResponse&&) noexcept;
  ~PendingResponse();

  /// Blocks until the answer has arrived. Errors: those of Llm::generate; invalid_argument on the loop thread.
  Result<Response> wait();

  bool await_ready();
  bool await_suspend(std::coroutine_handle<> waiter);
  Result<Response> await_resume();

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace abstractllm
