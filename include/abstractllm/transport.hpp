// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "abstractllm/export.hpp"
#include "abstractllm/result.hpp"
#include "abstractllm/warning.hpp"

namespace abstractllm {

/// One HTTP header field.
class HttpHeader {
 public:
  HttpHeader(std::string header_name, std::string header_value, bool is_secret = false)
      : name(std::move(header_name)), value(std::move(header_value)), secret(is_secret) {}

  std::string name;  ///< compared without regard to case
  std::string value;
  bool secret;  ///< true: the value is never printed or logged, and is shown as "***"
};

/// A request that any transport can send.
class HttpRequest {
 public:
  HttpRequest() {}

  std::string method = "POST";
  std::string url;  ///< absolute; for a local model the scheme is "local"
  std::vector<HttpHeader> headers;
  std::string body;
};

/// Returns `{"method", "url", "headers", "body"}` with secret headers masked. A JSON body is included as JSON.
ABSTRACTLLM_API std::string to_json(const HttpRequest& request);

/// Reports whether the request waits for its turn, because the host already has the allowed number of requests. During
/// this wait the limits for connecting and for the first event do not count.
struct Queued {
  bool waiting = true;
};

/// The connection is established and the request is being sent. A transport without connections does not report it.
struct Connected {};

/// Status and headers of an answer.
struct HttpHead {
  int status = 0;
  std::vector<HttpHeader> headers;

  /// The first header with that name (without regard to case), or nullptr.
  ABSTRACTLLM_API const std::string* header(std::string_view name) const;
};

/// Some bytes of the body. They are valid until the next Channel::poll().
struct BodyBytes {
  std::string_view bytes;
};

/// The body is complete.
struct BodyEnd {};

/// The reports of a transport, in this order: optionally Queued and Connected, then a head, any number of bytes, and
/// the end. An Error may come at any point and ends the request. A Warning before the head reaches the caller once,
/// even if the request is repeated.
using IoResult = std::variant<Queued, Connected, Warning, HttpHead, BodyBytes, BodyEnd, Error>;

/// One running request. Transport::open makes it.
///
/// There are two ways to use it, which must not be mixed. Blocking: poll, and wait if there is nothing, in turn, from
/// one thread at a time. By readiness: notify once, then poll until empty each time it calls, all on the library's loop
/// thread, including the destructor. Dropping a channel cancels the request. The destructor returns at once, on any
/// thread, and no callback comes after it.
class Channel {
 public:
  virtual ~Channel() = default;

  /// The next report, if there is one. Never blocks. After BodyEnd or an Error it is always empty.
  virtual std::optional<IoResult> poll() = 0;

  /// Blocks until poll() may have something, until the deadline, or until wake(). May return early.
  virtual void wait(std::chrono::steady_clock::time_point deadline) = 0;

  /// Makes the current or the next wait() return. May be called on any thread.
  virtual void wake() = 0;

  /// From now on, calls `ready` whenever poll() returned nothing and may now return something. The call comes on any
  /// thread, and may come before notify returns. `ready` never blocks. Returns false if this channel can only wait; an
  /// asynchronous call then needs a thread for it.
  virtual bool notify(std::function<void()> ready) {
    (void)ready;
    return false;
  }
};

/// Moves bytes over HTTP, to and from the local engine, or from a recording. Thread-safe.
class Transport {
 public:
  virtual ~Transport() = default;

  /// Starts the request and returns at once. Slow work (connecting, loading a model) continues in the background. The
  /// transport keeps the request for as long as it needs it. Errors: not_configured, invalid_argument, network.
  virtual Result<std::unique_ptr<Channel>> open(std::shared_ptr<const HttpRequest> request) = 0;
};

}  // namespace abstractllm
