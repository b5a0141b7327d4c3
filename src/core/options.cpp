// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/options.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <new>
#include <set>
#include <type_traits>
#include <utility>

#include "base/ascii.hpp"
#include "base/nearest.hpp"
#include "core/option_text.hpp"

namespace abstractllm {

/// A number, a flag or a duration, which may be unset.
template <class T, bool is_small = std::is_trivially_copyable_v<T>>
class OptionRow {
 public:
  const std::optional<T>& get() const noexcept { return value_; }
  void set(std::optional<T> value) { value_ = value; }

 private:
  std::optional<T> value_;
};

/// A text or a list. It is never changed in place, so merged options share it with the options that they were made
/// from.
template <class T>
class OptionRow<T, false> {
 public:
  const std::optional<T>& get() const noexcept { return value_ ? *value_ : unset; }
  void set(std::optional<T> value) { value_ = std::make_shared<const std::optional<T>>(std::move(value)); }

 private:
  static inline const std::optional<T> unset;
  std::shared_ptr<const std::optional<T>> value_;
};

/// One member for each row of options.def.
struct OptionRows {
#define ABSTRACTLLM_OPTION(name, kind, scope, trust, transport, unit, min, max, flag, help) \
  OptionRow<option_kind::kind> name;
#include "abstractllm/options.def"
#undef ABSTRACTLLM_OPTION
  // These have no text form, so they are not in the table.
  OptionRow<std::vector<Tool>> tools;
  OptionRow<ApproveTool> approve_tool;
};

/// The values that Options share, and the number of owners.
class Options::Values : public OptionRows {
 public:
  Values() {}
  Values(const Values& other) : OptionRows(other) {}
  Values& operator=(const Values&) = delete;

  std::atomic<int> owners = 1;
};

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
  // Whole numbers are written in full, so that a limit like 2147483647 is readable.
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
  // This form refuses NaN, which compares false with everything.
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

Result<void> check(const OptionField& field, const option_kind::recordings& recordings) {
  for (const Audio& audio : recordings)
    if (audio.value().empty())
      return Error(ErrorKind::invalid_argument,
                   std::string(field.name) + " holds an empty recording; leave it out instead");
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

/// Checks what holds for every provider. A provider's own limits are checked when a request is encoded.
Result<void> check_tools(const std::vector<Tool>& tools) {
  std::set<std::string_view> names;
  for (const Tool& tool : tools) {
    if (tool.fault()) return *tool.fault();
    if (!tool.is_hosted() && !names.insert(tool.name()).second)
      return Error(ErrorKind::invalid_argument, "two tools are called '" + tool.name() +
                                                    "': a model could not tell them apart, so give each its own name");
  }
  return {};
}

}  // namespace

namespace {

template <class Value>
void take_unset(OptionRow<Value>& merged, const OptionRow<Value>& weaker) {
  if (!merged.get()) merged = weaker;
}

/// Headers are merged one by one. A call that adds one keeps those of its handle and of the environment.
void take_unset(OptionRow<option_kind::headers>& merged, const OptionRow<option_kind::headers>& weaker) {
  if (!merged.get()) merged = weaker;
  if (!weaker.get() || &merged.get() == &weaker.get()) return;
  option_kind::headers all = *merged.get();
  for (const auto& header : *weaker.get()) {
    const std::string name = lowered(header.first);
    const bool known =
        std::any_of(all.begin(), all.end(), [&](const auto& stronger) { return lowered(stronger.first) == name; });
    if (!known) all.push_back(header);
  }
  merged.set(std::move(all));
}

Result<void> set_row(std::string_view name, std::string_view text, auto& row) {
  auto value = row.get();  // a list grows by one element
  auto outcome = set_from_text(name, text, value);
  if (outcome) row.set(std::move(value));
  return outcome;
}

}  // namespace

std::span<const OptionField> Options::fields() noexcept { return table; }

void Options::Shared::retain(Values& values) noexcept { values.owners.fetch_add(1, std::memory_order_relaxed); }

void Options::Shared::release(Values& values) noexcept {
  if (values.owners.fetch_sub(1, std::memory_order_acq_rel) == 1) delete &values;
}

Options::Values& Options::Shared::own() {
  // acquire: what other threads read of these values, before they released them, came before our change.
  const bool alone = values_ != nullptr && values_->owners.load(std::memory_order_acquire) == 1;
  if (!alone) {
    auto mine = values_ != nullptr ? std::make_unique<Values>(*values_) : std::make_unique<Values>();
    if (Values* others = std::exchange(values_, mine.release()); others != nullptr) release(*others);
  }
  return *values_;
}

const Options::Values& Options::values() const noexcept {
  // This is never destroyed, because threads may read options while the process exits.
  alignas(Values) static std::byte memory[sizeof(Values)];
  static const Values* const nothing = new (memory) Values;
  return shared_.get() != nullptr ? *shared_.get() : *nothing;
}

#define ABSTRACTLLM_OPTION(name, kind, scope, trust, transport, unit, min, max, flag, help) \
  Options& Options::name(option_kind::kind value) {                                         \
    shared_.own().name.set(std::move(value));                                               \
    return *this;                                                                           \
  }                                                                                         \
  const std::optional<option_kind::kind>& Options::name() const noexcept { return values().name.get(); }
#include "abstractllm/options.def"
#undef ABSTRACTLLM_OPTION

Options& Options::tools(std::vector<Tool> tools) {
  shared_.own().tools.set(std::move(tools));
  return *this;
}
const std::optional<std::vector<Tool>>& Options::tools() const noexcept { return values().tools.get(); }

Options& Options::approve_tool(ApproveTool approve) {
  shared_.own().approve_tool.set(std::move(approve));
  return *this;
}
const std::optional<ApproveTool>& Options::approve_tool() const noexcept { return values().approve_tool.get(); }

Options& Options::image(Image image) {
  option_kind::images all = images().value_or(option_kind::images());
  all.push_back(std::move(image));
  return images(std::move(all));
}

Options& Options::image(std::string source) { return image(Image(std::move(source))); }

Options& Options::audio(Audio audio) {
  option_kind::recordings all = this->audio().value_or(option_kind::recordings());
  all.push_back(std::move(audio));
  return this->audio(std::move(all));
}

Options& Options::audio(std::string source) { return audio(Audio(std::move(source))); }

Options Options::over(const Options& weaker) const {
  Options merged = *this;
  if (!merged.executor_) merged.executor_ = weaker.executor_;
  if (!merged.stop_token_.stop_possible()) merged.stop_token_ = weaker.stop_token_;
  const Values* other = weaker.shared_.get();
  if (other == nullptr || other == shared_.get()) return merged;
  if (shared_.get() == nullptr) {
    merged.shared_ = weaker.shared_;
    return merged;
  }
  Values& own = merged.shared_.own();
#define ABSTRACTLLM_OPTION(name, kind, scope, trust, transport, unit, min, max, flag, help) \
  take_unset(own.name, other->name);
#include "abstractllm/options.def"
#undef ABSTRACTLLM_OPTION
  take_unset(own.tools, other->tools);
  take_unset(own.approve_tool, other->approve_tool);
  return merged;
}

Result<void> Options::validate() const {
  const Values* set = shared_.get();
  if (set == nullptr) return {};
  std::size_t row = 0;
  Result<void> outcome;
  const auto check_row = [&](const auto& value) {
    const OptionField& field = table[row++];
    if (value && outcome) outcome = check(field, *value);
  };
#define ABSTRACTLLM_OPTION(name, kind, scope, trust, transport, unit, min, max, flag, help) check_row(set->name.get());
#include "abstractllm/options.def"
#undef ABSTRACTLLM_OPTION
  if (outcome && set->tools.get()) outcome = check_tools(*set->tools.get());
  return outcome;
}

Result<void> Options::set(std::string_view name, std::string_view text) {
#define ABSTRACTLLM_OPTION(row, kind, scope, trust, transport, unit, min, max, flag, help) \
  if (name == #row) return set_row(#row, text, shared_.own().row);
#include "abstractllm/options.def"
#undef ABSTRACTLLM_OPTION
  std::array<std::string_view, table.size()> names;
  std::transform(table.begin(), table.end(), names.begin(), [](const OptionField& field) { return field.name; });
  std::string message = "there is no option '" + std::string(name) + "'";
  if (const auto nearest = nearest_name(name, names)) message += "; did you mean '" + std::string(*nearest) + "'?";
  return Error(ErrorKind::invalid_argument, message);
}

}  // namespace abstractllm
