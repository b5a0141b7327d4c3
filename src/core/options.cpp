// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/options.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/ascii.hpp"
#include "base/nearest.hpp"
#include "core/option_text.hpp"

namespace abstractllm {
namespace {

constexpr std::array table = {
#define ABSTRACTLLM_OPTION(name, kind, scope, trust, transport, unit, min, max, flag, help) \
  OptionField{#name,                                                                        \
              OptionKind::kind,                                                             \
              OptionScope::scope,                                                           \
              OptionTrust::trust,                                                           \
              OptionTransport::transport,                                                   \
              unit,                                                                         \
              min,                                                                          \
              max,                                                                          \
              flag,                                                                         \
              help},
#include "abstractllm/options.def"
#undef ABSTRACTLLM_OPTION
};

bool has_range(const OptionField& field) { return field.min != 0 || field.max != 0; }

std::string number_text(double value) {
  std::array<char, 32> text{};
  // Whole numbers in full, so that a limit like 2147483647 reads as such.
  const bool whole = std::abs(value) < 1e15 && value == std::floor(value);
  std::snprintf(text.data(), text.size(), whole ? "%.0f" : "%g", value);
  return text.data();
}

Error out_of_range(const OptionField& field, const std::string& value) {
  std::string message = std::string(field.name) + " is " + value + "; it must be from " + number_text(field.min) +
                        " to " + number_text(field.max);
  if (!field.unit.empty()) message += " " + std::string(field.unit);
  return {ErrorKind::invalid_argument, message};
}

Result<void> check_number(const OptionField& field, double value) {
  // Written so that NaN, which compares false with everything, is refused.
  const bool fits = !has_range(field) ? std::isfinite(value) : value >= field.min && value <= field.max;
  if (fits) return {};
  return out_of_range(field, number_text(value));
}

Result<void> check(const OptionField& field, double value) { return check_number(field, value); }
Result<void> check(const OptionField& field, option_kind::integer value) {
  return check_number(field, static_cast<double>(value));
}
Result<void> check(const OptionField& field, option_kind::duration value) {
  return check_number(field, static_cast<double>(value.count()) / 1000.0);
}
Result<void> check(const OptionField&, bool) { return {}; }

Result<void> check(const OptionField& field, const option_kind::text& value) {
  if (field.kind == OptionKind::json) return check_json_object(field.name, value);
  if (field.kind == OptionKind::secret) return check_secret(field.name, value);
  return {};
}

Result<void> check(const OptionField& field, const option_kind::texts& values) {
  for (const std::string& value : values)
    if (value.empty())
      return Error(ErrorKind::invalid_argument,
                   std::string(field.name) + " holds an empty string; leave it out instead");
  return {};
}

Result<void> check(const OptionField& field, const option_kind::images& images) {
  for (const Image& image : images)
    if (image.value().empty())
      return Error(ErrorKind::invalid_argument,
                   std::string(field.name) + " holds an empty picture; leave it out instead");
  return {};
}

Result<void> check(const OptionField& field, const option_kind::biases& biases) {
  for (const auto& [token, bias] : biases) {
    if (token < 0)
      return Error(ErrorKind::invalid_argument,
                   std::string(field.name) + " names token " + std::to_string(token) + "; token ids start at 0");
    if (auto fits = check_number(field, bias); !fits) return fits;
  }
  return {};
}

Result<void> check(const OptionField& field, const option_kind::headers& headers) {
  for (const auto& [name, value] : headers)
    if (auto fits = check_header(field.name, name, value); !fits) return fits;
  return {};
}

}  // namespace

std::span<const OptionField> Options::fields() noexcept { return table; }

namespace {

template <class Value>
void take_unset(std::optional<Value>& merged, const std::optional<Value>& weaker) {
  if (!merged) merged = weaker;
}

/// Header by header: a call that adds one keeps those of its handle and of the environment.
void take_unset(std::optional<option_kind::headers>& merged, const std::optional<option_kind::headers>& weaker) {
  if (!merged || !weaker) {
    if (!merged) merged = weaker;
    return;
  }
  for (const auto& header : *weaker) {
    const std::string name = lowered(header.first);
    const bool known = std::any_of(merged->begin(), merged->end(),
                                   [&](const auto& stronger) { return lowered(stronger.first) == name; });
    if (!known) merged->push_back(header);
  }
}

}  // namespace

Options Options::over(const Options& weaker) const {
  Options merged = *this;
#define ABSTRACTLLM_OPTION(name, kind, scope, trust, transport, unit, min, max, flag, help) \
  take_unset(merged.name##_, weaker.name##_);
#include "abstractllm/options.def"
#undef ABSTRACTLLM_OPTION
  if (!merged.executor_) merged.executor_ = weaker.executor_;
  if (!merged.stop_token_.stop_possible()) merged.stop_token_ = weaker.stop_token_;
  return merged;
}

Result<void> Options::validate() const {
  std::size_t row = 0;
  Result<void> outcome;
  const auto check_row = [&](const auto& value) {
    const OptionField& field = table[row++];
    if (value && outcome) outcome = check(field, *value);
  };
#define ABSTRACTLLM_OPTION(name, kind, scope, trust, transport, unit, min, max, flag, help) check_row(name##_);
#include "abstractllm/options.def"
#undef ABSTRACTLLM_OPTION
  return outcome;
}

Result<void> Options::set(std::string_view name, std::string_view text) {
#define ABSTRACTLLM_OPTION(row, kind, scope, trust, transport, unit, min, max, flag, help) \
  if (name == #row) return set_from_text(#row, text, row##_);
#include "abstractllm/options.def"
#undef ABSTRACTLLM_OPTION
  std::array<std::string_view, table.size()> names;
  std::transform(table.begin(), table.end(), names.begin(), [](const OptionField& field) { return field.name; });
  std::string message = "there is no option '" + std::string(name) + "'";
  if (const auto nearest = nearest_name(name, names)) message += "; did you mean '" + std::string(*nearest) + "'?";
  return Error(ErrorKind::invalid_argument, message);
}

}  // namespace abstractllm
