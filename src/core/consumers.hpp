// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/pending.hpp"
#include "abstractllm/stream.hpp"
#include "core/call_parts.hpp"

namespace abstractllm {

// The objects through which users read a call. If the call could not be made, they return its Error in place of the
// first event.

/// The call begins when the first event is requested.
Stream make_stream(Result<CallParts> parts);

/// The call begins at once.
PendingResponse make_pending_response(Result<CallParts> parts);

}  // namespace abstractllm
