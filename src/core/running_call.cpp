// SPDX-License-Identifier: Apache-2.0
#include "core/running_call.hpp"

#include <utility>

#include "base/thrown.hpp"
#include "core/inherited_call.hpp"

namespace abstractllm {

RunningCall::RunningCall(CallParts parts, Clock& clock)
    : reader_(std::move(parts.info), parts.exchange.request(), std::move(parts.warnings), clock),
      driver_(std::move(parts.exchange), std::move(parts.transport), std::move(parts.stop), clock) {}

Result<std::optional<StreamEvent>> RunningCall::next() {
  if (error_) return *error_;
  try {
    auto came = advance();
    if (!came) error_ = came.error();
    return came;
  } catch (...) {
    // Whoever threw is not to be asked again.
    error_ = thrown_error();
    try {
      error_ = reader_.fail(*error_, driver_.exchange().decoded());
    } catch (...) {  // NOLINT(bugprone-empty-catch): no memory to complete the error with
    }
    return *error_;
  }
}

Result<std::optional<StreamEvent>> RunningCall::advance() {
  if (reader_.has_ended()) return std::optional<StreamEvent>();
  Exchange& exchange = driver_.exchange();
  if (is_inherited()) {
    error_ = reader_.fail(inherited_call(), exchange.decoded());
    return *error_;
  }
  for (;;) {
    if (auto event = reader_.next(exchange.decoded())) return event;
    const bool has_events = driver_.run_until_events();
    reader_.note(exchange.decoded(), {exchange.request_id(), exchange.attempts()});
    if (has_events) continue;
    // The exchange sees to it that an answer without Finished is an error.
    return reader_.fail(exchange.error().value_or(Error(ErrorKind::internal, "the exchange ended without an outcome")),
                        exchange.decoded());
  }
}

}  // namespace abstractllm
