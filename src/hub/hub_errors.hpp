// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "abstractllm/transport.hpp"
#include "hub/hub_settings.hpp"

namespace abstractllm {

/// The Error for an answer with status 300 and above to a request about `name`. The message names the page to visit.
Error hub_error(const HubSettings& settings, const HubName& name, const HttpHead& head);

/// The Error for a web page in place of the answer, usually the login page of a network.
std::optional<Error> web_page_error(const HubSettings& settings, const HttpHead& head);

/// The hub's id of the request, or "".
std::string hub_request_id(const HttpHead& head);

}  // namespace abstractllm
