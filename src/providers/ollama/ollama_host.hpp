// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace abstractllm {

/// Returns the base URL for a value of OLLAMA_HOST: "HOST", "HOST:PORT", ":PORT", "[IPv6]:PORT" or a URL with a scheme.
/// The default port is 11434, or 80 and 443 after http:// and https://. ollama-python parses it in the same way
/// (25b9329, 2026-07-22).
std::string ollama_base_url(std::string_view host);

}  // namespace abstractllm
