// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/log.hpp"

namespace abstractllm {

/// Whether there is a sink for this level. Check it before you build a record. Costs one relaxed atomic load.
bool log_enabled(LogLevel level) noexcept;

/// Sets the time of the record and passes it to every sink for its level. Never throws. Blocks only as long as the
/// sinks do.
void log(LogRecord record) noexcept;

}  // namespace abstractllm
