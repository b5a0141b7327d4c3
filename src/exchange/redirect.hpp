// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "abstractllm/transport.hpp"

namespace abstractllm {

/// Returns the URL to which an answer with a redirect's status leads from `url`. It is http or https, without a user
/// name, and https if `url` was https. Errors: protocol for any other target, or if there is no target.
Result<std::string> redirect_target(std::string_view url, const HttpHead& head);

/// Does the same for a link in an answer. `what` names it in the error, for example "link to the next page".
Result<std::string> link_target(std::string_view url, std::string_view location, std::string_view what);

}  // namespace abstractllm
