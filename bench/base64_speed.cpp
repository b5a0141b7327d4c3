// SPDX-License-Identifier: Apache-2.0
// How fast pictures become base64, beside copying as many bytes. Prints one JSON object; bytes are those before base64.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>

#include "base/base64.hpp"

namespace {

template <class Work>
double gigabytes_per_second(std::size_t bytes, Work work) {
  using Clock = std::chrono::steady_clock;
  double best = 0;
  for (int round = 0; round < 20; ++round) {
    const auto began = Clock::now();
    work();
    const std::chrono::duration<double> took = Clock::now() - began;
    best = std::max(best, static_cast<double>(bytes) / took.count() / 1e9);
  }
  return best;
}

}  // namespace

int main() {
  std::string picture(15'000'000, '\0');
  unsigned state = 1;
  for (char& c : picture) c = static_cast<char>((state = state * 1664525U + 1013904223U) >> 24);
  std::string text;
  text.reserve(abstractllm::base64_size(picture.size()));
  std::string copy(picture.size(), '\0');
  const double encode = gigabytes_per_second(picture.size(), [&] {
    text.clear();
    abstractllm::append_base64(picture, text);
  });
  const double memcpy_speed =
      gigabytes_per_second(picture.size(), [&] { std::memcpy(copy.data(), picture.data(), picture.size()); });
  std::printf("{\"encode_gb_per_s\": %.2f, \"memcpy_gb_per_s\": %.2f, \"check\": %d}\n", encode, memcpy_speed,
              text[12345] ^ copy[54321]);
}
