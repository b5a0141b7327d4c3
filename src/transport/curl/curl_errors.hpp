// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>

#include <optional>
#include <string_view>

#include "abstractllm/error.hpp"

namespace abstractllm {

/// The Error for a transfer that failed. `url` is named by scheme, host and port alone; `detail` is what libcurl says
/// of it, or empty.
Error curl_error(CURLcode code, std::string_view url, std::string_view detail);

/// The Error where a proxy, which the environment names for this URL, wants a password (status 407). A 407 of another
/// server is that server's own.
std::optional<Error> proxy_refusal(int status, std::string_view url);

}  // namespace abstractllm
