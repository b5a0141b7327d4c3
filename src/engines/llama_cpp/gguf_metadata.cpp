// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/gguf_metadata.hpp"

#include <cstdlib>
#include <cstring>

#include "gguf.h"

namespace abstractllm {
namespace {

template <class T>
double value_at(const void* data, std::size_t at) {
  T value{};
  std::memcpy(&value, static_cast<const char*>(data) + at * sizeof value, sizeof value);
  return static_cast<double>(value);
}

/// Null for types that are no numbers.
double (*reader_of(gguf_type type))(const void*, std::size_t) {
  switch (type) {
    case GGUF_TYPE_UINT8: return value_at<std::uint8_t>;
    case GGUF_TYPE_INT8: return value_at<std::int8_t>;
    case GGUF_TYPE_UINT16: return value_at<std::uint16_t>;
    case GGUF_TYPE_INT16: return value_at<std::int16_t>;
    case GGUF_TYPE_UINT32: return value_at<std::uint32_t>;
    case GGUF_TYPE_INT32: return value_at<std::int32_t>;
    case GGUF_TYPE_UINT64: return value_at<std::uint64_t>;
    case GGUF_TYPE_INT64: return value_at<std::int64_t>;
    case GGUF_TYPE_FLOAT32: return value_at<float>;
    case GGUF_TYPE_FLOAT64: return value_at<double>;
    default: return nullptr;
  }
}

}  // namespace

GgufMetadata::GgufMetadata(const std::string& path)
    : file_(gguf_init_from_file(path.c_str(), {/*no_alloc=*/true, /*ctx=*/nullptr}), &gguf_free) {}

std::int64_t GgufMetadata::find(const std::string& key) const {
  return file_ ? gguf_find_key(file_.get(), key.c_str()) : -1;
}

std::int64_t GgufMetadata::find(const std::string& key, int type) const {
  const std::int64_t at = find(key);
  return at < 0 || gguf_get_kv_type(file_.get(), at) != type ? -1 : at;
}

std::optional<std::string> GgufMetadata::text(const std::string& key) const {
  const std::int64_t at = find(key, GGUF_TYPE_STRING);
  if (at < 0) return std::nullopt;
  return gguf_get_val_str(file_.get(), at);
}

std::string GgufMetadata::architecture() const { return text("general.architecture").value_or(std::string()); }

std::optional<std::uint32_t> GgufMetadata::count(const std::string& key) const {
  const std::int64_t at = find(key, GGUF_TYPE_UINT32);
  if (at < 0) return std::nullopt;
  return gguf_get_val_u32(file_.get(), at);
}

std::optional<bool> GgufMetadata::flag(const std::string& key) const {
  const std::int64_t at = find(key, GGUF_TYPE_BOOL);
  if (at < 0) return std::nullopt;
  return gguf_get_val_bool(file_.get(), at);
}

std::vector<double> GgufMetadata::numbers(const std::string& key) const {
  const std::int64_t at = find(key);
  if (at < 0) return {};
  const gguf_type type = gguf_get_kv_type(file_.get(), at);
  if (type == GGUF_TYPE_STRING) return {std::strtod(gguf_get_val_str(file_.get(), at), nullptr)};
  const bool is_list = type == GGUF_TYPE_ARRAY;
  const auto read = reader_of(is_list ? gguf_get_arr_type(file_.get(), at) : type);
  if (read == nullptr) return {};
  const void* data = is_list ? gguf_get_arr_data(file_.get(), at) : gguf_get_val_data(file_.get(), at);
  std::vector<double> values(is_list ? gguf_get_arr_n(file_.get(), at) : 1);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = read(data, i);
  return values;
}

}  // namespace abstractllm
