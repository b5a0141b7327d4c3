// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "abstractllm/registry.hpp"

namespace abstractllm {

/// The provider of that name. Errors: invalid_argument that lists the known ones and the nearest name.
Result<std::shared_ptr<const Provider>> find_provider(std::string_view name);

}  // namespace abstractllm
