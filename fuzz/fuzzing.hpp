// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

/// What libFuzzer and standalone.cpp call with each input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace abstractllm::fuzzing {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the process where an invariant does not hold.
inline void require(bool holds, const char* invariant) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", invariant);
  std::abort();
}

/// `input` cut into pieces of 1 to 16 bytes, and now and then a long one; which, follows from the input alone.
inline std::vector<std::string_view> pieces_of(std::string_view input) {
  std::vector<std::string_view> pieces;
  std::uint32_t state = 2166136261U;
  for (const char c : input) state = (state ^ static_cast<unsigned char>(c)) * 16777619U;
  for (std::size_t at = 0; at < input.size();) {
    state = state * 1664525U + 1013904223U;
    const std::size_t length = (state >> 28) == 0 ? 200 : 1 + (state >> 24) % 16;
    pieces.push_back(input.substr(at, length));
    at += pieces.back().size();
  }
  return pieces;
}

}  // namespace abstractllm::fuzzing
