// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abstractllm/export.hpp"
#include "abstractllm/provider.hpp"
#include "abstractllm/result.hpp"

/// For tests of programs that use this library: servers without a network. Not part of the umbrella header.
namespace abstractllm {

/// The speed at which a recording is replayed.
enum class ReplayPace { full_speed, recorded };

/// Options for replaying a recording.
struct ReplayOptions {
  ReplayPace pace = ReplayPace::full_speed;
  std::size_t piece_bytes = 0;              ///< bytes of a body that arrive at once; 0: as recorded
  std::optional<std::size_t> fail_at_step;  ///< this step, counted from 0, becomes a broken connection (network)
};

/// A transport that answers from a file of Options::record, one exchange after the other. Thread-safe. Errors:
/// not_configured if the file cannot be read, and from a call if no exchange is left.
ABSTRACTLLM_API Result<std::shared_ptr<Transport>> replay_transport(const std::string& path,
                                                                    const ReplayOptions& options = {});

/// The reply of a scripted server to one request: status, headers, pieces of the body, then the end or a failure.
class Reply {
 public:
  explicit Reply(int status_code = 200) : status(status_code) {}

  /// Adds a header. The functions below can be chained too.
  Reply& header(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
  /// Adds a piece of the body. Each piece arrives alone.
  Reply& bytes(std::string piece) {
    pieces.push_back(std::move(piece));
    return *this;
  }
  /// Ends the body with a failure.
  Reply& fail(Error with) {
    failure = std::move(with);
    return *this;
  }

  int status;
  std::vector<HttpHeader> headers;
  std::vector<std::string> pieces;
  std::optional<Error> failure;  ///< if it is set, it ends the body
};

/// A reply in the wire format `protocol` ("openai_chat", …) whose answer is `text`. It is streamed one word at a time,
/// or sent whole. Errors: invalid_argument for an unknown protocol.
ABSTRACTLLM_API Result<Reply> text_reply(std::string_view protocol, std::string_view text,
                                         Delivery delivery = Delivery::stream);

/// A transport that answers the first request with the first reply, and so on. Thread-safe. Errors: not_configured from
/// a call if no reply is left. The provider needs a base URL, to which nothing is sent.
ABSTRACTLLM_API std::shared_ptr<Transport> scripted_transport(std::vector<Reply> replies);

}  // namespace abstractllm
