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

  /// A digest of names, sizes and times of the last change: 16 hexadecimal digits.
  std::string digest() const;
  bool operator==(const SourceFiles&) const = default;
};

/// Looks at the folder and at the folders in it. Files that cannot be read are left out.
SourceFiles source_files(const std::filesystem::path& folder);

/// The bytes of the weights of the folder's checkpoint, without .safetensors files that do not belong to it. 0 if it is
/// not a checkpoint.
std::int64_t weight_bytes_in(const std::filesystem::path& folder);

/// The path of an existing folder from the root, without links, "." and "..". A folder that cannot be looked at keeps
/// the path it has.
std::filesystem::path whole_path(const std::filesystem::path& folder);

/// Whether an import of this folder can be tried: it has config.json, and no .gguf file, which would be the model.
bool is_checkpoint_folder(const std::filesystem::path& folder);

}  // namespace abstractllm
