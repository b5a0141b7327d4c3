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
  HttpHeader(std::string the_name, std::string the_value, bool is_secret = false)
      : name(std::move(the_name)), value(std::move(the_value)), secret(is_secret) {}

  std::string name;  ///< compared without case
  std::string value;
  bool secret;  ///< never printed or logged: shown as "***"
};

/// A request, ready to be sent by any transport.
class HttpRequest {
 public:
  HttpRequest() {}

  std::string method = "POST";
  std::string url;  ///< absolute; for a model in this process its scheme is "local"
  std::vector<HttpHeader> headers;
  std::string body;
};

/// `{"method", "url", "headers", "body"}` with secret headers masked; a JSON body stands in it as JSON.
ABSTRACTLLM_API std::string to_json(const HttpRequest& request);

/// Whether the request waits for its turn, because as many as allowed are under way to its host. While it does, the
/// limits for connecting and for the first event do not run.
struct Queued {
  bool waiting = true;
};

/// The connection stands and the request is being sent. A transport that makes no connections leaves it out.
struct Connected {};

/// Status line and headers of an answer.
struct HttpHead {
  int status = 0;
  std::vector<HttpHeader> headers;

  /// The first header of that name (without case), or nullptr.
  ABSTRACTLLM_API const std::string* header(std::string_view name) const;
};

/// Some bytes of the body; valid until the next Channel::poll().
struct BodyBytes {
  std::string_view bytes;
};

/// The body is whole.
struct BodyEnd {};

/// What a transport reports: perhaps that it is queued or connected, a head, then any number of bytes, then the end; or
/// an Error at any point, which ends it. A Warning before the head reaches the caller once, however often the request
/// is repeated.
using IoResult = std::variant<Queued, Connected, Warning, HttpHead, BodyBytes, BodyEnd, Error>;

/// One request under way. Made by Transport::open.
///
/// Two ways to use it, never mixed: blocking (poll, else wait, again; from one thread at a time) and by readiness
/// (notify once, then poll until empty each time it calls; all on the library's loop thread, the destructor too).
/// Dropping a channel cancels the request; the destructor returns at once, from any thread, and never calls back later.
class Channel {
 public:
  virtual ~Channel() = default;

  /// What has come, if anything. Never blocks. After BodyEnd or an Error it stays empty.
  virtual std::optional<IoResult> poll() = 0;

  /// Blocks until poll() may have something, until the deadline, or until wake(). May return early.
  virtual void wait(std::chrono::steady_clock::time_point deadline) = 0;

  /// Makes the present or the next wait() return. From any thread.
  virtual void wake() = 0;

  /// From now on `ready` is called whenever poll(), having found nothing, may find something; from any thread, also
  /// from within this call. It never blocks. False: this channel can only wait; an asynchronous call then spends a
  /// thread on it.
  virtual bool notify(std::function<void()> ready) {
    (void)ready;
    return false;
  }
};

/// Moves bytes: over HTTP, into the local engine, out of a recording. Thread-safe.
class Transport {
 public:
  virtual ~Transport() = default;

  /// Starts the request and returns at once; whatever takes time (connecting, loading a model) happens behind the
  /// channel. The request is kept as long as it is needed. Errors: not_configured, invalid_argument, network.
  virtual Result<std::unique_ptr<Channel>> open(std::shared_ptr<const HttpRequest> request) = 0;
};

}  // namespace abstractllm
