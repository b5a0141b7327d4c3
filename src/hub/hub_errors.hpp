// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "abstractllm/transport.hpp"
#include "hub/hub_settings.hpp"

namespace abstractllm {

/// The Error for an answer with status 300 and above to a question about `name`; says which page to visit.
Error hub_error(const HubSettings& settings, const HubName& name, const HttpHead& head);

/// The Error where a web page stands in place of what was asked for: the login page of a network, mostly.
std::optional<Error> web_page_error(const HubSettings& settings, const HttpHead& head);

/// The hub's id of the request, or "".
std::string hub_request_id(const HttpHead& head);

}  // namespace abstractllm
