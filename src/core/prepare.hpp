// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "abstractllm/provider.hpp"

namespace abstractllm {

/// A call that is checked, merged and encoded: nothing is left but to send it.
struct PreparedRequest {
  std::shared_ptr<const Protocol> protocol;
  Request request;
  std::shared_ptr<const HttpRequest> http;
};

/// Errors: invalid_argument (an option out of range, no message, invalid UTF-8, an unknown protocol).
Result<PreparedRequest> prepare(const Provider& provider, const Options& instance, std::vector<Message> messages,
                                const Options& call, Delivery delivery);

}  // namespace abstractllm
