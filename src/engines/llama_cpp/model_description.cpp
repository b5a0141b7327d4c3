// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engines/llama_cpp/model_file.hpp"
#include "engines/llama_cpp/model_metadata.hpp"
#include "ggml.h"
#include "gguf.h"

namespace abstractllm {
namespace {

/// Reads what a GgufDescription has.
class Described {
 public:
  explicit Described(const std::string& path) : tensors_(nullptr, &ggml_free), file_(nullptr, &gguf_free) {
    ggml_context* tensors = nullptr;
    file_.reset(gguf_init_from_file(path.c_str(), {true, &tensors}));
    tensors_.reset(tensors);
  }

  bool is_open() const { return file_ != nullptr; }

  void add_to(GgufDescription& model) const {
    const std::int64_t name = gguf_find_key(file_.get(), "general.architecture");
    if (name >= 0 && gguf_get_kv_type(file_.get(), name) == GGUF_TYPE_STRING)
      model.architecture = gguf_get_val_str(file_.get(), name);
    const std::string prefix = model.architecture + ".";
    for (std::int64_t at = 0; at < gguf_get_n_kv(file_.get()); ++at) {
      const std::string_view key = gguf_get_key(file_.get(), at);
      if (!key.starts_with(prefix)) continue;
      if (const auto number = number_at(at)) model.numbers.emplace(key.substr(prefix.size()), *number);
    }
    for (const ggml_tensor* each = ggml_get_first_tensor(tensors_.get()); each != nullptr;
         each = ggml_get_next_tensor(tensors_.get(), const_cast<ggml_tensor*>(each)))
      model.tensors.emplace(each->name, std::vector<std::int64_t>(each->ne, each->ne + ggml_n_dims(each)));
  }

 private:
  template <class Number>
  static std::optional<std::int64_t> equal_number(const void* data, std::size_t count) {
    const auto* numbers = static_cast<const Number*>(data);
    if (count == 0 || !std::all_of(numbers, numbers + count, [&](Number each) { return each == *numbers; }))
      return std::nullopt;
    return *numbers;
  }

  std::optional<std::int64_t> number_at(std::int64_t at) const {
    const bool is_list = gguf_get_kv_type(file_.get(), at) == GGUF_TYPE_ARRAY;
    const gguf_type type = is_list ? gguf_get_arr_type(file_.get(), at) : gguf_get_kv_type(file_.get(), at);
    if (type != GGUF_TYPE_UINT32 && type != GGUF_TYPE_INT32) return std::nullopt;
    const void* data = is_list ? gguf_get_arr_data(file_.get(), at) : gguf_get_val_data(file_.get(), at);
    const std::size_t count = is_list ? gguf_get_arr_n(file_.get(), at) : 1;
    return type == GGUF_TYPE_UINT32 ? equal_number<std::uint32_t>(data, count)
                                    : equal_number<std::int32_t>(data, count);
  }

  std::unique_ptr<ggml_context, decltype(&ggml_free)> tensors_;
  std::unique_ptr<gguf_context, decltype(&gguf_free)> file_;
};

}  // namespace

Result<GgufDescription> describe_model(const std::string& path) {
  GgufDescription model;
  for (const std::string& part : parts_of_model(path)) {
    const Described file(part);
    if (!file.is_open())
      return Error(ErrorKind::engine_failed, "model file '" + part + "' cannot be read any more: fetch it again");
    file.add_to(model);
  }
  return model;
}

}  // namespace abstractllm
