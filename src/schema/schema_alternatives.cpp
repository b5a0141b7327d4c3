// SPDX-License-Identifier: Apache-2.0
//
// The parts of SchemaCheck for schemas that are made of others, and for messages.
#include <algorithm>
#include <array>

#include "base/nearest.hpp"
#include "schema/schema_check.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t most_listed_bytes = 200;

/// The types that a schema names, also by a reference; `any` if it names none.
unsigned named_types(const SchemaNode& schema) {
  constexpr int most_references = 16;
  const SchemaNode* named = &schema;
  for (int hop = 0; hop < most_references && named->ref && named->types == SchemaTypes::any; ++hop) named = named->ref;
  return named->types;
}

/// Joins items in quotes until the list is long enough: "a", "b" and 12 more.
class ShortList {
 public:
  void add(std::string_view item) {
    if (++count_; text_.size() > most_listed_bytes) return;
    if (!text_.empty()) text_ += ", ";
    text_ += item;
    ++shown_;
  }
  std::string text() const {
    return count_ == shown_ ? text_ : text_ + " and " + std::to_string(count_ - shown_) + " more";
  }
  bool empty() const { return count_ == 0; }

 private:
  std::string text_;
  std::size_t count_ = 0;
  std::size_t shown_ = 0;
};

}  // namespace

std::string words_for_types(unsigned types) {
  constexpr std::array<std::pair<unsigned, std::string_view>, 7> words = {{
      {SchemaTypes::string, "a string"},
      {SchemaTypes::number, "a number"},
      {SchemaTypes::integer, "an integer"},
      {SchemaTypes::boolean, "true or false"},
      {SchemaTypes::object, "an object"},
      {SchemaTypes::list, "a list"},
      {SchemaTypes::null, "null"},
  }};
  std::vector<std::string_view> named;
  for (const auto& [type, word] : words) {
    const bool is_told_by_number = type == SchemaTypes::integer && (types & SchemaTypes::number) != 0;
    if ((types & type) != 0 && !is_told_by_number) named.push_back(word);
  }
  std::string text;
  for (std::size_t at = 0; at < named.size(); ++at) {
    if (at > 0) text += at + 1 == named.size() ? " or " : ", ";
    text += named[at];
  }
  return text;
}

std::string words_for_values(const JsonTree& tree, std::uint32_t list) {
  ShortList values;
  tree.each_child(list, [&](std::uint32_t item) {
    values.add(shown_json(tree.spelled(item)));
    return true;
  });
  return (tree.count_children(list) == 1 ? "" : "one of ") + values.text();
}

SchemaCheck::Trial SchemaCheck::try_quietly(const SchemaNode& schema, std::uint32_t value) {
  const bool was_quiet = quiet_;
  const std::size_t skipped = skipped_.size();
  quiet_ = true;
  const bool passed = check(schema, value);
  quiet_ = was_quiet;
  if (!passed) skipped_.resize(skipped);
  return {passed, reached_};
}

bool SchemaCheck::check_combined(const SchemaNode& schema, std::uint32_t value) {
  if (schema.ref && !check(*schema.ref, value)) return false;
  for (const SchemaNode* part : schema.all_of)
    if (!check(*part, value)) return false;
  if (!schema.any_of.empty() && !check_any_of(schema.any_of, value)) return false;
  if (!schema.one_of.empty() && !check_one_of(schema.one_of, value)) return false;
  return !schema.none_of || check_none_of(*schema.none_of, value);
}

void SchemaCheck::keep_best(Best& best, const SchemaNode& schema, const Trial& trial) {
  if (best.schema && trial.reached == best.reached) best.alone = false;
  if (!best.schema || trial.reached > best.reached) best = {&schema, trial.reached, true};
}

bool SchemaCheck::check_any_of(const std::vector<const SchemaNode*>& schemas, std::uint32_t value) {
  Best best;
  for (const SchemaNode* schema : schemas) {
    const Trial trial = try_quietly(*schema, value);
    if (trial.passed) return true;
    if (exhausted_) return false;
    keep_best(best, *schema, trial);
  }
  return fail_alternatives(schemas, best, value);
}

bool SchemaCheck::check_one_of(const std::vector<const SchemaNode*>& schemas, std::uint32_t value) {
  Best best;
  std::size_t matches = 0;
  const std::size_t skipped = skipped_.size();
  for (const SchemaNode* schema : schemas) {
    const Trial trial = try_quietly(*schema, value);
    if (exhausted_) return false;
    if (trial.passed) ++matches;
    else keep_best(best, *schema, trial);
  }
  if (matches == 1) return true;
  skipped_.resize(skipped);
  if (matches == 0) return fail_alternatives(schemas, best, value);
  return fail(value, [&] {
    return "must match exactly one of " + std::to_string(schemas.size()) + " alternatives, but matches " +
           std::to_string(matches);
  });
}

bool SchemaCheck::check_none_of(const SchemaNode& schema, std::uint32_t value) {
  // What is skipped would make more values match, and so allow fewer.
  const Nulls nulls = std::exchange(nulls_, Nulls::check);
  const bool passed = try_quietly(schema, value).passed;
  nulls_ = nulls;
  if (exhausted_) return false;
  if (!passed) return true;
  return fail(value,
              [&] { return "must not match " + shown_json(rules_.tree.spelled(schema.place)) + not_value(value); });
}

bool SchemaCheck::fail_alternatives(const std::vector<const SchemaNode*>& schemas, const Best& best,
                                    std::uint32_t value) {
  const std::uint64_t wrong_type = reached_at(value, Reached::wrong_type);
  if (best.alone && (best.reached > wrong_type || schemas.size() == 1)) {
    // The fault of the nearest alternative says most. It fails again, so that the fault has a message.
    if (!quiet_) check(*best.schema, value);
    reached_ = best.reached;
    return false;
  }
  unsigned types = 0;
  for (const SchemaNode* schema : schemas) types |= named_types(*schema);
  return fail_at(value, best.reached, [&] {
    if (best.reached == wrong_type && types != SchemaTypes::any)
      return "must be " + words_for_types(types) + not_value(value);
    return "must match one of " + std::to_string(schemas.size()) + " alternatives" + not_value(value);
  });
}

bool SchemaCheck::fail_missing(const SchemaNode& schema, std::uint32_t object) {
  // Everything inside was right, so this got further than a fault of a member.
  return fail_at(object, reached_at(tree_.node(object).next - 1, Reached::missing_member), [&] {
    std::vector<std::string_view> names;
    tree_.each_child(object, [&](std::uint32_t member) {
      names.push_back(tree_.name(member));
      return true;
    });
    std::sort(names.begin(), names.end());
    for (const SchemaProperty& property : schema.properties) {
      if (!property.required || std::binary_search(names.begin(), names.end(), property.name)) continue;
      return std::string("missing the required ").append(word_for_member(object)) + " " + shown_name(property.name);
    }
    return std::string("missing a required ").append(word_for_member(object));
  });
}

bool SchemaCheck::fail_unknown(const SchemaNode& schema, std::uint32_t member) {
  constexpr std::size_t most_names = 1000;
  reached_ = reached_at(member, Reached::wrong_value);
  if (quiet_) return false;
  // The place is the object: the member has no place in the schema.
  std::uint32_t object = member;
  tree_.each_parent(member, [&](std::uint32_t parent) { object = parent; });
  return fail_at(object, reached_, [&] {
    std::vector<std::string_view> names;
    ShortList list;
    for (const SchemaProperty& property : schema.properties) {
      if (!property.schema || names.size() >= most_names) continue;
      names.push_back(property.name);
      list.add(shown_name(property.name));
    }
    const std::string_view word = word_for_member(object);
    std::string message = std::string("there is no ").append(word) + " " + shown_name(tree_.name(member));
    if (const auto nearest = nearest_name(tree_.name(member), names))
      return message + "; did you mean " + shown_name(*nearest) + "?";
    if (list.empty()) return message.append("; no ").append(word).append("s are allowed");
    return message.append("; the ").append(word).append("s are ") + list.text();
  });
}

std::string_view SchemaCheck::word_for_member(std::uint32_t object) const {
  return object == JsonTree::root ? member_ : "member";
}

}  // namespace abstractllm
