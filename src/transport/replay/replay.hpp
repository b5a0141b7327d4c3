// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "abstractllm/testing.hpp"
#include "transport/replay/recording.hpp"

namespace abstractllm {

/// A transport that answers the first request with the first exchange of the file, the second with the second, and so
/// on. Errors: not_configured where the file cannot be read or holds no exchange; and from open() where there are more
/// requests than exchanges.
Result<std::shared_ptr<Transport>> make_replay_transport(const std::string& path, const ReplayOptions& options = {});

/// The same from memory.
std::shared_ptr<Transport> make_replay_transport(std::vector<RecordedExchange> exchanges, const ReplayOptions& options);

}  // namespace abstractllm
