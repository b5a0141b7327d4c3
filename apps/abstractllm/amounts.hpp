// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace abstractllm::cli {

/// "40 s", "3 min", "2 h".
std::string duration_text(double seconds);

/// "17 kB", "105.5 MB", "4.7 GB": powers of ten, as the hub counts.
std::string bytes_text(std::int64_t bytes);

}  // namespace abstractllm::cli
