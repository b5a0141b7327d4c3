// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace abstractllm {

/// The base URL that OLLAMA_HOST means: "HOST", "HOST:PORT", ":PORT", "[IPv6]:PORT" or a URL with a scheme; without a
/// port it is 11434, or 80 and 443 behind http:// and https://. As ollama-python parses it (25b9329, 2026-07-22).
std::string ollama_base_url(std::string_view host);

}  // namespace abstractllm
