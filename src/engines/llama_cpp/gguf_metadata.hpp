// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct gguf_context;

namespace abstractllm {

/// The metadata of a GGUF file. A key that is absent, or whose value has another type, has no value. So has every key
/// if the file cannot be read.
class GgufMetadata {
 public:
  explicit GgufMetadata(const std::string& path);

  std::optional<std::string> text(const std::string& key) const;
  /// general.architecture, or an empty text.
  std::string architecture() const;
  std::optional<std::uint32_t> count(const std::string& key) const;
  std::optional<bool> flag(const std::string& key) const;
  /// A number or a list of numbers of any type. A text counts as the number that it begins with, as for the engine.
  std::vector<double> numbers(const std::string& key) const;

 private:
  /// Below 0 if there is no such key.
  std::int64_t find(const std::string& key) const;
  std::int64_t find(const std::string& key, int type) const;

  std::unique_ptr<gguf_context, void (*)(gguf_context*)> file_;
};

}  // namespace abstractllm
