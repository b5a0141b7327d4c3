// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>

namespace abstractllm {

/// Returns a number from 0 up to 1, for the jitter of retries.
inline double random_number() {
  thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
}

}  // namespace abstractllm
