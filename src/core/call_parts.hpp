// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "abstractllm/executor.hpp"
#include "abstractllm/transport.hpp"
#include "core/call_reader.hpp"
#include "exchange/exchange.hpp"

namespace abstractllm {

/// All that a call needs to begin.
struct CallParts {
  CallInfo info;
  Exchange exchange;
  std::shared_ptr<Transport> transport;
  std::stop_token stop;
  std::vector<Warning> warnings;
  std::shared_ptr<Executor> executor;  // of asynchronous calls
};

}  // namespace abstractllm
