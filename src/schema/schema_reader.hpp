// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schema/schema_node.hpp"

namespace abstractllm {

/// Reads the nodes of a schema from its tree. Takes time in proportion to its size. Used once.
///
/// It knows whether it is in a schema or in a map of names, so a property may be called `title`, `properties` or
/// `$ref`.
class SchemaReader {
 public:
  static constexpr std::size_t most_bytes = std::size_t{1} << 20U;
  static constexpr std::size_t most_values = 100000;
  static constexpr std::size_t most_patterns = 100;

  explicit SchemaReader(SchemaRules& rules) : rules_(rules), tree_(rules.tree) {}

  /// Fills the nodes of the rules. Returns what is wrong with the schema, if anything.
  std::optional<std::string> read();

  /// The keywords that are checked, for a message.
  static std::string checked_keywords();

 private:
  using Count = std::optional<std::uint64_t> SchemaNode::*;
  using Limit = std::unique_ptr<const NumberLimit> SchemaNode::*;
  using One = const SchemaNode* SchemaNode::*;
  using Several = std::vector<const SchemaNode*> SchemaNode::*;
  struct Keyword {
    std::string_view name;
    bool (SchemaReader::*read)(SchemaNode& schema, std::uint32_t value);  ///< null for an annotation
  };

  static const Keyword keywords[];
  static const Keyword* keyword(std::string_view name);

  SchemaNode* read_schema(std::uint32_t place);
  bool read_keyword(SchemaNode& schema, std::uint32_t value);
  bool refuse_keyword(std::uint32_t value);

  bool read_types(SchemaNode& schema, std::uint32_t value);
  bool read_type(SchemaNode& schema, std::uint32_t value);
  bool read_enum(SchemaNode& schema, std::uint32_t value);
  bool read_const(SchemaNode& schema, std::uint32_t value);
  bool read_properties(SchemaNode& schema, std::uint32_t value);
  bool read_required(SchemaNode& schema, std::uint32_t value);
  bool read_items(SchemaNode& schema, std::uint32_t value);
  bool read_unique_items(SchemaNode& schema, std::uint32_t value);
  bool read_multiple_of(SchemaNode& schema, std::uint32_t value);
  bool read_pattern(SchemaNode& schema, std::uint32_t value);
  bool read_definitions(SchemaNode& schema, std::uint32_t value);
  bool read_reference(SchemaNode& schema, std::uint32_t value);
  bool read_id(SchemaNode& schema, std::uint32_t value);
  template <Count count>
  bool read_count(SchemaNode& schema, std::uint32_t value);
  template <Limit limit>
  bool read_limit(SchemaNode& schema, std::uint32_t value);
  template <One one>
  bool read_one(SchemaNode& schema, std::uint32_t value);
  template <Several several>
  bool read_several(SchemaNode& schema, std::uint32_t value);

  static void join_required(SchemaNode& schema);
  bool resolve_references();
  void index_places();
  std::optional<std::uint32_t> find_place(std::string_view pointer) const;
  bool check_ends();

  /// Notes what is wrong with the value at `place`. Returns false.
  bool fail(std::uint32_t place, std::string_view message);

  SchemaRules& rules_;
  const JsonTree& tree_;
  std::string fault_;
  std::vector<SchemaNode*> schemas_;  ///< at their places in the tree; null where there is no schema
  std::vector<std::pair<SchemaNode*, std::uint32_t>> references_;
  std::map<std::string, std::shared_ptr<const Pattern>, std::less<>> patterns_;
  std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> places_;  ///< of members and items
};

}  // namespace abstractllm
