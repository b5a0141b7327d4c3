// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace abstractllm::cli {

/// Returns "40 s", "3 min", "2 h".
std::string duration_text(double seconds);

/// Returns "17 kB", "105.5 MB", "4.7 GB". The units are powers of ten, as on the hub.
std::string bytes_text(std::int64_t bytes);

}  // namespace abstractllm::cli
