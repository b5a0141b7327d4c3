// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/adapter_file.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>

#include "ggml.h"
#include "gguf.h"

namespace abstractllm {
namespace {

constexpr float most_scale = 1000;

Error broken(const std::string& path, const std::string& problem) {
  return {ErrorKind::engine_failed, "adapter '" + path + "' cannot be used: " + problem};
}

std::optional<Error> why_no_file(const std::string& path) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  const std::string start = "adapter '" + path + "' ";
  if (status.type() == std::filesystem::file_type::not_found)
    return Error{ErrorKind::not_configured, start + "does not exist: give the path of a .gguf file with LoRA weights"};
  if (status.type() == std::filesystem::file_type::directory)
    return Error{ErrorKind::not_configured,
                 start + "is a folder: give the path of a .gguf file; convert_lora_to_gguf.py of llama.cpp makes one"};
  if (status.type() != std::filesystem::file_type::regular)
    return Error{ErrorKind::not_configured,
                 start + "cannot be read" + (failure ? ": " + failure.message() : ", it is not a regular file")};
  return std::nullopt;
}

/// An adapter's file in memory, but for the weights.
class AdapterFile {
 public:
  explicit AdapterFile(const std::string& path)
      : file_(std::fopen(path.c_str(), "rb"), &std::fclose), gguf_(nullptr, &gguf_free), tensors_(nullptr, &ggml_free) {
    ggml_context* tensors = nullptr;
    if (file_) gguf_.reset(gguf_init_from_file(path.c_str(), {true, &tensors}));
    tensors_.reset(tensors);
  }

  bool opened() const { return file_ != nullptr; }
  bool is_gguf() const { return gguf_ != nullptr; }
  std::string text(const char* key) const {
    const std::int64_t at = gguf_find_key(gguf_.get(), key);
    return at < 0 || gguf_get_kv_type(gguf_.get(), at) != GGUF_TYPE_STRING ? "" : gguf_get_val_str(gguf_.get(), at);
  }
  bool has(const char* key) const { return gguf_find_key(gguf_.get(), key) >= 0; }
  /// 0 if there is none; nullopt if it is no number that the engine can read.
  std::optional<float> real(const char* key) const {
    const std::int64_t at = gguf_find_key(gguf_.get(), key);
    if (at < 0) return 0;
    if (gguf_get_kv_type(gguf_.get(), at) != GGUF_TYPE_FLOAT32) return std::nullopt;
    return gguf_get_val_f32(gguf_.get(), at);
  }
  const ggml_tensor* first() const { return ggml_get_first_tensor(tensors_.get()); }
  const ggml_tensor* next(const ggml_tensor* tensor) const {
    return ggml_get_next_tensor(tensors_.get(), const_cast<ggml_tensor*>(tensor));
  }
  const ggml_tensor* find(const std::string& name) const { return ggml_get_tensor(tensors_.get(), name.c_str()); }

  /// Whether the file has all weights of this tensor, and all are numbers.
  std::optional<std::string> why_no_weights(const ggml_tensor* tensor) {
    const std::size_t size = ggml_nbytes(tensor);
    const auto begin = gguf_get_data_offset(gguf_.get()) +
                       gguf_get_tensor_offset(gguf_.get(), gguf_find_tensor(gguf_.get(), tensor->name));
    weights_.resize(size);
    if (std::fseek(file_.get(), static_cast<long>(begin), SEEK_SET) != 0 ||
        std::fread(weights_.data(), 1, size, file_.get()) != size)
      return "is cut off: fetch the file again";
    if (!all_finite(tensor)) return "has weights that are no numbers";
    return std::nullopt;
  }

 private:
  /// The engine's own check writes to standard error.
  bool all_finite(const ggml_tensor* tensor) const {
    const auto to_float = ggml_get_type_traits(tensor->type)->to_float;
    std::vector<float> row(static_cast<std::size_t>(tensor->ne[0]));
    const std::size_t row_size = ggml_row_size(tensor->type, tensor->ne[0]);
    for (std::size_t at = 0; at < weights_.size(); at += row_size) {
      if (to_float != nullptr && tensor->type != GGML_TYPE_F32)
        to_float(weights_.data() + at, row.data(), tensor->ne[0]);
      else std::memcpy(row.data(), weights_.data() + at, row_size);
      if (!std::all_of(row.begin(), row.end(), [](float value) { return std::isfinite(value); })) return false;
    }
    return true;
  }

  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  std::unique_ptr<gguf_context, void (*)(gguf_context*)> gguf_;
  std::unique_ptr<ggml_context, void (*)(ggml_context*)> tensors_;
  std::vector<char> weights_;
};

std::optional<std::string> why_no_adapter(const AdapterFile& file, const std::string& architecture) {
  if (file.text("general.type") != "adapter")
    return "it is not an adapter; its general.type is '" + file.text("general.type") + "'";
  if (file.text("adapter.type") != "lora")
    return "its adapter.type is '" + file.text("adapter.type") + "', and the engine takes lora";
  if (const std::string made_for = file.text("general.architecture"); made_for != architecture)
    return "it was made for a model of architecture '" + made_for + "', and this model is '" + architecture + "'";
  if (file.has("adapter.alora.invocation_tokens"))
    return "it is an activated adapter, which applies only after certain words; those are not supported";
  const auto alpha = file.real("adapter.lora.alpha");
  if (!alpha || !std::isfinite(*alpha)) return "its adapter.lora.alpha is not a number";
  if (file.first() == nullptr) return "it has no tensors";
  return std::nullopt;
}

bool is_real(ggml_type type) {
  return type == GGML_TYPE_F32 || type == GGML_TYPE_F16 || type == GGML_TYPE_BF16 || ggml_is_quantized(type);
}

std::optional<std::string> why_no_tensor(AdapterFile& file, const ggml_tensor* tensor) {
  const std::string name = tensor->name;
  if (name.ends_with("_norm.weight")) return std::nullopt;  // the engine ignores it
  const bool is_a = name.ends_with(".lora_a");
  if (!is_a && !name.ends_with(".lora_b")) return "is not of a LoRA";
  const std::string base = name.substr(0, name.size() - 7);
  // The engine would apply it to the output as well, where the sizes do not fit.
  if (base == "token_embd.weight") return "changes the table of tokens, which is not supported";
  if (ggml_n_dims(tensor) > 2) return "is for experts, which is not supported";
  if (!is_real(tensor->type)) return std::string("has the type ") + ggml_type_name(tensor->type);
  const ggml_tensor* other = file.find(base + (is_a ? ".lora_b" : ".lora_a"));
  if (other == nullptr) return std::string("has no counterpart ") + (is_a ? ".lora_b" : ".lora_a");
  if (is_a && tensor->ne[1] != other->ne[0]) return "does not fit to its counterpart";
  return file.why_no_weights(tensor);
}

}  // namespace

Result<std::vector<AdapterUse>> read_adapters(const std::vector<std::string>& values) {
  std::vector<AdapterUse> uses;
  if (values.size() > most_adapters)
    return Error{ErrorKind::invalid_argument, "adapters: there are " + std::to_string(values.size()) +
                                                  " adapters, and a call can have " + std::to_string(most_adapters)};
  for (const std::string& value : values) {
    AdapterUse use{value, 1};
    const std::size_t equals = value.rfind('=');
    const bool in_path =
        equals != value.npos && (value.find(".gguf", equals) != value.npos || value.find('/', equals) != value.npos);
    if (equals != value.npos && !in_path) {
      use.file = value.substr(0, equals);
      const char* end = value.data() + value.size();
      const auto read = std::from_chars(value.data() + equals + 1, end, use.scale);
      if (read.ec != std::errc() || read.ptr != end || !(std::abs(use.scale) <= most_scale))
        return Error{ErrorKind::invalid_argument,
                     "adapters: '" + value + "': the scale after = must be a number from -" +
                         "1000 to 1000 (if the '=' belongs to a folder's name, write a '/' after it)"};
    }
    if (use.file.empty()) return Error{ErrorKind::invalid_argument, "adapters: '" + value + "' names no file"};
    uses.push_back(std::move(use));
  }
  return uses;
}

Result<void> check_adapter_file(const std::string& path, const std::string& architecture) {
  if (const auto error = why_no_file(path)) return *error;
  AdapterFile file(path);
  if (!file.opened())
    return Error{ErrorKind::not_configured,
                 "adapter '" + path + "' cannot be read: " + std::generic_category().message(errno)};
  if (!file.is_gguf()) return broken(path, "it is not a GGUF file, or it is cut off");
  if (const auto why = why_no_adapter(file, architecture)) return broken(path, *why);
  for (const ggml_tensor* tensor = file.first(); tensor != nullptr; tensor = file.next(tensor))
    if (const auto why = why_no_tensor(file, tensor))
      return broken(path, "its tensor '" + std::string(tensor->name) + "' " + *why);
  return {};
}

}  // namespace abstractllm
