// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "gguf/gguf_model.hpp"

namespace abstractllm::testing_support {

/// A tensor for a safetensors file in the making.
struct FileTensor {
  std::string name;
  std::string type = "F32";
  std::vector<std::int64_t> shape;
  std::string bytes;
};

/// Values as the bytes of F32.
std::string f32_bytes(const std::vector<float>& values);
/// Values of 16 bits as they are.
std::string u16_bytes(const std::vector<std::uint16_t>& values);
/// F32 values 0, 1, 2, … of this shape, plus `first`.
FileTensor counting(std::string name, std::vector<std::int64_t> shape, float first = 0);

/// A file with this header and this data, whatever they are.
std::string safetensors_text(const std::string& header, const std::string& data);
/// A valid file.
std::string safetensors_text(const std::vector<FileTensor>& tensors);

/// All bytes of a tensor, or its error.
Result<std::vector<std::byte>> read_whole(const GgufTensor& tensor);
/// All values of a tensor of floats; none if it cannot be read.
std::vector<float> read_floats(const GgufTensor& tensor);

/// A folder of the test that is running, which goes away with the object.
class CheckpointFolder {
 public:
  CheckpointFolder();
  ~CheckpointFolder();
  CheckpointFolder(const CheckpointFolder&) = delete;
  CheckpointFolder& operator=(const CheckpointFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// Writes a file; folders in its name are created.
  void write(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

}  // namespace abstractllm::testing_support
