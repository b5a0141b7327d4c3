// SPDX-License-Identifier: Apache-2.0
#include "hub/import/charsmap.hpp"

#include <cstdint>
#include <vector>

#include "hub/import/json_file.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t unit_size = 4;
constexpr std::size_t most_map_bytes = 16 << 20;  // that of NFKC has half a megabyte

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t byte = 0; byte < unit_size; ++byte)
    number |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + byte])) << (8 * byte);
  return number;
}

/// A double array: a node is an index, and the child for a byte is at the node's offset xor the byte.
class Trie {
 public:
  Trie(std::string_view units, std::string_view texts) : units_(units), texts_(texts), seen_(size()) {}

  bool is_sound() {
    if (size() == 0 || !visit(offset(0))) return false;
    while (!open_.empty()) {
      const std::uint32_t base = open_.back();
      open_.pop_back();
      for (std::uint32_t byte = 1; byte < 256; ++byte) {
        const std::uint32_t child = base ^ byte;
        if (child >= size()) return false;
        const std::uint32_t unit = at(child);
        if ((unit & 0x800000FF) != byte) continue;
        const std::uint32_t next = child ^ offset(child);
        if ((unit >> 8 & 1) != 0 && !is_text(next)) return false;
        if (!visit(next)) return false;
      }
    }
    return true;
  }

 private:
  std::size_t size() const { return units_.size() / unit_size; }
  std::uint32_t at(std::uint32_t index) const { return number_at(units_, index * unit_size); }
  std::uint32_t offset(std::uint32_t index) const { return (at(index) >> 10) << ((at(index) & (1U << 9)) >> 6); }
  bool is_text(std::uint32_t index) const { return index < size() && (at(index) & 0x7FFFFFFF) < texts_.size(); }

  bool visit(std::uint32_t base) {
    if (base >= size()) return false;
    if (!seen_[base]) open_.push_back(base);
    seen_[base] = true;
    return true;
  }

  std::string_view units_;
  std::string_view texts_;
  std::vector<bool> seen_;
  std::vector<std::uint32_t> open_;
};

}  // namespace

Result<void> check_charsmap(std::string_view bytes, std::string_view file) {
  const std::string what = "its precompiled_charsmap is damaged";
  if (bytes.size() > most_map_bytes)
    return contradiction(file, what + ": it has " + std::to_string(bytes.size()) + " bytes");
  if (bytes.size() < unit_size) return contradiction(file, what + ": it has no length");
  const std::size_t size = number_at(bytes, 0);
  if (size % unit_size != 0 || size >= bytes.size() - unit_size)
    return contradiction(file, what + ": a trie of " + std::to_string(size) + " bytes does not fit");
  const std::string_view texts = bytes.substr(unit_size + size);
  if (texts.back() != '\0') return contradiction(file, what + ": its last text has no end");
  if (!Trie(bytes.substr(unit_size, size), texts).is_sound())
    return contradiction(file, what + ": its trie leads out of it");
  return {};
}

}  // namespace abstractllm
