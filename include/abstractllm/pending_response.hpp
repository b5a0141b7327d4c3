// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <memory>

#include "abstractllm/export.hpp"
#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

/// An answer that is under way: `co_await` it, once, or wait() for it. Move-only. Dropping it cancels the call and
/// returns at once.
///
/// The coroutine goes on on the executor of the call's options; without one, on the library's loop thread.
class ABSTRACTLLM_API PendingResponse {
 public:
  class Impl;

  explicit PendingResponse(std::unique_ptr<Impl> impl);
  PendingResponse(PendingResponse&&) noexcept;
  PendingResponse& operator=(PendingResponse&&) noexcept;
  ~PendingResponse();

  /// Blocks until the answer is there. Errors: as Llm::generate; invalid_argument on the loop thread.
  Result<Response> wait();

  bool await_ready();
  bool await_suspend(std::coroutine_handle<> waiter);
  Result<Response> await_resume();

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace abstractllm
