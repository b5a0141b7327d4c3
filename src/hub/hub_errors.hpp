// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "hub/hub_http.hpp"

namespace abstractllm {

/// The Error for an answer with status 300 and above to a request about `name`. The message names the page to visit.
Error hub_error(const HubSettings& settings, const HubName& name, const HttpHead& head);

/// The Error for a web page in place of the answer, usually the login page of a network.
std::optional<Error> web_page_error(const HubSettings& settings, const HttpHead& head);

/// Counts consecutive failures and waits between them: 1, 2, 4, 8, 8 seconds, or as long as the hub asks for.
class HubRetries {
 public:
  HubRetries(const HubHttp& http, int most) : http_(http), most_(most) {}

  /// Whether another attempt makes sense. Returns after the wait. Only temporary failures are tried again.
  bool again(const Error& error);
  /// Bytes arrived. The count starts again.
  void reset() { failures_ = 0; }

 private:
  const HubHttp& http_;
  int most_;
  int failures_ = 0;
};

/// Whether the hub could not be reached or failed itself. Then files on this disk may be used instead.
bool is_unreachable(const Error& error);

}  // namespace abstractllm
