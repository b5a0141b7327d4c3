// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "base/file_identity.hpp"

namespace abstractllm {

/// The files of a folder that an import depends on, and what they were when they were looked at.
struct SourceFiles {
  std::map<std::string, FileIdentity> files;  ///< by name in the folder

  /// The bytes of the .safetensors files.
  std::int64_t weight_bytes() const;
  /// A digest of names, sizes and times of the last change: 16 hexadecimal digits.
  std::string digest() const;
  bool operator==(const SourceFiles&) const = default;
};

/// Looks at the folder and at the folders in it. Files that cannot be read are left out.
SourceFiles source_files(const std::filesystem::path& folder);

/// Whether an import of this folder can be tried: it has config.json and .safetensors files, and no .gguf file, which
/// would be the model.
bool is_checkpoint_folder(const std::filesystem::path& folder);

}  // namespace abstractllm
