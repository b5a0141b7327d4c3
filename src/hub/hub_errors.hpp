// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "hub/hub_http.hpp"

namespace abstractllm {

/// The Error for an answer with status 300 and above to a question about `name`; says which page to visit.
Error hub_error(const HubSettings& settings, const HubName& name, const HttpHead& head);

/// The Error where a web page stands in place of what was asked for: the login page of a network, mostly.
std::optional<Error> web_page_error(const HubSettings& settings, const HttpHead& head);

/// Counts failures in a row and waits between them: 1, 2, 4, 8, 8 seconds, or as long as the hub says.
class HubRetries {
 public:
  HubRetries(const HubHttp& http, int most) : http_(http), most_(most) {}

  /// Whether it is worth to try again; returns after the wait. Only failures that may go away by themselves are.
  bool again(const Error& error);
  /// Something came: the count begins anew.
  void reset() { failures_ = 0; }

 private:
  const HubHttp& http_;
  int most_;
  int failures_ = 0;
};

/// A failure to reach the hub at all, or of the hub itself; what is on the disk may stand in.
bool is_unreachable(const Error& error);

}  // namespace abstractllm
