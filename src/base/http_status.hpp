// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/error.hpp"

namespace abstractllm {

/// The kind of the Error for an HTTP status, where nothing else is known of the failure. The one table for calls,
/// images and the hub. RFC 9110 §15; 429: RFC 6585 §4.
ErrorKind kind_of_status(int status);

/// Whether a Location header says where to look instead.
bool is_redirect(int status);

}  // namespace abstractllm
