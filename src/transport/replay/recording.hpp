// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "abstractllm/transport.hpp"

namespace abstractllm {

/// Some bytes of a recorded body, cut as they came.
struct RecordedBytes {
  std::string bytes;
};

/// One thing that a server did.
struct RecordedStep {
  std::chrono::microseconds at{0};  ///< since the request was sent
  std::variant<HttpHead, RecordedBytes, BodyEnd, Error> what;
};

/// One request and what came of it; without an end or an error the reader had let go.
struct RecordedExchange {
  HttpRequest request;
  std::vector<RecordedStep> steps;
};

/// JSON Lines: one with `request`, then one for each step: `{"at_ms", "status", "headers"}`, `{"at_ms", "bytes"}` (or
/// "base64" where the bytes are not UTF-8), `{"at_ms", "end": true}` or `{"at_ms", "error": {"kind", "message"}}`.
///
/// Secrets are masked: headers that carry one, cookies, and every place where one is repeated, in any form that Secrets
/// knows: URL and body of the request, headers, body and error of the answer, also across the borders of chunks.
std::string to_json_lines(const RecordedExchange& exchange);

/// What to_json_lines wrote, one exchange after the other. Errors: not_configured naming the line.
Result<std::vector<RecordedExchange>> read_recording(std::string_view text);

}  // namespace abstractllm
