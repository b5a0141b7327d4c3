// SPDX-License-Identifier: Apache-2.0
#include "support/gguf_file.hpp"

#include <stdexcept>

#include "ggml.h"
#include "gguf.h"

namespace abstractllm::testing_support {

GgufFile::GgufFile(std::uint32_t seed)
    : noise_(seed),
      file_(gguf_init_empty(), &gguf_free),
      memory_(ggml_init({16U << 20U, nullptr, false}), &ggml_free) {}

void GgufFile::text(const std::string& key, const std::string& value) {
  gguf_set_val_str(file_.get(), key.c_str(), value.c_str());
}

void GgufFile::texts(const std::string& key, const std::vector<std::string>& values) {
  std::vector<const char*> pointers;
  for (const std::string& value : values) pointers.push_back(value.c_str());
  gguf_set_arr_str(file_.get(), key.c_str(), pointers.data(), pointers.size());
}

void GgufFile::number(const std::string& key, std::int64_t value) {
  gguf_set_val_u32(file_.get(), key.c_str(), static_cast<std::uint32_t>(value));
}

void GgufFile::numbers(const std::string& key, const std::vector<std::int32_t>& values) {
  gguf_set_arr_data(file_.get(), key.c_str(), GGUF_TYPE_INT32, values.data(), values.size());
}

void GgufFile::real(const std::string& key, float value) { gguf_set_val_f32(file_.get(), key.c_str(), value); }

void GgufFile::reals(const std::string& key, const std::vector<float>& values) {
  gguf_set_arr_data(file_.get(), key.c_str(), GGUF_TYPE_FLOAT32, values.data(), values.size());
}

void GgufFile::flag(const std::string& key, bool value) { gguf_set_val_bool(file_.get(), key.c_str(), value); }

template <class Values>
void GgufFile::add(const std::string& name, const std::vector<std::int64_t>& sizes, Values next) {
  ggml_tensor* tensor = ggml_new_tensor(memory_.get(), GGML_TYPE_F32, static_cast<int>(sizes.size()), sizes.data());
  for (std::int64_t i = 0; i < ggml_nelements(tensor); ++i) ggml_get_data_f32(tensor)[i] = next();
  ggml_set_name(tensor, name.c_str());
  gguf_add_tensor(file_.get(), tensor);
}

void GgufFile::random(const std::string& name, const std::vector<std::int64_t>& sizes) {
  add(name, sizes, [this] {
    // std::normal_distribution differs between libraries; this does not.
    noise_ = noise_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return (static_cast<float>(noise_ >> 40) / static_cast<float>(1U << 24) - 0.5F) * 0.2F;
  });
}

void GgufFile::constant(const std::string& name, std::int64_t size, float value) {
  add(name, {size}, [value] { return value; });
}

void GgufFile::write(const std::filesystem::path& file) const {
  if (!gguf_write_to_file(file_.get(), file.c_str(), false)) throw std::runtime_error("cannot write " + file.string());
}

}  // namespace abstractllm::testing_support
