// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace abstractllm {

enum class JsonKind : std::uint8_t { null, boolean, number, string, list, object };

/// One value of a JsonTree, and its place in the text.
struct JsonNode {
  std::uint32_t begin = 0;  ///< byte offset of its first token
  std::uint32_t end = 0;    ///< byte offset after its last token
  std::uint32_t next = 0;   ///< index of the first node that is not inside it
  std::uint32_t name = 0;   ///< index of its name, for a member of an object
  JsonKind kind = JsonKind::null;
};

/// Why text is not a tree.
struct JsonTreeFault {
  std::size_t at = 0;      ///< byte offset, for text that is not JSON
  std::uint32_t node = 0;  ///< the object or number that is wrong, otherwise the root
  bool is_json = false;    ///< false: the text is not JSON
  std::string message;     ///< the end of a sentence: "must not have "x" twice"
};

/// JSON text from anywhere, read once into one list of nodes: a value, then what is inside it. Numbers and strings stay
/// as they are spelled. Takes linear time, and no recursion to build; a name that an object has twice is a fault.
class JsonTree {
 public:
  static constexpr std::size_t most_levels = 200;
  static constexpr std::size_t most_bytes = std::size_t{256} << 20U;
  static constexpr std::uint32_t root = 0;

  /// `text` must outlive the tree. Look at fault() before all else.
  explicit JsonTree(std::string_view text);
  JsonTree(const JsonTree&) = delete;
  JsonTree& operator=(const JsonTree&) = delete;

  const std::optional<JsonTreeFault>& fault() const { return fault_; }
  std::size_t size() const { return nodes_.size(); }
  const JsonNode& node(std::uint32_t index) const { return nodes_[index]; }
  JsonKind kind(std::uint32_t index) const { return nodes_[index].kind; }
  std::string_view text() const { return text_; }

  /// The value as it is spelled.
  std::string_view spelled(std::uint32_t index) const;
  bool is_true(std::uint32_t index) const { return text_[nodes_[index].begin] == 't'; }
  /// The name of a member, with its escapes read.
  std::string_view name(std::uint32_t index) const { return names_[nodes_[index].name].text; }
  /// The name of a member as it is spelled, with its quotes.
  std::string_view spelled_name(std::uint32_t index) const;
  /// The value of a string, with its escapes read into `buffer` if it has any. Half a UTF-16 pair becomes the three
  /// bytes that UTF-8 would have for it.
  std::string_view string(std::uint32_t index, std::string& buffer) const;

  /// Calls `visit(child)` for each member or item until it returns false. Returns whether it never did.
  template <class Visit>
  bool each_child(std::uint32_t parent, Visit visit) const {
    for (std::uint32_t child = parent + 1; child < nodes_[parent].next; child = nodes_[child].next)
      if (!visit(child)) return false;
    return true;
  }
  std::size_t count_children(std::uint32_t parent) const;
  /// Calls `visit(parent)` for each value around this one, from the root inwards. Takes time in proportion to the text
  /// before it, so it is for messages.
  template <class Visit>
  void each_parent(std::uint32_t index, Visit visit) const {
    for (std::uint32_t parent = root; parent != index;) {
      visit(parent);
      std::uint32_t child = parent + 1;
      while (nodes_[child].next <= index) child = nodes_[child].next;
      parent = child;
    }
  }

  /// The same for values that JSON Schema calls equal: 1.0 and 1, and objects whatever the order of their members.
  std::uint64_t hash(std::uint32_t index) const;
  /// Whether two values are equal in this sense. Objects are compared in n log n.
  bool equals(std::uint32_t index, const JsonTree& other, std::uint32_t other_index) const;

  /// Where a value is: "" for the root, else "stops[3].name". It is shortened at its beginning.
  std::string path(std::uint32_t index) const;
  /// Where a value is, as a JSON pointer (RFC 6901): "" for the root. It is shortened at its end.
  std::string pointer(std::uint32_t index) const;

 private:
  struct Name {
    std::string_view text;
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };

  void build();
  void add_name(std::size_t begin, std::size_t end);
  bool check_nodes();
  bool has_names_once(std::uint32_t object, std::vector<std::string_view>& names);
  bool equal_members(std::uint32_t index, const JsonTree& other, std::uint32_t other_index) const;
  std::vector<std::uint32_t> sorted_members(std::uint32_t object) const;

  std::string_view text_;
  std::vector<JsonNode> nodes_;
  std::vector<Name> names_;
  std::deque<std::string> decoded_;  // names with escapes
  std::optional<JsonTreeFault> fault_;
};

/// A short form of a value for a message: at most about 80 bytes of valid UTF-8 without control characters.
std::string shown_json(std::string_view spelled);

/// A name in quotes, as shown_json() shows it.
std::string shown_name(std::string_view name);

}  // namespace abstractllm
