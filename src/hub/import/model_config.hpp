// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "abstractllm/error.hpp"
#include "base/json.hpp"

namespace abstractllm {

/// What the class of a model assumes where config.json has no number. A flag is 0 or 1.
struct SettingDefault {
  std::string_view name;
  double value;
};

/// Another name of a setting in config.json: {"hidden_size", "n_embd"}.
struct SettingAlias {
  std::string_view name;
  std::string_view stored;
};

/// The numbers of a config.json, checked when they are read. The first problem is kept and later ones are not: read
/// everything, then look at error(). A setting that is null counts as absent.
class ModelConfig {
 public:
  /// `where` names the object in errors: "config.json". The settings must outlive this.
  ModelConfig(const Json& settings, std::string where, std::span<const SettingDefault> defaults = {},
              std::span<const SettingAlias> aliases = {});
  ModelConfig(Json&&, std::string, std::span<const SettingDefault> = {}, std::span<const SettingAlias> = {}) = delete;

  bool has(std::string_view name) const { return find(name) != nullptr; }
  /// The value as it is stored, or null.
  const Json* find(std::string_view name) const;
  /// Whether it is stored, and null.
  bool is_null(std::string_view name) const;
  /// An integer in the range; 3.0 counts. Absent without a default: an error, and `least`.
  std::int64_t integer(std::string_view name, std::int64_t least, std::int64_t most);
  /// A finite number that fits a float. Absent without a default: an error, and 0.
  double number(std::string_view name);
  bool flag(std::string_view name);
  /// Whether it is stored or has a default.
  bool knows(std::string_view name) const { return has(name) || default_of(name).has_value(); }

  /// Keeps the first problem.
  void fail(const Error& error) {
    if (!error_) error_ = error;
  }
  void refuse(ErrorKind kind, const std::string& what);
  const std::optional<Error>& error() const { return error_; }
  const std::string& where() const { return where_; }

 private:
  std::optional<double> default_of(std::string_view name) const;

  const Json* settings_;
  std::string where_;
  std::span<const SettingDefault> defaults_;
  std::span<const SettingAlias> aliases_;
  std::optional<Error> error_;
};

}  // namespace abstractllm
