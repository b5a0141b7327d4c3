// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "abstractllm/result.hpp"
#include "args.hpp"

namespace abstractllm::cli {

/// Adds a flag, or a word, that takes a value. Read it with last_value(): CLI11's own conversions interpret "{}", "[…]"
/// and "%%". A flag may be repeated. For a single value the last one wins.
CLI::Option* add_value(CLI::App& app, const std::string& flag, const std::string& help, std::string_view type);

/// Adds a flag that takes no value.
CLI::Option* add_flag(CLI::App& app, const std::string& flag, const std::string& help);

/// The value that counts, or nullopt.
std::optional<std::string> last_value(const CLI::Option* option);

/// Sets the name and the format of the help text.
void set_up(CLI::App& app, std::string_view command);

/// Parses the words. Returns the help text if they ask for it. Errors: invalid_argument.
Result<std::optional<Help>> parse_words(CLI::App& app, Words words);

/// Returns what `read` makes of the flags, or the help text, or the error in the words.
template <class Args>
Result<std::variant<Args, Help>> parsed_as(CLI::App& app, Words words, const std::function<Result<Args>()>& read) {
  Result<std::optional<Help>> parsed = parse_words(app, words);
  if (!parsed) return std::move(parsed).error();
  if (*parsed) return std::variant<Args, Help>(**std::move(parsed));
  Result<Args> args = read();
  if (!args) return std::move(args).error();
  return std::variant<Args, Help>(*std::move(args));
}

}  // namespace abstractllm::cli
