// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/response.hpp"
#include "abstractllm/stream.hpp"

namespace abstractllm {

/// Adds one event to the answer so far. The only fold: generate, stream and every later form use it.
void fold(const StreamEvent& event, Response& response);

}  // namespace abstractllm
