// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "abstractllm/provider.hpp"
#include "core/chat_plan.hpp"

namespace abstractllm {

/// A call that is checked, merged and encoded: nothing is left but to send it.
struct PreparedRequest {
  std::shared_ptr<const Protocol> protocol;
  Request request;
  std::shared_ptr<const HttpRequest> http;  ///< whole, unless there are late images: for people then
  std::string images;                       ///< what they are, for the log; empty: none
  std::string shown_body;                   ///< the body for people, where there are images
  std::shared_ptr<LateImages> late_images;  ///< null: nothing has to be asked first
  std::vector<Warning> warnings;
};

/// Errors: invalid_argument (an option out of range, no message or model, invalid UTF-8, an unknown protocol);
/// not_configured (a base URL that is none); unsupported (under Options::strict, what would be a Warning).
Result<PreparedRequest> prepare_chat(const Provider& provider, const Options& instance, std::vector<Message> messages,
                                     const Options& call, Delivery delivery);

/// Errors: not_configured where a call needs a key and has none.
Result<void> check_key(const Provider& provider, const Options& options);

}  // namespace abstractllm
