// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <stop_token>

#include "base/clock.hpp"
#include "base/disk_file.hpp"
#include "hub/import/import_cache.hpp"

namespace abstractllm {

/// Makes the folders of a place and waits until nobody else imports to it. `on_waiting` is called before each wait.
/// Errors: not_configured, cancelled.
Result<FileLock> lock_of_import(const ImportPlace& place, const std::stop_token& stop, Clock& clock,
                                const std::function<void()>& on_waiting);

/// The error after a stop request.
Error import_stopped();

}  // namespace abstractllm
