// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "abstractllm/options.hpp"
#include "abstractllm/provider.hpp"

namespace abstractllm {

/// Reads options from the environment. Each option that is one text (not a list) has a variable, ABSTRACTLLM_ and the
/// option's name in capitals. The provider has its own variables for its base URL (which overrides
/// ABSTRACTLLM_BASE_URL), its key and its headers. An option that nothing would read (see reads_engine_option) is
/// skipped with a log record. It gives no Warning, because a variable applies to every provider. Errors:
/// invalid_argument, or not_configured for an invalid key; both name the variable.
Result<Options> options_from_environment(const Provider& provider);

/// Whether a provider's transport or one of its protocols may read this option of scope `engine`.
bool reads_engine_option(const Provider& provider, std::string_view name);

/// Returns a handle's options: the instance's override the environment's, which override the provider's defaults. They
/// are checked.
Result<Options> instance_options(const Provider& provider, const Options& instance);

}  // namespace abstractllm
