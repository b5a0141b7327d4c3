// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "abstractllm/transport.hpp"

namespace abstractllm {

/// What an Exchange knows of the answer that it reads.
struct Reading {
  bool delivered = false;  ///< a part of the answer was delivered, so another attempt would repeat that part
  bool answered = false;   ///< content has arrived: first_event_timeout no longer applies
  /// The answer has begun: idle_timeout applies; if it is set early, idle_timeout applies once connected.
  bool flowing = false;
  bool new_content = false;    ///< the latest bytes had content
  bool finish_reason = false;  ///< the server has said why the answer ends: little more can follow
  bool finished = false;       ///< the answer has reached its own end
  /// The latest attempt got further than those before it, so the count of attempts starts again.
  bool advanced = false;
};

/// A running operation: its request, and what reads the answer. An Exchange runs it. It is sans-io. Use it on one
/// thread at a time.
class Inquiry {
 public:
  virtual ~Inquiry() = default;

  /// The request that the next open() sends.
  virtual const std::shared_ptr<const HttpRequest>& request() const = 0;
  /// The transport that open() uses.
  virtual const std::shared_ptr<Transport>& transport() const = 0;

  /// Begins an attempt. What an earlier attempt has read and not delivered is dropped. An error ends the call.
  virtual Result<void> restart() = 0;

  /// Takes the head of an answer with a status below 300. Errors: those of the answer.
  virtual Result<void> take_head(const HttpHead& head) = 0;
  /// Takes the next bytes of the body, which may be cut anywhere. Errors: those of the answer.
  virtual Result<void> feed(std::string_view bytes) = 0;
  /// The body has ended. On success, reading().finished is true. Errors: those of the answer.
  virtual Result<void> finish() = 0;
  /// The transport has failed. Returns true if the answer is complete nevertheless, and finish() was called.
  virtual bool finish_if_whole() { return false; }
  virtual const Reading& reading() const = 0;

  /// Whether there is something to deliver, so that the driver has to return.
  virtual bool has_output() const { return false; }

  /// Takes a Warning of the transport, which comes before the head.
  virtual void warn(const Warning& /*warning*/) {}

  /// The server sent a redirect, and Policy::max_redirects allows it. From now on request() asks for `url`, until
  /// restart(). `url` is http or https and has no user name. It is not http if the previous one was https. Errors:
  /// those of a redirect that this inquiry does not follow.
  virtual Result<void> redirect(const HttpHead& /*head*/, const std::string& /*url*/) {
    return Error(ErrorKind::internal, "this request follows no redirects");
  }

  /// Returns the Error for an answer with a status of 300 or above. `body` may be cut or empty, and it need not be
  /// JSON.
  virtual Error decode_error(const HttpHead& head, std::string_view body) = 0;
  /// Returns the server's id of the request, or "".
  virtual std::string request_id(const HttpHead& head) const = 0;
};

}  // namespace abstractllm
