// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/process.hpp"
#include "core/call_parts.hpp"
#include "drivers/blocking.hpp"

namespace abstractllm {

/// One call on the consumer's own thread. In a forked child it ends in `cancelled`.
class BlockingCall : public ProcessOwned {
 public:
  explicit BlockingCall(CallParts parts, Clock& clock = Clock::system());

  /// See Stream::next(). It does not throw: an exception of a transport or protocol becomes the call's Error.
  Result<std::optional<StreamEvent>> next();
  const Response& response() const { return reader_.response(); }
  Response take_response() { return reader_.take_response(); }

 private:
  Result<std::optional<StreamEvent>> advance();
  void wait_for_tools();

  CallReader reader_;
  std::shared_ptr<ChatInquiry> chat_;
  std::shared_ptr<CallTools> tools_;
  BlockingDriver driver_;
  std::optional<Error> error_;
};

}  // namespace abstractllm
