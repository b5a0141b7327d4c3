// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "abstractllm/error.hpp"
#include "abstractllm/options.hpp"

namespace abstractllm {

/// How long to wait and how often to try.
struct Policy {
  std::optional<std::chrono::milliseconds> total_timeout;  ///< limit of the whole call, retries included
  /// Limit of one attempt until it is connected, or until its head if the transport does not report the connection.
  std::optional<std::chrono::milliseconds> connect_timeout;
  /// Limit of one attempt until its first text, reasoning or tool call.
  std::optional<std::chrono::milliseconds> first_event_timeout;
  /// Limit of a wait for the next bytes; it applies after the first event, or once a whole body has begun.
  std::optional<std::chrono::milliseconds> idle_timeout;
  std::int64_t max_response_bytes = std::int64_t{256} << 20;  ///< largest body of an answer, after decompression
  int max_retries = 2;
  int max_redirects = 0;  ///< redirects that are followed; 0: a redirect is an error
  std::string_view awaited = "text, reasoning or tool call";  ///< what first_event_timeout waits for, for its message
  std::string_view idle_setting = "idle_timeout";  ///< what a user sets to change idle_timeout, for its message
  bool retry_silence = false;                   ///< idle_timeout and first_event_timeout end the attempt, not the call
  bool strict = false;                          ///< a Warning of the transport is an Error
  std::chrono::milliseconds backoff_base{500};  ///< the first wait is at most this; it doubles with each attempt
  std::chrono::milliseconds backoff_limit{8000};
  std::chrono::milliseconds retry_after_limit{60000};  ///< if a server asks for a longer wait, there is no retry
  /// If it is set, it is told why an attempt failed if another one begins after `delay`. It must not throw.
  std::function<void(const Error& error, std::chrono::milliseconds delay)> on_retry = {};
};

/// Returns the policy that these merged options ask for.
Policy policy_from(const Options& options);

/// Whether another attempt may help. This is only for failures before the first delivered event.
bool is_retryable(const Error& error);

/// Returns how long to wait before attempt `next_attempt` (2 and up): what the server asked for, otherwise full jitter
/// (random × doubled base). Returns nothing if the server asks for more than the limit.
std::optional<std::chrono::milliseconds> retry_delay(const Policy& policy, const Error& error, int next_attempt,
                                                     double random);

}  // namespace abstractllm
