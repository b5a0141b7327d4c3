// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>

#include <string_view>

#include "abstractllm/error.hpp"

namespace abstractllm {

/// The Error for a transfer that failed. `url` is named by scheme, host and port alone; `detail` is what libcurl says
/// of it, or empty.
Error curl_error(CURLcode code, std::string_view url, std::string_view detail);

/// "https://host:port" of a URL, without a password that may stand in it.
std::string origin_of(std::string_view url);

}  // namespace abstractllm
