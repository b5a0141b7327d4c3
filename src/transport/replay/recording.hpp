// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "abstractllm/transport.hpp"

namespace abstractllm {

/// Some bytes of a recorded body, cut as they arrived.
struct RecordedBytes {
  std::string bytes;
};

/// One step of a server.
struct RecordedStep {
  std::chrono::microseconds at{0};  ///< since the request was sent
  std::variant<HttpHead, RecordedBytes, BodyEnd, Error> what;
};

/// One request and its answer. If there is no end and no error, the reader dropped the request.
struct RecordedExchange {
  HttpRequest request;
  std::vector<RecordedStep> steps;
};

/// JSON Lines: one line with `request`, then one for each step: `{"at_ms", "status", "headers"}`, `{"at_ms", "bytes"}`
/// (or "base64" if the bytes are not UTF-8), `{"at_ms", "end": true}` or `{"at_ms", "error": {"kind", "message"}}`.
///
/// Secrets are masked: secret headers, cookies, and every repetition of a secret in any form that Secrets knows. This
/// covers URL and body of the request, and headers, body and error of the answer, also across the borders of chunks.
std::string to_json_lines(const RecordedExchange& exchange);

/// Reads the output of to_json_lines, one exchange after the other. Errors: not_configured, with the line in the
/// message.
Result<std::vector<RecordedExchange>> read_recording(std::string_view text);

}  // namespace abstractllm
