// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/error.hpp"
#include "abstractllm/finding.hpp"
#include "abstractllm/warning.hpp"

namespace abstractllm {

/// Returns what a Warning that is known before anything is sent says about the call.
Finding finding_of(const Warning& warning);

/// Returns what an Error that is known before anything is sent says about the call.
Finding finding_of(const Error& error);

}  // namespace abstractllm
