// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace abstractllm {

/// Mixes two hashes; the order matters.
constexpr std::uint64_t mixed_hash(std::uint64_t first, std::uint64_t second) {
  std::uint64_t mixed = first * 0x9E3779B97F4A7C15U + second;
  mixed ^= mixed >> 29U;
  mixed *= 0xBF58476D1CE4E5B9U;
  return mixed ^ (mixed >> 32U);
}

/// FNV-1a. Somebody may choose bytes with equal hashes: compare the bytes, and bound the comparisons.
constexpr std::uint64_t hash_of_bytes(std::string_view bytes, std::uint64_t seed) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211U;
  return mixed_hash(seed, hash);
}

}  // namespace abstractllm
