// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/result.hpp"
#include "base/source_file.hpp"

namespace abstractllm {

/// One tensor of a safetensors file.
struct StoredTensor {
  std::string name;
  std::string type;                 ///< as it is spelled: "F32", "BF16", "F8_E4M3", …; may be unknown to us
  std::vector<std::int64_t> shape;  ///< the length of a row last; may hold zeros; the product fits
  std::int64_t offset = 0;          ///< of the first byte, from the beginning of the file
  std::int64_t bytes = 0;
};

/// Reads the header of a safetensors file, and checks all of it: its length, types and shapes, and that the tensors
/// cover the data without holes and without overlaps. Reads no tensor. `name` names the file in errors.
///
/// The format: 8 bytes with the header's length N, little-endian; N bytes of JSON that begin with '{'; then the data.
/// N is at most 100,000,000 (https://huggingface.co/docs/safetensors, and MAX_HEADER_SIZE of its Rust library, read
/// 2026-11). Errors: engine_failed (with the file, the tensor and the place), not_configured (not readable).
Result<std::vector<StoredTensor>> read_safetensors(const SourceFile& file, std::string_view name);

/// The same for the text of a header, whose data begins at `data_begin` and has `data_bytes` bytes.
Result<std::vector<StoredTensor>> parse_safetensors_header(std::string_view header, std::int64_t data_begin,
                                                           std::int64_t data_bytes, std::string_view name);

}  // namespace abstractllm
