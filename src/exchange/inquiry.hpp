// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "abstractllm/transport.hpp"

namespace abstractllm {

/// What an Exchange knows of the answer that it reads.
struct Reading {
  bool delivered = false;      ///< a part of it was handed out, so another attempt would repeat that part
  bool answered = false;       ///< content has come: first_event_timeout no longer applies
  bool flowing = false;        ///< the answer has begun: idle_timeout applies. Set early, it applies once connected
  bool new_content = false;    ///< the latest bytes held content
  bool finish_reason = false;  ///< the server has said why the answer ends: little more can follow
  bool finished = false;       ///< the answer has come to its own end
  bool advanced = false;       ///< the latest attempt got further than those before it, so the attempts count anew
};

/// One operation under way: its request, and what reads the answer. An Exchange runs it. Sans-io. One thread at a time.
class Inquiry {
 public:
  virtual ~Inquiry() = default;

  /// What the next open() sends.
  virtual const std::shared_ptr<const HttpRequest>& request() const = 0;
  /// Where open() sends it.
  virtual const std::shared_ptr<Transport>& transport() const = 0;

  /// An attempt begins. What an earlier one has read and not handed out is dropped. Errors end the call.
  virtual Result<void> restart() = 0;

  /// The head of an answer with a status below 300. Errors: those of the answer.
  virtual Result<void> take_head(const HttpHead& head) = 0;
  /// The next bytes of the body, cut anywhere. Errors: those of the answer.
  virtual Result<void> feed(std::string_view bytes) = 0;
  /// The body has ended. On success, reading().finished is true. Errors: those of the answer.
  virtual Result<void> finish() = 0;
  /// The transport has failed. True: what has come is the whole answer all the same, and finish() was done.
  virtual bool finish_if_whole() { return false; }
  virtual const Reading& reading() const = 0;

  /// There is something to hand out, and the driver is to return.
  virtual bool has_output() const { return false; }

  /// A Warning of the transport, before the head.
  virtual void warn(Warning warning) { (void)warning; }

  /// Policy::max_redirects allows redirects, and the server sent this one. From now on request() asks for `url`, until
  /// restart(). `url` is http or https, names no user, and is not http where the last one was https. Errors: those of
  /// a redirect that this inquiry does not follow.
  virtual Result<void> redirect(const HttpHead& head, std::string url) {
    (void)head;
    (void)url;
    return Error(ErrorKind::internal, "this request follows no redirects");
  }

  /// The Error for an answer with a status of 300 or above. `body` may be cut, empty or anything but JSON.
  virtual Error decode_error(const HttpHead& head, std::string_view body) = 0;
  /// The server's id of the request, or "".
  virtual std::string request_id(const HttpHead& head) const = 0;
};

}  // namespace abstractllm
