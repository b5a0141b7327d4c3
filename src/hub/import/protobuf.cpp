// SPDX-License-Identifier: Apache-2.0
#include "hub/import/protobuf.hpp"

namespace abstractllm {
namespace {

enum class WireType : std::uint8_t { number = 0, bits64 = 1, bytes = 2, bits32 = 5 };

constexpr int most_number_bytes = 10;

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at)
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at])) << (8 * at);
  return value;
}

}  // namespace

std::optional<std::uint64_t> ProtobufReader::read_number() {
  std::uint64_t value = 0;
  for (int at = 0; at < most_number_bytes && !rest_.empty(); ++at) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * at);
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

std::optional<std::string_view> ProtobufReader::read_bytes(std::uint64_t size) {
  if (size > rest_.size()) return std::nullopt;
  const std::string_view bytes = rest_.substr(0, static_cast<std::size_t>(size));
  rest_.remove_prefix(bytes.size());
  return bytes;
}

std::optional<ProtobufField> ProtobufReader::next() {
  if (rest_.empty() || failed_) return std::nullopt;
  failed_ = true;
  const auto tag = read_number();
  if (!tag || *tag >> 3 == 0 || *tag >> 32 != 0) return std::nullopt;
  ProtobufField field;
  field.number = static_cast<std::uint32_t>(*tag >> 3);
  const auto type = static_cast<WireType>(*tag & 7);
  if (type == WireType::number) {
    const auto value = read_number();
    if (!value) return std::nullopt;
    field.value = *value;
  } else {
    std::optional<std::uint64_t> size;
    if (type == WireType::bytes) size = read_number();
    if (type == WireType::bits64) size = 8;
    if (type == WireType::bits32) size = 4;
    const auto bytes = size ? read_bytes(*size) : std::nullopt;
    if (!bytes) return std::nullopt;
    if (type == WireType::bytes) field.bytes = *bytes;
    else field.value = little_endian(*bytes);
  }
  failed_ = false;
  return field;
}

}  // namespace abstractllm
