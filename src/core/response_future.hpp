// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <future>

#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

/// A future and the function that sets its outcome, once, from any thread.
struct ResponseFuture {
  std::future<Result<Response>> future;
  std::function<void(Result<Response>)> done;
};

/// Makes a future. In a forked child, a future without an outcome gets `cancelled`, because the thread that would have
/// set it does not exist there.
ResponseFuture make_response_future();

}  // namespace abstractllm
