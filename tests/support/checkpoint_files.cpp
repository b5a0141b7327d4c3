// SPDX-License-Identifier: Apache-2.0
#include "support/checkpoint_files.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

namespace abstractllm::testing_support {
namespace {

template <class Value>
std::string bytes_of(const std::vector<Value>& values) {
  std::string bytes(values.size() * sizeof(Value), '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

}  // namespace

std::string f32_bytes(const std::vector<float>& values) { return bytes_of(values); }
std::string u16_bytes(const std::vector<std::uint16_t>& values) { return bytes_of(values); }

FileTensor counting(std::string name, std::vector<std::int64_t> shape, float first) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  std::vector<float> values;
  for (std::int64_t at = 0; at < count; ++at) values.push_back(first + static_cast<float>(at));
  return {std::move(name), "F32", std::move(shape), f32_bytes(values)};
}

std::string safetensors_text(const std::string& header, const std::string& data) {
  return bytes_of(std::vector<std::uint64_t>{header.size()}) + header + data;
}

std::string safetensors_text(const std::vector<FileTensor>& tensors) {
  nlohmann::ordered_json header = {{"__metadata__", {{"format", "pt"}}}};
  std::string data;
  for (const FileTensor& tensor : tensors) {
    const std::size_t begin = data.size();
    data += tensor.bytes;
    header[tensor.name] = {{"dtype", tensor.type},
                           {"shape", tensor.shape},
                           {"data_offsets", std::vector<std::size_t>{begin, data.size()}}};
  }
  return safetensors_text(header.dump(), data);
}

Result<std::vector<std::byte>> read_whole(const GgufTensor& tensor) {
  std::vector<std::byte> bytes;
  const auto read = tensor.read([&bytes](std::span<const std::byte> piece) {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return Result<void>();
  });
  if (!read) return read.error();
  return bytes;
}

std::vector<float> read_floats(const GgufTensor& tensor) {
  const auto bytes = read_whole(tensor);
  if (!bytes || tensor.type != TensorType::f32) return {};
  std::vector<float> values(bytes->size() / sizeof(float));
  std::memcpy(values.data(), bytes->data(), bytes->size());
  return values;
}

CheckpointFolder::CheckpointFolder() {
  static std::atomic<int> made = 0;
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  path_ = std::filesystem::temp_directory_path() / (std::string(test->test_suite_name()) + "." + test->name() + "." +
                                                    std::to_string(::getpid()) + "." + std::to_string(++made));
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
}

CheckpointFolder::~CheckpointFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void CheckpointFolder::write(const std::string& name, const std::string& text) const {
  std::filesystem::create_directories((path_ / name).parent_path());
  std::ofstream(path_ / name, std::ios::binary) << text;
}

}  // namespace abstractllm::testing_support
