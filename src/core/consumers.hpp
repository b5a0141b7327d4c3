// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/pending.hpp"
#include "abstractllm/stream.hpp"
#include "core/call_parts.hpp"

namespace abstractllm {

// The ends of a call that users hold. A call that could not be made gives its Error where the first event would be.

/// Begins with the first event that is asked for.
Stream make_stream(Result<CallParts> parts);

/// Begins at once.
PendingResponse make_pending_response(Result<CallParts> parts);

}  // namespace abstractllm
