// SPDX-License-Identifier: Apache-2.0
#include "amounts.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace abstractllm::cli {

std::string duration_text(double seconds) {
  const auto whole = [](double value) { return std::to_string(std::llround(value)); };
  if (seconds < 90) return whole(seconds) + " s";
  if (seconds < 90 * 60) return whole(seconds / 60) + " min";
  return whole(seconds / 3600) + " h";
}

std::string bytes_text(std::int64_t bytes) {
  constexpr std::array units = {"B", "kB", "MB", "GB", "TB"};
  auto amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; amount >= 999.5 && unit + 1 < units.size(); ++unit) amount /= 1000;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit >= 2 ? "%.1f %s" : "%.0f %s", amount, units[unit]);
  return text.data();
}

}  // namespace abstractllm::cli
