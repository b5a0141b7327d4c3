// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "abstractllm/export.hpp"
#include "abstractllm/token_count.hpp"

namespace abstractllm {

struct Response;
struct Usage;

/// The kind of a failure. There is one kind for each decision that a caller can take. docs/errors.md has the whole
/// table.
enum class ErrorKind {
  invalid_argument,  ///< the request makes no sense: our validation, or HTTP 400, 422
  unsupported,       ///< the provider or model does not support it: HTTP 501, or a Warning under Options::strict
  not_configured,    ///< a key, a base URL, a model file or the engine is missing or wrong: also HTTP 3xx, 407
  authentication,    ///< the key was refused: HTTP 401
  permission,        ///< not allowed, not paid for, or quota used up: HTTP 402, 403
  not_found,         ///< no such model or endpoint: HTTP 404
  rate_limited,      ///< too many requests: HTTP 429; see Error::retry_after
  context_length,    ///< the prompt does not fit the model's context
  content_filtered,  ///< the provider refused the content
  unavailable,       ///< the server is down or overloaded: HTTP 5xx, 408, 409, 425
  network,           ///< name resolution, TLS, connection reset
  timeout,           ///< a timeout passed; the message says which
  cancelled,         ///< a stop token, a dropped stream, Ctrl-C
  protocol,          ///< bytes that do not fit the wire format, or a stream without its end
  schema_mismatch,   ///< the output does not match the requested type
  tool_failed,       ///< a user's tool threw
  engine_failed,     ///< the local engine could not load or decode
  internal,          ///< a defect of this library
};

/// Returns the kind's name as JSON and the command line spell it: "rate_limited".
ABSTRACTLLM_API std::string_view to_string(ErrorKind kind) noexcept;

/// Returns the process exit code of the kind: 2 to 6, 70 or 130 (docs/errors.md).
ABSTRACTLLM_API int exit_code(ErrorKind kind) noexcept;

/// One failure. It is plain data and can be copied freely.
struct ABSTRACTLLM_API Error {
  Error() = default;
  Error(ErrorKind error_kind, std::string error_message) : kind(error_kind), message(std::move(error_message)) {}

  ErrorKind kind = ErrorKind::internal;
  /// This library's description: what was wrong, where, and what to do next. It is safe to log and never holds a
  /// secret.
  std::string message;
  std::string provider;          ///< provider name, or empty
  std::string model;             ///< model of the call, or empty
  int http_status = 0;           ///< 0 if no HTTP status was received
  std::string provider_code;     ///< the provider's own code, or empty
  std::string provider_message;  ///< the provider's own message: untrusted text; a key in it is masked
  std::string request_id;        ///< the provider's id of the request, or empty
  std::optional<std::chrono::milliseconds> retry_after;  ///< how long the provider asked us to wait
  TokenCount prompt_tokens;   ///< kind context_length: length of the prompt, if the provider reports it
  TokenCount context_tokens;  ///< kind context_length: limit of the model, if the provider reports it
  int attempts = 0;           ///< number of attempts, retries included
  int delivered_events = 0;   ///< number of events delivered before the failure
  /// The part of the answer that arrived before the failure, or null. It may be empty. Text that arrived is never lost.
  std::shared_ptr<const Response> partial;

  /// Returns the usage of `partial`, or an empty Usage if `partial` is null. The type is in usage.hpp.
  Usage usage() const;
};

/// Returns `{"error": {...}}` as docs/cli.md describes it. Unknown fields are absent.
ABSTRACTLLM_API std::string to_json(const Error& error);

/// The only exception type of this library. Result::value() and range-for over a Stream throw it.
class ABSTRACTLLM_API Exception : public std::runtime_error {
 public:
  explicit Exception(Error error);
  /// The failure itself. The reference is valid as long as the exception exists.
  const Error& error() const noexcept { return *error_; }

 private:
  std::shared_ptr<const Error> error_;  // exceptions must copy without throwing
};

}  // namespace abstractllm
