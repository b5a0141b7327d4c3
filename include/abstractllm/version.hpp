// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "abstractllm/export.hpp"

namespace abstractllm {

/// The version of this library, "MAJOR.MINOR.PATCH" (https://semver.org).
ABSTRACTLLM_API std::string_view version() noexcept;

}  // namespace abstractllm
