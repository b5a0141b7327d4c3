// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/provider.hpp"
#include "core/call_reader.hpp"
#include "core/prepare.hpp"

namespace abstractllm {

/// One `request` record: who is asked, with which options, how much. At debug a `request_body` follows. Images and keys
/// never. Where something must be asked first, the records are written when the request is sent, with the images that
/// are in it.
void log_request(const CallInfo& info, const PreparedRequest& prepared);

/// One `warning` record.
void log_warning(const CallInfo& info, const Warning& warning);

/// One `response` record: how it ended, usage, times; `error` is null where it ended well. At debug a `response_body`
/// follows, if any text came. A call that fails before anything is sent has this record alone.
void log_response(const CallInfo& info, const Response& response, const Error* error);

}  // namespace abstractllm
