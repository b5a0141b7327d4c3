// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "abstractllm/transport.hpp"
#include "base/clock.hpp"
#include "hub/hub_settings.hpp"

namespace abstractllm {

/// pull() with the given settings and clock. `options.hub` is ignored.
Result<HubModel> pull(const HubSettings& settings, const HubName& name, const PullOptions& options,
                      std::shared_ptr<Transport> transport, Clock& clock);

}  // namespace abstractllm
