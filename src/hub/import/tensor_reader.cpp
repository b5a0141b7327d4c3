// SPDX-License-Identifier: Apache-2.0
#include "hub/import/tensor_reader.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <span>

namespace abstractllm {
namespace {

constexpr std::int64_t piece_bytes = std::int64_t{1}
                                     << 20;  // stays in the processor's cache between reading and checking

/// How eight bytes of values are checked at once. A value is not finite if all bits of its exponent are set. In
/// a finite one, the inverted exponent is not 0, and adding all bits below the sign carries into the sign.
struct FiniteCheck {
  std::uint64_t exponents;
  std::uint64_t signs;
};

constexpr FiniteCheck f32_check = {0x7F800000'7F800000, 0x80000000'80000000};
constexpr FiniteCheck f16_check = {0x7C00'7C00'7C00'7C00, 0x8000'8000'8000'8000};
constexpr FiniteCheck bf16_check = {0x7F80'7F80'7F80'7F80, 0x8000'8000'8000'8000};

template <class Bits>
Bits load(const std::byte* at) {
  Bits bits = 0;
  std::memcpy(&bits, at, sizeof bits);
  return bits;
}

bool all_finite(std::span<const std::byte> values, const FiniteCheck& check) {
  constexpr std::size_t step = sizeof(std::uint64_t);
  std::uint64_t carries = check.signs;
  std::size_t at = 0;
  const auto take = [&](std::uint64_t bits) { carries &= (~bits & check.exponents) + ~check.signs; };
  for (; at + step <= values.size(); at += step) take(load<std::uint64_t>(values.data() + at));
  std::uint64_t rest = 0;
  std::memcpy(&rest, values.data() + at, values.size() - at);
  take(rest);
  return carries == check.signs;
}

bool all_finite(std::span<const std::byte> values, TensorType type) {
  switch (type) {
    case TensorType::f16: return all_finite(values, f16_check);
    case TensorType::bf16: return all_finite(values, bf16_check);
    case TensorType::f32: break;
  }
  return all_finite(values, f32_check);
}

/// A finite half as a float.
float widen_half(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1FU;
  const std::uint32_t fraction = half & 0x3FFU;
  constexpr std::uint32_t bias = 127 - 15;
  if (exponent != 0) return std::bit_cast<float>(sign | (exponent + bias) << 23 | fraction << 13);
  const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
  return sign == 0 ? magnitude : -magnitude;
}

/// The narrow values are at the end of the buffer, so no value is overwritten before it is read.
void widen(std::span<std::byte> buffer, TensorType from) {
  const std::size_t count = buffer.size() / sizeof(float);
  const std::byte* narrow = buffer.data() + count * sizeof(std::uint16_t);
  for (std::size_t at = 0; at < count; ++at) {
    const auto bits = load<std::uint16_t>(narrow + at * sizeof(std::uint16_t));
    const float wide =
        from == TensorType::f16 ? widen_half(bits) : std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
    std::memcpy(buffer.data() + at * sizeof(float), &wide, sizeof wide);
  }
}

void add_one(std::span<std::byte> buffer) {
  for (std::size_t at = 0; at + sizeof(float) <= buffer.size(); at += sizeof(float)) {
    const float sum = std::bit_cast<float>(load<std::uint32_t>(buffer.data() + at)) + 1.0F;
    std::memcpy(buffer.data() + at, &sum, sizeof sum);
  }
}

/// Row 2 j + k of a head is its stored row k × half + j.
void interleave(std::span<std::byte> buffer, std::size_t row_bytes, std::size_t head_rows) {
  const std::size_t half = head_rows / 2;
  std::vector<std::byte> head(head_rows * row_bytes);
  for (std::size_t at = 0; at + head.size() <= buffer.size(); at += head.size()) {
    std::memcpy(head.data(), buffer.data() + at, head.size());
    for (std::size_t row = 0; row < head_rows; ++row) {
      const std::size_t stored = (row % 2) * half + row / 2;
      std::memcpy(buffer.data() + at + row * row_bytes, head.data() + stored * row_bytes, row_bytes);
    }
  }
}

void transpose(std::span<std::byte> buffer, std::size_t rows, std::size_t columns, std::size_t value_bytes) {
  const std::vector<std::byte> stored(buffer.begin(), buffer.end());
  constexpr std::size_t tile = 32;  // so that reading and writing both stay in the cache
  for (std::size_t first_row = 0; first_row < rows; first_row += tile)
    for (std::size_t first_column = 0; first_column < columns; first_column += tile)
      for (std::size_t row = first_row; row < std::min(first_row + tile, rows); ++row)
        for (std::size_t column = first_column; column < std::min(first_column + tile, columns); ++column)
          std::memcpy(buffer.data() + (column * rows + row) * value_bytes,
                      stored.data() + (row * columns + column) * value_bytes, value_bytes);
}

void change(const TensorPlan& plan, std::span<std::byte> buffer) {
  const std::size_t value_bytes = bytes_per_value(plan.type);
  switch (plan.change) {
    case Transform::interleave_query:
    case Transform::interleave_key:
      interleave(buffer, static_cast<std::size_t>(plan.columns) * value_bytes,
                 static_cast<std::size_t>(plan.head_rows));
      break;
    case Transform::plus_one: add_one(buffer); break;
    case Transform::transpose:
      transpose(buffer, static_cast<std::size_t>(plan.rows), static_cast<std::size_t>(plan.columns), value_bytes);
      break;
    default: break;
  }
}

Result<void> read_piece(const TensorPart& part, std::int64_t at, TensorType type, std::span<std::byte> piece) {
  if (Result<void> read = part.file->read_at(part.offset + at, piece); !read) return read;
  if (all_finite(piece, type)) return {};
  return Error(ErrorKind::engine_failed, "tensor '" + part.name + "' in '" + part.file->path().filename().string() +
                                             "' holds NaN or infinite values; a model with them gives no usable "
                                             "answers. Fetch the file again, or use another revision");
}

Result<void> read_part(const TensorPart& part, TensorType type, std::span<std::byte> target) {
  for (std::int64_t at = 0; at < part.bytes; at += piece_bytes) {
    const auto size = static_cast<std::size_t>(std::min(piece_bytes, part.bytes - at));
    const std::span<std::byte> piece = target.subspan(static_cast<std::size_t>(at), size);
    if (Result<void> read = read_piece(part, at, type, piece); !read) return read;
  }
  return {};
}

/// Whether the parts are the tensor as they are.
bool is_kept(const TensorPlan& plan) {
  switch (plan.change) {
    case Transform::interleave_query:
    case Transform::interleave_key:
    case Transform::plus_one:
    case Transform::transpose: return false;
    default: return plan.type == plan.stored_type;
  }
}

std::int64_t bytes_of(const std::vector<TensorPart>& parts) {
  std::int64_t sum = 0;
  for (const TensorPart& part : parts) sum += part.bytes;
  return sum;
}

std::size_t wanted_bytes(const TensorPlan& plan) {
  return static_cast<std::size_t>(bytes_of(plan.parts)) / bytes_per_value(plan.stored_type) *
         bytes_per_value(plan.type);
}

}  // namespace

std::optional<TensorType> importable_type(std::string_view type) {
  if (type == "F32") return TensorType::f32;
  if (type == "F16") return TensorType::f16;
  if (type == "BF16") return TensorType::bf16;
  return std::nullopt;
}

Result<void> read_tensor(const TensorPlan& plan, std::span<std::byte> buffer) {
  if (const std::size_t wanted = wanted_bytes(plan); buffer.size() != wanted)
    return Error(ErrorKind::internal, "a tensor of " + std::to_string(wanted) + " bytes was read into a buffer of " +
                                          std::to_string(buffer.size()));
  std::span<std::byte> target = buffer.subspan(buffer.size() - static_cast<std::size_t>(bytes_of(plan.parts)));
  for (const TensorPart& part : plan.parts) {
    if (Result<void> read = read_part(part, plan.stored_type, target); !read) return read;
    target = target.subspan(static_cast<std::size_t>(part.bytes));
  }
  if (plan.type != plan.stored_type) widen(buffer, plan.stored_type);
  change(plan, buffer);
  return {};
}

Result<void> read_tensor(const TensorPlan& plan, const ByteSink& sink) {
  // Not a vector, which would first fill it with zeros.
  const auto buffer_of = [](std::size_t bytes) { return std::make_unique_for_overwrite<std::byte[]>(bytes); };
  if (!is_kept(plan)) {
    const std::size_t size = wanted_bytes(plan);
    const auto buffer = buffer_of(size);
    if (Result<void> read = read_tensor(plan, {buffer.get(), size}); !read) return read;
    return sink({buffer.get(), size});
  }
  const auto buffer = buffer_of(static_cast<std::size_t>(std::min(piece_bytes, bytes_of(plan.parts))));
  for (const TensorPart& part : plan.parts) {
    for (std::int64_t at = 0; at < part.bytes; at += piece_bytes) {
      const std::span piece(buffer.get(), static_cast<std::size_t>(std::min(piece_bytes, part.bytes - at)));
      if (Result<void> read = read_piece(part, at, plan.stored_type, piece); !read) return read;
      if (Result<void> taken = sink(piece); !taken) return taken;
    }
  }
  return {};
}

}  // namespace abstractllm
