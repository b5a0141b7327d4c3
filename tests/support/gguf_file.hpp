// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

struct ggml_context;
struct gguf_context;

namespace abstractllm::testing_support {

/// A GGUF file in the making: settings and tensors of 32-bit floats, at most 16 MB. Its noise comes from the seed
/// alone, so that the same calls make the same bytes everywhere.
class GgufFile {
 public:
  explicit GgufFile(std::uint32_t seed);

  void text(const std::string& key, const std::string& value);
  void texts(const std::string& key, const std::vector<std::string>& values);
  void number(const std::string& key, std::int64_t value);
  void numbers(const std::string& key, const std::vector<std::int32_t>& values);
  void real(const std::string& key, float value);
  void reals(const std::string& key, const std::vector<float>& values);
  void flag(const std::string& key, bool value);

  /// A tensor of noise between -0.1 and 0.1. `sizes` begins with the length of a row, as in ggml.
  void random(const std::string& name, const std::vector<std::int64_t>& sizes);
  /// A vector of equal values.
  void constant(const std::string& name, std::int64_t size, float value);

  /// Throws std::runtime_error when the file cannot be written.
  void write(const std::filesystem::path& file) const;

 private:
  template <class Values>
  void add(const std::string& name, const std::vector<std::int64_t>& sizes, Values next);

  std::uint64_t noise_;
  std::unique_ptr<gguf_context, void (*)(gguf_context*)> file_;
  std::unique_ptr<ggml_context, void (*)(ggml_context*)> memory_;
};

}  // namespace abstractllm::testing_support
