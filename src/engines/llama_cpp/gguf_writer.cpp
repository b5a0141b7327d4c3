// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/gguf_writer.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <unordered_set>
#include <utility>

#include "abstractllm/model_cache.hpp"
#include "base/disk_file.hpp"
#include "base/machine.hpp"
#include "engines/llama_cpp/model_metadata.hpp"
#include "ggml.h"
#include "gguf.h"

namespace abstractllm {
namespace {

// The engine's writer looks for each tensor's name in a list.
constexpr std::size_t most_tensors = 32768;
constexpr std::size_t most_entries = 4096;
constexpr std::size_t most_key_bytes = 65535;  // https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, 2026-11
constexpr std::int64_t most_bytes = std::int64_t{1} << 50;
constexpr std::size_t alignment = GGUF_DEFAULT_ALIGNMENT;

using Context = std::unique_ptr<gguf_context, decltype(&gguf_free)>;

Error unwritable(std::string what) { return {ErrorKind::engine_failed, "cannot make a GGUF file: " + std::move(what)}; }

Error wrong_size(const GgufTensor& tensor, std::int64_t bytes) {
  return {ErrorKind::internal, "tensor '" + tensor.name + "' has " + std::to_string(size_bytes(tensor)) +
                                   " bytes and gave " + std::to_string(bytes)};
}

bool has_nul(std::string_view text) { return text.find('\0') != text.npos; }

Result<void> check_value(const GgufEntry& entry) {
  const auto wrong = [&] { return unwritable("the value of '" + entry.key + "' has a NUL character"); };
  if (const auto* text = std::get_if<std::string>(&entry.value); text != nullptr && has_nul(*text)) return wrong();
  if (const auto* texts = std::get_if<std::vector<std::string>>(&entry.value))
    if (std::any_of(texts->begin(), texts->end(), has_nul)) return wrong();
  return {};
}

Result<void> check_entries(const std::vector<GgufEntry>& entries) {
  if (entries.size() > most_entries) return unwritable("it has " + std::to_string(entries.size()) + " keys");
  std::unordered_set<std::string_view> keys;
  for (const GgufEntry& entry : entries) {
    if (entry.key.empty() || entry.key.size() > most_key_bytes || has_nul(entry.key))
      return unwritable("a key is empty, too long or has a NUL character");
    if (entry.key == GGUF_KEY_GENERAL_ALIGNMENT) return unwritable("the key '" + entry.key + "' cannot be set");
    if (!keys.insert(entry.key).second) return unwritable("the key '" + entry.key + "' occurs twice");
    if (auto checked = check_value(entry); !checked) return checked;
  }
  return {};
}

/// The bytes of a tensor. Errors: engine_failed for sizes that overflow.
Result<std::int64_t> checked_bytes(const GgufTensor& tensor) {
  const std::string name = "tensor '" + tensor.name + "'";
  if (tensor.sizes.empty() || tensor.sizes.size() > GGML_MAX_DIMS)
    return unwritable(name + " has " + std::to_string(tensor.sizes.size()) + " dimensions; 1 to 4 are possible");
  auto bytes = static_cast<std::int64_t>(bytes_per_value(tensor.type));
  for (const std::int64_t size : tensor.sizes) {
    if (size <= 0) return unwritable(name + " has a dimension of " + std::to_string(size));
    if (size > most_bytes / bytes) return unwritable(name + " is too large");
    bytes *= size;
  }
  return bytes;
}

/// The bytes of all tensors.
Result<std::int64_t> check_tensors(const std::vector<GgufTensor>& tensors) {
  if (tensors.size() > most_tensors) return unwritable("it has " + std::to_string(tensors.size()) + " tensors");
  std::unordered_set<std::string_view> names;
  std::int64_t sum = 0;
  for (const GgufTensor& tensor : tensors) {
    if (tensor.name.empty() || tensor.name.size() >= GGML_MAX_NAME || has_nul(tensor.name))
      return unwritable("the tensor name '" + tensor.name + "' must have 1 to " + std::to_string(GGML_MAX_NAME - 1) +
                        " bytes and no NUL character");
    if (!names.insert(tensor.name).second) return unwritable("the tensor name '" + tensor.name + "' occurs twice");
    if (!tensor.read) return unwritable("tensor '" + tensor.name + "' has no content");
    const auto bytes = checked_bytes(tensor);
    if (!bytes) return bytes.error();
    sum += *bytes;
    if (sum > most_bytes) return unwritable("all tensors together are too large");
  }
  return sum;
}

template <class T>
constexpr gguf_type array_type() {
  if constexpr (std::is_same_v<T, std::int32_t>) return GGUF_TYPE_INT32;
  else if constexpr (std::is_same_v<T, std::uint32_t>) return GGUF_TYPE_UINT32;
  else if constexpr (std::is_same_v<T, float>) return GGUF_TYPE_FLOAT32;
  else return GGUF_TYPE_UINT8;
}

struct EntrySetter {
  gguf_context* context;
  const char* key;

  void operator()(const std::string& value) const { gguf_set_val_str(context, key, value.c_str()); }
  void operator()(std::uint32_t value) const { gguf_set_val_u32(context, key, value); }
  void operator()(std::int32_t value) const { gguf_set_val_i32(context, key, value); }
  void operator()(std::uint64_t value) const { gguf_set_val_u64(context, key, value); }
  void operator()(float value) const { gguf_set_val_f32(context, key, value); }
  void operator()(bool value) const { gguf_set_val_bool(context, key, value); }
  void operator()(const std::vector<std::string>& values) const {
    std::vector<const char*> texts;
    texts.reserve(values.size());
    for (const std::string& value : values) texts.push_back(value.c_str());
    gguf_set_arr_str(context, key, texts.data(), texts.size());
  }
  void operator()(const std::vector<bool>& values) const {
    const std::vector<std::int8_t> bytes(values.begin(), values.end());
    gguf_set_arr_data(context, key, GGUF_TYPE_BOOL, bytes.data(), bytes.size());
  }
  template <class T>
  void operator()(const std::vector<T>& values) const {
    gguf_set_arr_data(context, key, array_type<T>(), values.data(), values.size());
  }
};

ggml_type engine_type(TensorType type) {
  switch (type) {
    case TensorType::f16: return GGML_TYPE_F16;
    case TensorType::bf16: return GGML_TYPE_BF16;
    case TensorType::f32: break;
  }
  return GGML_TYPE_F32;
}

/// A tensor without data, as the writer of the metadata needs it.
ggml_tensor described(const GgufTensor& tensor) {
  ggml_tensor made{};
  made.type = engine_type(tensor.type);
  for (std::size_t i = 0; i < GGML_MAX_DIMS; ++i) made.ne[i] = i < tensor.sizes.size() ? tensor.sizes[i] : 1;
  made.nb[0] = bytes_per_value(tensor.type);
  for (std::size_t i = 1; i < GGML_MAX_DIMS; ++i)
    made.nb[i] = made.nb[i - 1] * static_cast<std::size_t>(made.ne[i - 1]);
  std::memcpy(made.name, tensor.name.c_str(), tensor.name.size() + 1);
  return made;
}

std::vector<char> metadata(const GgufModel& model) {
  const Context context(gguf_init_empty(), &gguf_free);
  for (const GgufEntry& entry : model.entries) std::visit(EntrySetter{context.get(), entry.key.c_str()}, entry.value);
  for (const GgufTensor& tensor : model.tensors) {
    const ggml_tensor empty = described(tensor);
    gguf_add_tensor(context.get(), &empty);
  }
  std::vector<char> bytes(gguf_get_meta_size(context.get()));
  gguf_get_meta_data(context.get(), bytes.data());
  return bytes;
}

std::size_t padded(std::size_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

/// Writes one tensor at `at` and fills up to the alignment.
Result<void> write_tensor(const GgufTensor& tensor, DiskFile& file, std::int64_t at, const GgufWatch& watch) {
  const std::int64_t size = size_bytes(tensor);
  std::int64_t done = 0;
  auto read = tensor.read([&](std::span<const std::byte> piece) -> Result<void> {
    if (watch.stop.stop_requested()) return Error(ErrorKind::cancelled, "the import was stopped");
    const std::int64_t end = done + static_cast<std::int64_t>(piece.size());
    if (end > size) return wrong_size(tensor, end);
    const std::int64_t begin = std::exchange(done, end);
    return file.write_at(at + begin, {reinterpret_cast<const char*>(piece.data()), piece.size()});
  });
  if (!read) return read;
  if (done != size) return wrong_size(tensor, done);
  const std::string fill(padded(static_cast<std::size_t>(size)) - static_cast<std::size_t>(size), '\0');
  return file.write_at(at + size, fill);
}

Result<void> write_tensors(const GgufModel& model, DiskFile& file, std::int64_t at, std::int64_t total,
                           const GgufWatch& watch) {
  std::int64_t done = 0;
  for (const GgufTensor& tensor : model.tensors) {
    if (auto written = write_tensor(tensor, file, at, watch); !written) return written;
    const std::int64_t size = size_bytes(tensor);
    at += static_cast<std::int64_t>(padded(static_cast<std::size_t>(size)));
    done += size;
    if (watch.on_bytes) watch.on_bytes(done, total);
  }
  return {};
}

Result<void> write_file(const GgufModel& model, DiskFile file, std::int64_t total, const GgufWatch& watch) {
  if (auto emptied = file.resize(0); !emptied) return emptied;
  std::int64_t at = 0;
  {
    const std::vector<char> head = metadata(model);
    if (auto written = file.write_at(0, {head.data(), head.size()}); !written) return written;
    at = static_cast<std::int64_t>(head.size());
  }
  if (watch.on_bytes) watch.on_bytes(0, total);
  if (auto written = write_tensors(model, file, at, total, watch); !written) return written;
  return file.sync();
}

}  // namespace

Result<void> write_gguf(const GgufModel& model, const std::string& path, const GgufWatch& watch) {
  if (auto checked = check_entries(model.entries); !checked) return checked;
  const auto total = check_tensors(model.tensors);
  if (!total) return total.error();
  auto file = DiskFile::open(path);
  if (!file) return std::move(file).error();
  Result<void> written;
  try {
    written = write_file(model, *std::move(file), *total, watch);
  } catch (const std::bad_alloc&) {
    written = Error(ErrorKind::engine_failed, "not enough memory to write '" + path + "'");
  }
  if (const auto problem = written ? metadata_problem(path) : std::nullopt)
    written = Error(ErrorKind::engine_failed, "the engine cannot run this model: " + *problem);
  std::error_code failure;
  if (!written) std::filesystem::remove(path, failure);
  return written;
}

GgufEngine gguf_engine() {
  // The limit of the model cache.
  const auto most_model_bytes = [] {
    const std::int64_t limit = model_cache_limits().max_bytes;
    return limit > 0 ? limit : memory_of_this_machine() / 4 * 3;
  };
  return {write_gguf, quantize_gguf, gguf_quantisations, most_model_bytes};
}

}  // namespace abstractllm
