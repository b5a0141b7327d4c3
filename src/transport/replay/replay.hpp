// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "abstractllm/testing.hpp"
#include "transport/replay/recording.hpp"

namespace abstractllm {

/// A transport that answers the first request with the first exchange of the file, the second with the second, and so
/// on. Errors: not_configured if the file cannot be read or has no exchange, and from open() if there are more requests
/// than exchanges.
Result<std::shared_ptr<Transport>> make_replay_transport(const std::string& path, const ReplayOptions& options = {});

/// The same from memory.
std::shared_ptr<Transport> make_replay_transport(std::vector<RecordedExchange> exchanges, const ReplayOptions& options);

}  // namespace abstractllm
