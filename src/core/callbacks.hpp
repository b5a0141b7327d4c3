// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "abstractllm/stream.hpp"
#include "core/call_parts.hpp"

namespace abstractllm {

/// Begins the call; `on_event` (or nobody) gets each event, `done` the outcome, exactly once and never from within this
/// function, unless the system has no thread for the loop. Both on `executor`, or on the loop thread, also where the
/// executor throws. What they throw is logged; where `on_event` throws, the call ends.
void begin_with_callbacks(Result<CallParts> parts, std::shared_ptr<Executor> executor,
                          std::function<void(const StreamEvent&)> on_event, std::function<void(Result<Response>)> done);

}  // namespace abstractllm
