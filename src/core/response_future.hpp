// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <future>

#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

/// A future and the function that gives it its outcome, once, from any thread.
struct ResponseFuture {
  std::future<Result<Response>> future;
  std::function<void(Result<Response>)> done;
};

/// Makes one. In a forked child, a future that has no outcome yet gets `cancelled`, since the thread that would have
/// given it one does not exist there.
ResponseFuture make_response_future();

}  // namespace abstractllm
