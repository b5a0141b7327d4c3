// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "abstractllm/transport.hpp"

namespace abstractllm {

/// Where an answer with a redirect's status leads from `url`: http or https, without a user name, and https wherever
/// `url` was. Errors: protocol for any other target, and where there is none.
Result<std::string> redirect_target(std::string_view url, const HttpHead& head);

}  // namespace abstractllm
