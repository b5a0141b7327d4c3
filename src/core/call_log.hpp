// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>

#include "abstractllm/provider.hpp"
#include "core/call_reader.hpp"
#include "core/prepare.hpp"

namespace abstractllm {

/// Writes one `request` record: the provider, the options and the size of the request. At debug a `request_body`
/// follows. Attachments and keys are never logged. If something must be asked first, the records are written when the
/// request is sent, and describe the attachments in it.
void log_request(const CallInfo& info, const PreparedRequest& prepared);

/// Returns what writes one `retry` record for each attempt that is repeated: why, and how long the call waits. Empty if
/// nobody reads such records now.
std::function<void(const Error&, std::chrono::milliseconds)> log_retries(const CallInfo& info);

/// Writes one `warning` record.
void log_warning(const CallInfo& info, const Warning& warning);

/// Writes one `response` record: outcome, usage, times. `error` is null if the call ended well. At debug a
/// `response_body` follows if any text arrived. A call that fails before anything is sent has only this record. Secrets
/// of `request` are masked.
void log_response(const CallInfo& info, const HttpRequest& request, const Response& response, const Error* error);

}  // namespace abstractllm
