// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schema/decimal.hpp"
#include "schema/json_tree.hpp"
#include "schema/pattern.hpp"

namespace abstractllm {

struct SchemaNode;

/// What a schema says about one name of an object's members.
struct SchemaProperty {
  std::string_view name;
  const SchemaNode* schema = nullptr;  ///< null if the name is only required
  bool required = false;
};

/// A limit for numbers.
struct NumberLimit {
  Decimal value;
  std::string_view spelled;
};

/// The types that a schema allows: one bit for each.
struct SchemaTypes {
  static constexpr unsigned null = 1;
  static constexpr unsigned boolean = 2;
  static constexpr unsigned integer = 4;
  static constexpr unsigned number = 8;  ///< with the integers
  static constexpr unsigned string = 16;
  static constexpr unsigned list = 32;
  static constexpr unsigned object = 64;
  static constexpr unsigned any = 127;
};

/// One schema: all that it says must hold. The pointers lead to other nodes of the same SchemaRules.
struct SchemaNode {
  std::uint32_t place = 0;  ///< index in the tree of the schema's text
  bool never = false;       ///< the schema `false`
  unsigned types = SchemaTypes::any;

  /// The values of `enum` or `const`, as their hash and their index in the tree, in the order of the hashes.
  std::vector<std::pair<std::uint64_t, std::uint32_t>> values;
  std::optional<std::uint32_t> values_place;  ///< index of the list or the constant in the tree
  std::optional<std::uint32_t> constant;      ///< index in the tree; beside `values` if a schema has both

  std::vector<SchemaProperty> properties;  ///< in the order of the names
  std::size_t required_count = 0;          ///< how many of them are required
  const SchemaNode* additional = nullptr;  ///< of members that have no property; null if anything is allowed
  std::optional<std::uint64_t> min_properties;
  std::optional<std::uint64_t> max_properties;

  std::vector<const SchemaNode*> prefix_items;
  const SchemaNode* items = nullptr;
  std::optional<std::uint64_t> min_items;
  std::optional<std::uint64_t> max_items;
  bool unique_items = false;

  std::unique_ptr<const NumberLimit> minimum;
  std::unique_ptr<const NumberLimit> maximum;
  std::unique_ptr<const NumberLimit> exclusive_minimum;
  std::unique_ptr<const NumberLimit> exclusive_maximum;
  std::unique_ptr<const NumberLimit> multiple_of;

  std::optional<std::uint64_t> min_length;
  std::optional<std::uint64_t> max_length;
  std::shared_ptr<const Pattern> pattern;
  std::string_view pattern_spelled;

  const SchemaNode* ref = nullptr;
  const SchemaNode* none_of = nullptr;  ///< the keyword `not`
  std::vector<const SchemaNode*> all_of;
  std::vector<const SchemaNode*> any_of;
  std::vector<const SchemaNode*> one_of;

  /// The schemas that judge the same value: `visit(schema)` for each.
  template <class Visit>
  void each_of_same_value(Visit visit) const {
    if (ref) visit(ref);
    if (none_of) visit(none_of);
    for (const auto* list : {&all_of, &any_of, &one_of})
      for (const SchemaNode* schema : *list) visit(schema);
  }
};

/// All nodes of a schema that was read, and its text. It is immutable once it is read.
class SchemaRules {
 public:
  /// `json` must outlive the rules.
  explicit SchemaRules(std::string_view json) : tree(json) {}

  JsonTree tree;
  std::deque<std::string> names;  ///< required names with escapes
  std::deque<SchemaNode> nodes;   ///< with stable addresses; the first is the root
};

}  // namespace abstractllm
