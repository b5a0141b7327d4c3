// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>

#include <optional>
#include <string_view>

#include "abstractllm/error.hpp"

namespace abstractllm {

/// The Error for a failed transfer. The message shows only scheme, host and port of `url`. `detail` is libcurl's own
/// text, or empty.
Error curl_error(CURLcode code, std::string_view url, std::string_view detail);

/// The Error for status 407: the proxy that the environment names for this URL wants a password. A 407 from another
/// server is an ordinary status.
std::optional<Error> proxy_refusal(int status, std::string_view url);

}  // namespace abstractllm
