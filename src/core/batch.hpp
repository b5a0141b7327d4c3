// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <stop_token>

#include "abstractllm/batch.hpp"

namespace abstractllm {

/// Sends one question and calls back once, from any thread, but never before it returns.
using AskOne = std::function<void(BatchItem item, std::stop_token stop, std::function<void(Result<Response>)> done)>;

Batch make_batch(std::function<std::optional<BatchItem>()> questions, AskOne ask, std::stop_token stop,
                 const BatchOptions& options);

}  // namespace abstractllm
