// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "abstractllm/import.hpp"
#include "base/clock.hpp"

namespace abstractllm {

/// Logs the progress of an import as "import_progress" (debug), for programs that only see the log.
void log_import_progress(const ImportProgress& progress);

/// A GgufWatch::on_bytes that logs the progress of `stage`, and passes it on to `on_progress`, which may be empty.
/// `clock` must outlive it.
std::function<void(std::int64_t bytes, std::int64_t total_bytes)> import_meter(
    const std::string& name, ImportProgress::Stage stage, std::function<void(const ImportProgress&)> on_progress,
    Clock& clock);

}  // namespace abstractllm
