// SPDX-License-Identifier: Apache-2.0
#include "hub/safe_path.hpp"

#include <algorithm>

namespace abstractllm {
namespace {

constexpr std::size_t longest_part = 255;
constexpr std::size_t longest_path = 1024;

bool is_safe_part(std::string_view part) {
  const auto odd = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f || c == '\\' || c == ':';
  };
  return !part.empty() && part.size() <= longest_part && part != "." && part != ".." &&
         std::none_of(part.begin(), part.end(), odd);
}

}  // namespace

bool is_safe_path(std::string_view path) {
  if (path.empty() || path.size() > longest_path) return false;
  while (true) {
    const std::size_t slash = path.find('/');
    if (!is_safe_part(path.substr(0, slash))) return false;
    if (slash == path.npos) return true;
    path.remove_prefix(slash + 1);
  }
}

bool is_hex_id(std::string_view text) {
  const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return (text.size() == 40 || text.size() == 64) && std::all_of(text.begin(), text.end(), hex);
}

}  // namespace abstractllm
