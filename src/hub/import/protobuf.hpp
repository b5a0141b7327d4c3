// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace abstractllm {

/// A field of a message.
struct ProtobufField {
  std::uint32_t number = 0;
  std::uint64_t value = 0;  ///< of a number; a float is its 32 bits
  std::string_view bytes;   ///< of a text or a message
};

/// Reads the fields of one message. A message within it is bytes, so nothing here recurses. Takes linear time.
/// Format: https://protobuf.dev/programming-guides/encoding/ (read 2026-11).
class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view message) : rest_(message) {}

  /// The next field, or nullopt at the end and at a fault.
  std::optional<ProtobufField> next();
  /// Whether a number, a length or a type was not one, or the message was cut.
  bool failed() const { return failed_; }

 private:
  std::optional<std::uint64_t> read_number();
  std::optional<std::string_view> read_bytes(std::uint64_t size);

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace abstractllm
