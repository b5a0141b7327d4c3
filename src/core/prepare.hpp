// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "abstractllm/finding.hpp"
#include "abstractllm/provider.hpp"
#include "core/chat_plan.hpp"

namespace abstractllm {

/// A call that is checked, merged and encoded. It only has to be sent.
struct PreparedRequest {
  std::shared_ptr<const Protocol> protocol;
  Request request;
  std::shared_ptr<const HttpRequest> http;  ///< complete; if there is late media, it is only for people
  MediaFacts media;                         ///< a description of the attachments for the log
  std::string shown_body;                   ///< the body for people, if there are attachments and nothing is late
  std::shared_ptr<LateMedia> late_media;    ///< null if nothing has to be asked first
  std::shared_ptr<CallMedia> kept_media;    ///< for the later requests of the call; null if there are none
  std::vector<Warning> warnings;
};

/// Errors: invalid_argument (an option out of range, no message or model, invalid UTF-8, an unknown protocol);
/// not_configured (an invalid base URL); unsupported (under Options::strict, anything that would be a Warning).
/// All requests of a call with tools share one `kept_media`.
Result<PreparedRequest> prepare_chat(const std::shared_ptr<const Provider>& shared, const Options& instance,
                                     std::vector<Message> messages, const Options& call, Delivery delivery,
                                     std::shared_ptr<CallMedia> kept_media = nullptr);

/// Does the same and returns what it found: the Warnings, also those before an Error, and the Error.
std::vector<Finding> check_chat(const std::shared_ptr<const Provider>& shared, const Options& instance,
                                std::vector<Message> messages, const Options& call);

/// Returns a Warning for each engine option that is set and that nothing would read.
std::vector<Warning> unread_engine_options(const Provider& provider, const Protocol& protocol, const Options& options);

/// The Warning for Options::insecure.
Warning tls_not_verified();

/// Errors: not_configured if a call needs a key and has none.
Result<void> check_key(const Provider& provider, const Options& options);

}  // namespace abstractllm
