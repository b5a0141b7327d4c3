// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "abstractllm/registry.hpp"

namespace abstractllm {

/// Returns the provider of that name. Errors: invalid_argument, which lists the known ones and the nearest name.
Result<std::shared_ptr<const Provider>> find_provider(std::string_view name);

/// Checks a provider of the caller's own and makes it ready for use. Errors: invalid_argument for a malformed name, and
/// if it has no protocol.
Result<std::shared_ptr<const Provider>> checked_provider(Provider provider);

}  // namespace abstractllm
