// SPDX-License-Identifier: Apache-2.0
#include "hub/import/tensor_names.hpp"

namespace abstractllm {

std::string numbered(std::string_view pattern, std::string_view mark, std::int64_t number) {
  const std::size_t at = pattern.find(mark);
  if (at == std::string_view::npos) return std::string(pattern);
  return std::string(pattern.substr(0, at)) + std::to_string(number) + std::string(pattern.substr(at + mark.size()));
}

bool is_per_block(const TensorRow& row) { return row.source.find("{}") != std::string_view::npos; }

std::string table_name(const Architecture& architecture, std::string_view stored) {
  std::string name(stored);
  for (const auto& [from, to] : architecture.prefixes) {
    if (!name.starts_with(from)) continue;
    name.replace(0, from.size(), to);
    break;
  }
  for (const auto& [from, to] : architecture.suffixes)
    if (name.ends_with(from)) name.replace(name.size() - from.size(), from.size(), to);
  return name;
}

}  // namespace abstractllm
