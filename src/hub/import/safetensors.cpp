// SPDX-License-Identifier: Apache-2.0
#include "hub/import/safetensors.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <span>
#include <unordered_set>
#include <utility>

#include "base/utf8.hpp"

namespace abstractllm {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::int64_t length_bytes = 8;
constexpr std::uint64_t most_header_bytes = 100'000'000;
constexpr std::size_t most_dimensions = 8;
constexpr std::size_t most_header_levels = 16;
constexpr std::size_t longest_name = 1024;
constexpr std::size_t most_name_bytes = 80;

struct TypeBits {
  std::string_view type;
  std::int64_t bits;
};

// Dtype of https://github.com/huggingface/safetensors/blob/main/safetensors/src/tensor.rs, read 2026-11.
constexpr TypeBits types[] = {
    {"F32", 32},    {"F16", 16},    {"BF16", 16},       {"BOOL", 8},        {"U8", 8},   {"I8", 8},
    {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8},     {"I16", 16},        {"U16", 16}, {"I32", 32},
    {"U32", 32},    {"I64", 64},    {"U64", 64},        {"F64", 64},        {"C64", 64}, {"F4", 4},
    {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"F8_E5M2FNUZ", 8}, {"F8_E4M3FNUZ", 8},
};

std::string shown_name(std::string_view text) { return "'" + escaped_start(text, most_name_bytes) + "'"; }

Error damaged(std::string_view file, const std::string& what) {
  return {ErrorKind::engine_failed, shown_name(file) + " is damaged: " + what + "; fetch the file again"};
}

Error damaged_tensor(std::string_view file, std::string_view tensor, const std::string& what) {
  return damaged(file, "tensor " + shown_name(tensor) + " " + what);
}

std::optional<std::int64_t> product_of(const std::vector<std::int64_t>& shape) {
  std::int64_t product = 1;
  for (const std::int64_t size : shape) {
    if (size != 0 && product > std::numeric_limits<std::int64_t>::max() / 64 / size) return std::nullopt;
    product *= size;
  }
  return product;
}

/// Non-negative integers only.
bool read_integers(element value, std::size_t most, std::vector<std::int64_t>& integers) {
  array list;
  if (value.get(list) != simdjson::SUCCESS) return false;
  for (const element each : list) {
    std::int64_t integer = 0;
    if (integers.size() == most || each.get(integer) != simdjson::SUCCESS || integer < 0) return false;
    integers.push_back(integer);
  }
  return true;
}

/// Reads the members of one tensor's entry. Returns what is wrong, or nothing.
std::optional<std::string> read_entry(element entry, StoredTensor& tensor, std::vector<std::int64_t>& range) {
  object members;
  if (entry.get(members) != simdjson::SUCCESS) return "is not described by an object";
  std::array<bool, 3> seen{};
  const auto take = [&seen](std::size_t which) { return !std::exchange(seen[which], true); };
  for (const auto member : members) {
    std::string_view type;
    if (member.key == "dtype") {
      if (!take(0) || member.value.get(type) != simdjson::SUCCESS) return "has no valid dtype";
      tensor.type = type;
    } else if (member.key == "shape") {
      if (!take(1) || !read_integers(member.value, most_dimensions, tensor.shape)) return "has no valid shape";
    } else if (member.key == "data_offsets") {
      if (!take(2) || !read_integers(member.value, 2, range) || range.size() != 2) return "has no valid data_offsets";
    }
  }
  if (!seen[0] || !seen[1] || !seen[2]) return "lacks its dtype, shape or data_offsets";
  return std::nullopt;
}

std::optional<std::string> check_range(const StoredTensor& tensor, const std::vector<std::int64_t>& range,
                                       std::int64_t data_bytes) {
  if (range[0] > range[1]) return "ends before it begins";
  if (range[1] > data_bytes) {
    return "ends at byte " + std::to_string(range[1]) + " of the data, which has only " + std::to_string(data_bytes) +
           " bytes (the file may be cut)";
  }
  const std::optional<std::int64_t> values = product_of(tensor.shape);
  if (!values) return "has a shape whose product is too large";
  const auto* const type =
      std::find_if(std::begin(types), std::end(types), [&tensor](const TypeBits& t) { return t.type == tensor.type; });
  if (type == std::end(types)) return std::nullopt;  // refused only where the tensor is needed
  if (*values > std::numeric_limits<std::int64_t>::max() / type->bits) return "has a shape whose product is too large";
  if (const std::int64_t bits = *values * type->bits; bits % 8 != 0 || bits / 8 != range[1] - range[0]) {
    return "has " + std::to_string(range[1] - range[0]) + " bytes, which does not fit its shape and type " +
           tensor.type;
  }
  return std::nullopt;
}

/// The data belongs to exactly one tensor at each byte, as the format demands.
Result<void> check_coverage(const std::vector<StoredTensor>& tensors, std::int64_t begin, std::int64_t end,
                            std::string_view file) {
  std::vector<const StoredTensor*> order;
  order.reserve(tensors.size());
  for (const StoredTensor& tensor : tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const StoredTensor* a, const StoredTensor* b) {
    return std::pair(a->offset, a->bytes) < std::pair(b->offset, b->bytes);
  });
  std::int64_t at = begin;
  const StoredTensor* before = nullptr;
  for (const StoredTensor* tensor : order) {
    if (tensor->offset < at)
      return damaged_tensor(file, tensor->name, "overlaps with tensor " + shown_name(before->name));
    if (tensor->offset > at)
      return damaged_tensor(file, tensor->name, "follows a hole of " + std::to_string(tensor->offset - at) + " bytes");
    at += tensor->bytes;
    before = tensor;
  }
  if (at != end) return damaged(file, std::to_string(end - at) + " bytes at its end belong to no tensor");
  return {};
}

Result<void> read_tensors(object entries, std::int64_t data_begin, std::int64_t data_bytes, std::string_view file,
                          std::vector<StoredTensor>& tensors) {
  std::unordered_set<std::string_view> names;
  for (const auto entry : entries) {
    if (!names.insert(entry.key).second) return damaged(file, "it names " + shown_name(entry.key) + " twice");
    if (entry.key == "__metadata__") continue;
    if (entry.key.empty() || entry.key.size() > longest_name || entry.key.find('\0') != std::string_view::npos)
      return damaged(file, "the name " + shown_name(entry.key) + " is no name of a tensor");
    StoredTensor& tensor = tensors.emplace_back();
    tensor.name = entry.key;
    std::vector<std::int64_t> range;
    std::optional<std::string> wrong = read_entry(entry.value, tensor, range);
    if (!wrong) wrong = check_range(tensor, range, data_bytes);
    if (wrong) return damaged_tensor(file, tensor.name, *wrong);
    tensor.offset = data_begin + range[0];
    tensor.bytes = range[1] - range[0];
  }
  return check_coverage(tensors, data_begin, data_begin + data_bytes, file);
}

}  // namespace

Result<std::vector<StoredTensor>> parse_safetensors_header(std::string_view header, std::int64_t data_begin,
                                                           std::int64_t data_bytes, std::string_view name) {
  if (header.empty() || header.front() != '{') return damaged(name, "its header does not begin with '{'");
  simdjson::dom::parser parser;
  object entries;
  if (parser.allocate(std::max<std::size_t>(header.size(), 64), most_header_levels) != simdjson::SUCCESS)
    return damaged(name, "its header is too large");
  if (const simdjson::error_code code = parser.parse(header.data(), header.size(), true).get(entries)) {
    return damaged(name, std::string("its header is no valid JSON object (") + simdjson::error_message(code) + ")");
  }
  std::vector<StoredTensor> tensors;
  if (Result<void> read = read_tensors(entries, data_begin, data_bytes, name, tensors); !read) return read.error();
  return tensors;
}

Result<std::vector<StoredTensor>> read_safetensors(const SourceFile& file, std::string_view name) {
  if (file.size() < length_bytes) return damaged(name, "it has " + std::to_string(file.size()) + " bytes");
  std::array<std::byte, length_bytes> begin{};
  if (Result<void> read = file.read_at(0, begin); !read) return read.error();
  std::uint64_t length = 0;
  for (std::size_t at = begin.size(); at-- > 0;) length = length << 8 | std::to_integer<std::uint64_t>(begin[at]);
  const std::int64_t rest = file.size() - length_bytes;
  if (length > most_header_bytes || static_cast<std::int64_t>(length) > rest) {
    return damaged(name, "its header claims " + std::to_string(length) + " bytes; the file has " +
                             std::to_string(rest) + " more, and at most " + std::to_string(most_header_bytes) +
                             " are allowed");
  }
  std::string header(static_cast<std::size_t>(length), '\0');
  if (Result<void> read = file.read_at(length_bytes, std::as_writable_bytes(std::span(header))); !read)
    return read.error();
  const auto size = static_cast<std::int64_t>(length);
  return parse_safetensors_header(header, length_bytes + size, rest - size, name);
}

}  // namespace abstractllm
