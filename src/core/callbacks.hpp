// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "abstractllm/stream.hpp"
#include "core/call_parts.hpp"

namespace abstractllm {

/// Begins the call. `on_event` (which may be empty) gets each event. `done` gets the outcome, exactly once and never
/// before this function returns, unless the system has no thread for the loop. Both run on `executor`. Without an
/// executor, or if it throws, they run on the loop thread. Their exceptions are logged. If `on_event` throws, the call
/// ends.
void begin_with_callbacks(Result<CallParts> parts, const std::shared_ptr<Executor>& executor,
                          std::function<void(const StreamEvent&)> on_event, std::function<void(Result<Response>)> done);

}  // namespace abstractllm
