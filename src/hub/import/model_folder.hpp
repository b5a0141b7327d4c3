// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/result.hpp"
#include "base/json.hpp"

namespace abstractllm {

/// The folder of a checkpoint, as save_pretrained() of transformers writes it and as the hub stores it: config.json,
/// tokenizer files and *.safetensors. Everything in it is untrusted. Files are found by name, also in a folder below
/// ("1_Pooling/config.json"). A name never leaves the folder, and neither does a link, except to the blobs of the hub's
/// cache.
class ModelFolder {
 public:
  explicit ModelFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  /// Where the file is, links resolved. Errors: not_configured (no regular file, or a link that leaves the folder),
  /// engine_failed (the name is no path inside the folder).
  Result<std::filesystem::path> find(std::string_view name) const;
  /// Whether a regular file has this name.
  bool has(std::string_view name) const;
  /// The names of all regular files in the folder itself, sorted.
  std::vector<std::string> files() const;
  /// The whole text. Errors: not_configured (missing or not readable), engine_failed (larger than `most_bytes`).
  Result<std::string> text(std::string_view name, std::size_t most_bytes = 256 << 20) const;
  /// The JSON value of a file. At most 64 levels. Errors: those of text(); engine_failed with the file's name and the
  /// position.
  Result<Json> json(std::string_view name) const;

 private:
  std::filesystem::path path_;
};

}  // namespace abstractllm
