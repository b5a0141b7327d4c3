// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/log.hpp"

namespace abstractllm {

/// Whether anybody listens at this level: test it before building a record. One relaxed atomic load.
bool log_enabled(LogLevel level) noexcept;

/// Sets the record's time and hands it to every sink of its level. Never throws, never blocks on anything but the sinks
/// themselves.
void log(LogRecord record) noexcept;

}  // namespace abstractllm
