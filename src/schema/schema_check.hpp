// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/schema_node.hpp"
#include "schema/tool_schema.hpp"

namespace abstractllm {

/// One check of one value against a schema. Used once, on one thread.
class SchemaCheck {
 public:
  enum class Nulls {
    check,  ///< like all values
    skip,   ///< a member that is null, declared, not required and not allowed to be null is treated as absent
  };

  /// The rules and the value must outlive the check. `member` is what a member of the whole value is called in
  /// messages.
  SchemaCheck(const SchemaRules& rules, const JsonTree& value, Nulls nulls, std::string_view member);

  /// The first fault, if there is one.
  std::optional<SchemaFault> run();
  /// Whether it ended because it took too many steps.
  bool is_too_complex() const { return exhausted_; }
  /// The members that were skipped. Only if run() found no fault.
  const std::vector<std::uint32_t>& skipped() const { return skipped_; }

 private:
  /// How far a check got at one value.
  enum class Reached : std::uint8_t { wrong_type, wrong_value, missing_member };
  static std::uint64_t reached_at(std::uint32_t value, Reached reached) {
    return std::uint64_t{value} * 4 + static_cast<std::uint64_t>(reached);
  }
  /// How a check went whose fault nobody reads.
  struct Trial {
    bool passed = false;
    std::uint64_t reached = 0;
  };
  /// The alternative that got furthest, if one got further than all others.
  struct Best {
    const SchemaNode* schema = nullptr;
    std::uint64_t reached = 0;
    bool alone = false;
  };

  bool check(const SchemaNode& schema, std::uint32_t value);
  bool check_parts(const SchemaNode& schema, std::uint32_t value);
  bool check_type(const SchemaNode& schema, std::uint32_t value);
  bool check_values(const SchemaNode& schema, std::uint32_t value);
  bool check_number(const SchemaNode& schema, std::uint32_t value);
  bool check_string(const SchemaNode& schema, std::uint32_t value);
  bool check_pattern(const SchemaNode& schema, std::uint32_t value, std::string_view text);
  bool check_list(const SchemaNode& schema, std::uint32_t value);
  bool check_unique(std::uint32_t list);
  bool check_object(const SchemaNode& schema, std::uint32_t value);
  bool check_member(const SchemaNode& schema, const SchemaProperty* property, std::uint32_t member);
  bool is_skipped(const SchemaProperty& property, std::uint32_t member);
  bool check_combined(const SchemaNode& schema, std::uint32_t value);
  bool check_any_of(const std::vector<const SchemaNode*>& schemas, std::uint32_t value);
  bool check_one_of(const std::vector<const SchemaNode*>& schemas, std::uint32_t value);
  bool check_none_of(const SchemaNode& schema, std::uint32_t value);
  bool check_count(std::size_t count, const std::optional<std::uint64_t>& least,
                   const std::optional<std::uint64_t>& most, std::string_view unit, std::uint32_t value);

  bool fail_alternatives(const std::vector<const SchemaNode*>& schemas, const Best& best, std::uint32_t value);
  bool fail_missing(const SchemaNode& schema, std::uint32_t object);
  bool fail_unknown(const SchemaNode& schema, std::uint32_t member);

  Trial try_quietly(const SchemaNode& schema, std::uint32_t value);
  static void keep_best(Best& best, const SchemaNode& schema, const Trial& trial);
  bool spend(std::uint64_t steps);
  std::size_t bytes(std::uint32_t value) const { return tree_.node(value).end - tree_.node(value).begin; }
  std::string_view word_for_member(std::uint32_t object) const;

  /// Notes a fault at `place`, and how far the check got. `message()` is called only if somebody reads it. Returns
  /// false.
  template <class Message>
  bool fail(std::uint32_t place, Message message) {
    return fail_at(place, reached_at(place, Reached::wrong_value), message);
  }
  template <class Message>
  bool fail_at(std::uint32_t place, std::uint64_t reached, Message message) {
    reached_ = reached;
    if (!quiet_ && !exhausted_) fault_ = SchemaFault{tree_.path(place), message()};
    return false;
  }
  std::string not_value(std::uint32_t value) const { return ", not " + shown_json(tree_.spelled(value)); }

  const SchemaRules& rules_;
  const JsonTree& tree_;
  Nulls nulls_;
  std::string_view member_;
  std::uint64_t steps_;        ///< that are left
  std::size_t depth_ = 0;      ///< of check()
  bool quiet_ = false;         ///< whether nobody reads the fault
  bool exhausted_ = false;     ///< whether the steps or the depth were too many
  std::uint64_t reached_ = 0;  ///< where the last fault was: more is further
  SchemaFault fault_;
  std::vector<std::uint32_t> skipped_;
};

/// The types as words: "a string, an integer or null".
std::string words_for_types(unsigned types);

/// The allowed values as words, shortened: "one of "a", "b"".
std::string words_for_values(const JsonTree& tree, std::uint32_t list);

}  // namespace abstractllm
