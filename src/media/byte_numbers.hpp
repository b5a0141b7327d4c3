// SPDX-License-Identifier: Apache-2.0
//
// Numbers in the headers of files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace abstractllm {

inline std::int64_t byte_at(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

/// `count` bytes (at most 7) as a big-endian number, or 0 if they are missing.
inline std::int64_t big_endian(std::string_view bytes, std::size_t at, std::size_t count) {
  if (at > bytes.size() || bytes.size() - at < count) return 0;
  std::int64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | byte_at(bytes, at + i);
  return value;
}

/// The same as a little-endian number.
inline std::int64_t little_endian(std::string_view bytes, std::size_t at, std::size_t count) {
  if (at > bytes.size() || bytes.size() - at < count) return 0;
  std::int64_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8 | byte_at(bytes, at + i);
  return value;
}

}  // namespace abstractllm
