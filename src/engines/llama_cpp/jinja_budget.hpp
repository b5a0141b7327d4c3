// SPDX-License-Identifier: Apache-2.0
//
// Only the copies of the interpreter's sources that cmake/LimitEngine.cmake makes include this file.
#pragma once

#include <algorithm>
#include <cstdint>

#include <jinja/value.h>
#include "engines/llama_cpp/template_budget.hpp"

namespace jinja {

using abstractllm::TemplateBudget;

inline bool is_container(const value& each) { return is_val<value_array>(each) || is_val<value_object>(each); }

/// Arrays that contain each other grow exponentially when they are written, and nest too deeply to be destroyed.
inline void charge_container(const value& container, int depth = 0) {
  if (depth > 200) TemplateBudget::fail("nests values too deeply");
  if (is_val<value_array>(container)) {
    const auto& items = container->as_array();
    TemplateBudget::charge(16 * static_cast<std::int64_t>(items.size()));
    for (const value& item : items)
      if (is_container(item)) charge_container(item, depth + 1);
    return;
  }
  const auto& pairs = container->as_ordered_object();
  TemplateBudget::charge(64 * static_cast<std::int64_t>(pairs.size()));
  for (const auto& [key, item] : pairs) {
    if (is_container(key)) charge_container(key, depth + 1);
    if (is_container(item)) charge_container(item, depth + 1);
  }
}

/// Whether `holder` is `wanted`, or contains it at any depth.
inline bool reaches(const value& holder, const value& wanted, int depth = 0) {
  if (holder.get() == wanted.get()) return true;
  if (depth > 200) TemplateBudget::fail("nests values too deeply");
  const auto is_found = [&](const value& each) { return is_container(each) && reaches(each, wanted, depth + 1); };
  TemplateBudget::charge(16);
  if (is_val<value_array>(holder)) {
    const auto& items = holder->as_array();
    TemplateBudget::charge(16 * static_cast<std::int64_t>(items.size()));
    return std::any_of(items.begin(), items.end(), is_found);
  }
  const auto& pairs = holder->as_ordered_object();
  TemplateBudget::charge(16 * static_cast<std::int64_t>(pairs.size()));
  return std::any_of(pairs.begin(), pairs.end(),
                     [&](const auto& pair) { return is_found(pair.first) || is_found(pair.second); });
}

/// Called before a value is put into a container that others may refer to. References are counted, so a container that
/// contained itself would never be freed.
inline void charge_stored(const value& stored, const value& into) {
  if (!is_container(stored)) return;
  TemplateBudget::charge_link();
  if (reaches(stored, into)) TemplateBudget::fail("puts a value into itself");
}

/// gather_string_parts_recursive from runtime.h, within the budget.
inline void gather_within_budget(const value& val, value_string& parts) {
  const TemplateBudget::Level level;
  if (is_val<value_string>(val)) {
    for (const auto& part : val->val_str.parts) TemplateBudget::charge(48 + static_cast<std::int64_t>(part.val.size()));
    parts->val_str.append(val->val_str);
  } else if (is_val<value_int>(val) || is_val<value_float>(val) || is_val<value_bool>(val)) {
    parts->val_str.append(val->as_string().str());
  } else if (is_val<value_array>(val)) {
    for (const auto& item : val->as_array()) gather_within_budget(item, parts);
  }
}

/// Charges the result of an expression. Values to which something else refers were charged when they were made. A
/// function of the engine without limits writes the outermost values, so it gets them as strings.
inline value charged(value result, const TemplateBudget::Level& level) {
  if (level.is_outermost() && is_val<value_array>(result)) {
    value_string written = mk_val<value_string>();
    gather_within_budget(result, written);
    return written;
  }
  if (result.use_count() != 1) return result;
  if (is_val<value_string>(result)) {
    for (const auto& part : result->val_str.parts)
      TemplateBudget::charge(48 + static_cast<std::int64_t>(part.val.size()));
  } else if (is_container(result)) {
    charge_container(result);
  }
  return result;
}

}  // namespace jinja
