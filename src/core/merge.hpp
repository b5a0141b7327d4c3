// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "abstractllm/options.hpp"
#include "abstractllm/provider.hpp"

namespace abstractllm {

/// What the environment says: ABSTRACTLLM_ and an option's name in capitals for each option that is one text (not for
/// lists), and the provider's own variables for its base URL, which wins over ABSTRACTLLM_BASE_URL, its key and its
/// headers. An option that nothing would read (reads_engine_option) is passed over with a log record: a variable holds
/// for every provider, so that it is no Warning. Errors: invalid_argument, or not_configured for a key that cannot be
/// one, naming the variable.
Result<Options> options_from_environment(const Provider& provider);

/// Whether a provider's transport or one of its protocols may read this option of scope `engine`.
bool reads_engine_option(const Provider& provider, std::string_view name);

/// A handle's options: instance over environment over the provider's defaults. Checked.
Result<Options> instance_options(const Provider& provider, const Options& instance);

}  // namespace abstractllm
