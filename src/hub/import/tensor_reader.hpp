// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/source_file.hpp"
#include "gguf/gguf_model.hpp"
#include "hub/import/architecture.hpp"

namespace abstractllm {

/// Some bytes of a file.
struct TensorPart {
  std::shared_ptr<const SourceFile> file;
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
  std::string name;  ///< the stored tensor that they belong to
};

/// How to get the values of a tensor: its parts one after the other, converted to `type`, and then changed in place.
struct TensorPlan {
  TensorType stored_type = TensorType::f32;
  TensorType type = TensorType::f32;  ///< stored_type or f32
  std::vector<TensorPart> parts;
  Transform change = Transform::keep;  ///< interleave, plus_one, transpose; others concern only the parts
  std::int64_t rows = 0;               ///< rows as they are stored
  std::int64_t columns = 0;            ///< values in a stored row
  std::int64_t head_rows = 0;          ///< rows of a head, for interleave
};

/// The type of a safetensors file: "F32", "F16" or "BF16".
std::optional<TensorType> importable_type(std::string_view type);

/// Fills the buffer, whose size must fit the plan. Refuses values that are not finite, and names their tensor. Needs at
/// most as much memory again. Errors: engine_failed, not_configured (not readable).
Result<void> read_tensor(const TensorPlan& plan, std::span<std::byte> buffer);

/// The same in pieces of at most a megabyte where the values stay as they are stored, and otherwise in one.
Result<void> read_tensor(const TensorPlan& plan, const ByteSink& sink);

}  // namespace abstractllm
