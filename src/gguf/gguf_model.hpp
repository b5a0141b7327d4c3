// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// The types of tensors that an import writes. The engine quantises afterwards.
enum class TensorType { f32, f16, bf16 };

constexpr std::size_t bytes_per_value(TensorType type) { return type == TensorType::f32 ? 4 : 2; }

/// A value of a GGUF file's metadata.
using GgufValue = std::variant<std::string, std::uint32_t, std::int32_t, std::uint64_t, float, bool,
                               std::vector<std::string>, std::vector<std::int32_t>, std::vector<std::uint32_t>,
                               std::vector<float>, std::vector<std::uint8_t>, std::vector<bool>>;

/// One key of a GGUF file and its value.
struct GgufEntry {
  std::string key;
  GgufValue value;
};

/// Takes bytes, which are valid during the call.
using ByteSink = std::function<Result<void>(std::span<const std::byte>)>;

/// One tensor of a GGUF file that does not exist yet.
struct GgufTensor {
  std::string name;
  TensorType type = TensorType::f32;
  std::vector<std::int64_t> sizes;  ///< as in ggml: the length of a row first; 1 to 4 positive sizes
  /// Gives the sink the values from the first to the last, size_bytes() bytes in all, in the machine's byte order and
  /// in pieces of any size. Ends with the sink's error if it has one. It may read a file, and needs at most twice the
  /// tensor's memory. It may be called several times.
  std::function<Result<void>(const ByteSink&)> read;
};

/// The number of values of a tensor. Its sizes must have been checked: the product fits.
constexpr std::int64_t value_count(const GgufTensor& tensor) {
  std::int64_t count = 1;
  for (const std::int64_t size : tensor.sizes) count *= size;
  return count;
}

constexpr std::int64_t size_bytes(const GgufTensor& tensor) {
  return value_count(tensor) * static_cast<std::int64_t>(bytes_per_value(tensor.type));
}

/// A GGUF file in the making: small values in memory, and large ones that are read when they are written.
struct GgufModel {
  std::vector<GgufEntry> entries;   ///< in the order of the file; keys are unique
  std::vector<GgufTensor> tensors;  ///< in the order of the file; names are unique

  void add(std::string key, GgufValue value) { entries.push_back({std::move(key), std::move(value)}); }
};

}  // namespace abstractllm
