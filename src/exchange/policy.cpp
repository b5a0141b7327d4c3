// SPDX-License-Identifier: Apache-2.0
#include "exchange/policy.hpp"

#include <algorithm>
#include <cmath>

namespace abstractllm {

Policy policy_from(const Options& options) {
  Policy policy;
  policy.total_timeout = options.timeout();
  policy.connect_timeout = options.connect_timeout();
  policy.first_event_timeout = options.first_event_timeout();
  policy.idle_timeout = options.idle_timeout();
  if (options.max_response_bytes()) policy.max_response_bytes = *options.max_response_bytes();
  if (options.max_retries()) policy.max_retries = static_cast<int>(*options.max_retries());
  policy.strict = options.strict().value_or(false);
  return policy;
}

bool is_retryable(const Error& error) {
  switch (error.kind) {
    case ErrorKind::rate_limited:
    case ErrorKind::unavailable:
    case ErrorKind::network: return true;
    default: return false;
  }
}

std::optional<std::chrono::milliseconds> retry_delay(const Policy& policy, const Error& error, int next_attempt,
                                                     double random) {
  if (error.retry_after) {
    if (*error.retry_after > policy.retry_after_limit) return std::nullopt;
    return error.retry_after;
  }
  const double doubled = static_cast<double>(policy.backoff_base.count()) * std::exp2(next_attempt - 2);
  const double limited = std::min(doubled, static_cast<double>(policy.backoff_limit.count()));
  return std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(limited * random));
}

}  // namespace abstractllm
