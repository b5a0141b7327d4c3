// SPDX-License-Identifier: Apache-2.0
#include "schema/schema_check.hpp"

#include <algorithm>

#include "schema/json_string.hpp"

namespace abstractllm {
namespace {

// A step takes well under a microsecond.
constexpr std::uint64_t steps_of_each_check = 4'000'000;
constexpr std::uint64_t steps_for_each_byte = 8;
// Enough for 200 levels with five schemas each. One takes less than 1 KiB of the stack.
constexpr std::size_t most_checks_in_a_row = 1000;

unsigned types_of(JsonKind kind) {
  switch (kind) {
    case JsonKind::null: return SchemaTypes::null;
    case JsonKind::boolean: return SchemaTypes::boolean;
    case JsonKind::number: return SchemaTypes::number;
    case JsonKind::string: return SchemaTypes::string;
    case JsonKind::list: return SchemaTypes::list;
    case JsonKind::object: return SchemaTypes::object;
  }
  return 0;
}

const SchemaProperty* find_property(const SchemaNode& schema, std::string_view name) {
  const auto found =
      std::lower_bound(schema.properties.begin(), schema.properties.end(), name,
                       [](const SchemaProperty& property, std::string_view wanted) { return property.name < wanted; });
  return found == schema.properties.end() || found->name != name ? nullptr : &*found;
}

}  // namespace

SchemaCheck::SchemaCheck(const SchemaRules& rules, const JsonTree& value, Nulls nulls, std::string_view member)
    : rules_(rules),
      tree_(value),
      nulls_(nulls),
      member_(member),
      steps_(steps_of_each_check + steps_for_each_byte * value.text().size()) {}

std::optional<SchemaFault> SchemaCheck::run() {
  if (check(rules_.nodes.front(), JsonTree::root)) return std::nullopt;
  if (exhausted_) return SchemaFault{"", "is too complex to check"};
  return std::move(fault_);
}

bool SchemaCheck::spend(std::uint64_t steps) {
  if (steps > steps_) exhausted_ = true;
  if (exhausted_) return false;
  steps_ -= steps;
  return true;
}

bool SchemaCheck::check(const SchemaNode& schema, std::uint32_t value) {
  if (depth_ >= most_checks_in_a_row) exhausted_ = true;
  if (!spend(1)) return false;
  ++depth_;
  const bool passed = check_parts(schema, value);
  --depth_;
  return passed;
}

bool SchemaCheck::check_parts(const SchemaNode& schema, std::uint32_t value) {
  if (schema.never) return fail(value, [] { return std::string("is not allowed"); });
  if (!check_type(schema, value) || !check_values(schema, value)) return false;
  bool passed = true;
  switch (tree_.kind(value)) {
    case JsonKind::number: passed = check_number(schema, value); break;
    case JsonKind::string: passed = check_string(schema, value); break;
    case JsonKind::list: passed = check_list(schema, value); break;
    case JsonKind::object: passed = check_object(schema, value); break;
    case JsonKind::null:
    case JsonKind::boolean: break;
  }
  return passed && check_combined(schema, value);
}

bool SchemaCheck::check_type(const SchemaNode& schema, std::uint32_t value) {
  if ((schema.types & types_of(tree_.kind(value))) != 0) return true;
  if (tree_.kind(value) == JsonKind::number && (schema.types & SchemaTypes::integer) != 0) {
    const std::string_view spelled = tree_.spelled(value);
    if (!spend(spelled.size() / 16)) return false;
    if (spelled.find_first_of(".eE") == std::string_view::npos || Decimal(spelled).is_integer()) return true;
  }
  return fail_at(value, reached_at(value, Reached::wrong_type),
                 [&] { return "must be " + words_for_types(schema.types) + not_value(value); });
}

bool SchemaCheck::check_values(const SchemaNode& schema, std::uint32_t value) {
  const std::uint64_t cost = bytes(value) / 4 + 1;
  if (schema.constant) {
    if (!spend(cost)) return false;
    if (!tree_.equals(value, rules_.tree, *schema.constant))
      return fail(value,
                  [&] { return "must be " + shown_json(rules_.tree.spelled(*schema.constant)) + not_value(value); });
  }
  if (!schema.values_place) return true;
  if (!spend(cost)) return false;
  const std::uint64_t hash = tree_.hash(value);
  auto candidate = std::lower_bound(schema.values.begin(), schema.values.end(), std::pair(hash, std::uint32_t{0}));
  for (; candidate != schema.values.end() && candidate->first == hash; ++candidate) {
    if (!spend(cost)) return false;
    if (tree_.equals(value, rules_.tree, candidate->second)) return true;
  }
  return fail(value,
              [&] { return "must be " + words_for_values(rules_.tree, *schema.values_place) + not_value(value); });
}

bool SchemaCheck::check_number(const SchemaNode& schema, std::uint32_t value) {
  if (!schema.minimum && !schema.maximum && !schema.exclusive_minimum && !schema.exclusive_maximum &&
      !schema.multiple_of)
    return true;
  if (!spend(bytes(value) / 4 + 1)) return false;
  const Decimal number(tree_.spelled(value));
  const auto must_be = [&](std::string_view relation, const NumberLimit& limit) {
    return fail(value, [&] {
      return std::string("must be ").append(relation).append(" ").append(shown_json(limit.spelled)) + not_value(value);
    });
  };
  if (schema.minimum && number.compare(schema.minimum->value) < 0) return must_be("at least", *schema.minimum);
  if (schema.maximum && number.compare(schema.maximum->value) > 0) return must_be("at most", *schema.maximum);
  if (schema.exclusive_minimum && number.compare(schema.exclusive_minimum->value) <= 0)
    return must_be("more than", *schema.exclusive_minimum);
  if (schema.exclusive_maximum && number.compare(schema.exclusive_maximum->value) >= 0)
    return must_be("less than", *schema.exclusive_maximum);
  if (schema.multiple_of && !number.is_multiple_of(schema.multiple_of->value))
    return must_be("a multiple of", *schema.multiple_of);
  return true;
}

bool SchemaCheck::check_count(std::size_t count, const std::optional<std::uint64_t>& least,
                              const std::optional<std::uint64_t>& most, std::string_view unit, std::uint32_t value) {
  const bool too_few = least && count < *least;
  if (!too_few && !(most && count > *most)) return true;
  const std::uint64_t limit = too_few ? *least : *most;
  return fail(value, [&] {
    std::string message = std::string("must have at ") + (too_few ? "least " : "most ") + std::to_string(limit);
    message.append(" ").append(unit).append(limit == 1 ? "" : "s");
    return message + ", not " + std::to_string(count);
  });
}

bool SchemaCheck::check_string(const SchemaNode& schema, std::uint32_t value) {
  if (!schema.min_length && !schema.max_length && !schema.pattern) return true;
  if (!spend(bytes(value) / 16 + 1)) return false;
  std::string buffer;
  const std::string_view text = tree_.string(value, buffer);
  if ((schema.min_length || schema.max_length) &&
      !check_count(count_characters(text), schema.min_length, schema.max_length, "character", value))
    return false;
  return !schema.pattern || check_pattern(schema, value, text);
}

bool SchemaCheck::check_pattern(const SchemaNode& schema, std::uint32_t value, std::string_view text) {
  // At worst each byte of the text meets each instruction of the pattern.
  constexpr std::uint64_t instructions_of_a_step = 64;
  if (!spend(text.size() * schema.pattern->size() / instructions_of_a_step + 1)) return false;
  if (schema.pattern->is_in(text)) return true;
  return fail(value, [&] { return "must match the pattern " + shown_json(schema.pattern_spelled) + not_value(value); });
}

bool SchemaCheck::check_list(const SchemaNode& schema, std::uint32_t value) {
  std::size_t count = 0;
  const auto check_item = [&](std::uint32_t item) {
    const SchemaNode* const rule = count < schema.prefix_items.size() ? schema.prefix_items[count] : schema.items;
    ++count;
    if (rule && rule->never)
      return fail(item, [&] { return "must not be there: the list may have " + std::to_string(count - 1) + " items"; });
    return rule ? check(*rule, item) : spend(1);
  };
  if (!tree_.each_child(value, check_item)) return false;
  if (!check_count(count, schema.min_items, schema.max_items, "item", value)) return false;
  return !schema.unique_items || check_unique(value);
}

bool SchemaCheck::check_unique(std::uint32_t list) {
  if (!spend(bytes(list) / 4 + 1)) return false;
  struct Item {
    std::uint64_t hash;
    std::uint32_t index;
    std::size_t position;
  };
  std::vector<Item> items;
  tree_.each_child(list, [&](std::uint32_t item) {
    items.push_back({tree_.hash(item), item, items.size()});
    return true;
  });
  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.hash < b.hash; });
  for (std::size_t first = 0; first < items.size(); ++first) {
    for (std::size_t second = first + 1; second < items.size() && items[second].hash == items[first].hash; ++second) {
      if (!spend(bytes(items[first].index) / 4 + 1)) return false;
      if (!tree_.equals(items[first].index, tree_, items[second].index)) continue;
      return fail(list, [&] {
        return "must not have equal items, but [" + std::to_string(items[first].position) + "] and [" +
               std::to_string(items[second].position) + "] are equal";
      });
    }
  }
  return true;
}

bool SchemaCheck::check_object(const SchemaNode& schema, std::uint32_t value) {
  std::size_t count = 0;
  std::size_t required = 0;
  const auto check_one = [&](std::uint32_t member) {
    if (!spend(1)) return false;
    const SchemaProperty* const property = find_property(schema, tree_.name(member));
    if (property && is_skipped(*property, member)) return true;
    ++count;
    if (property && property->required) ++required;
    return check_member(schema, property, member);
  };
  if (!tree_.each_child(value, check_one)) return false;
  if (required < schema.required_count) return fail_missing(schema, value);
  return check_count(count, schema.min_properties, schema.max_properties, "member", value);
}

bool SchemaCheck::check_member(const SchemaNode& schema, const SchemaProperty* property, std::uint32_t member) {
  if (property && property->schema) return check(*property->schema, member);
  if (!schema.additional) return true;
  return schema.additional->never ? fail_unknown(schema, member) : check(*schema.additional, member);
}

bool SchemaCheck::is_skipped(const SchemaProperty& property, std::uint32_t member) {
  if (nulls_ != Nulls::skip || tree_.kind(member) != JsonKind::null || property.required || !property.schema)
    return false;
  if (try_quietly(*property.schema, member).passed || exhausted_) return false;
  skipped_.push_back(member);
  return true;
}

}  // namespace abstractllm
