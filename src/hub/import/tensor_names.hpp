// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hub/import/architecture.hpp"

namespace abstractllm {

/// The pattern with a number in the place of its first mark: "h.{}.ln_1.weight", "{}", 3 -> "h.3.ln_1.weight".
std::string numbered(std::string_view pattern, std::string_view mark, std::int64_t number);

/// Whether each block has such a tensor.
bool is_per_block(const TensorRow& row);

/// A stored name as the tables of the architecture have it.
std::string table_name(const Architecture& architecture, std::string_view stored);

}  // namespace abstractllm
