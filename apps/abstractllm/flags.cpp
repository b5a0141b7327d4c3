// SPDX-License-Identifier: Apache-2.0
#include "flags.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace abstractllm::cli {
namespace {

// CLI11 would take the next word as the value of "--stop=". Splitting it into two words avoids that.
std::vector<std::string> split_empty_values(Words words) {
  std::vector<std::string> split;
  bool flags_over = false;
  for (const std::string_view word : words) {
    flags_over = flags_over || word == "--";
    const bool empty_value = word.starts_with("--") && word.find('=') == word.size() - 1;
    if (flags_over || !empty_value) {
      split.emplace_back(word);
    } else {
      split.emplace_back(word.substr(0, word.size() - 1));
      split.emplace_back();
    }
  }
  return split;
}

Error stray_value(const std::string& flag, std::string_view value) {
  std::string message = flag + " takes a value only behind '=': ";
  message.append(flag).append("=").append(value);
  return {ErrorKind::invalid_argument, std::move(message)};
}

/// A flag that takes a value only with '=' would leave the word behind it to the texts.
std::optional<Error> find_stray_value(const CLI::App& app, Words words) {
  std::string flag;
  for (const std::string_view word : words) {
    if (word == "--") break;
    const CLI::Option* option =
        (word == "true" || word == "false") && flag.starts_with("--") ? app.get_option_no_throw(flag) : nullptr;
    if (option != nullptr && option->get_expected_max() == 0 && !option->get_disable_flag_override())
      return stray_value(flag, word);
    flag = word;
  }
  return std::nullopt;
}

/// The parser names all words that are left over, and last the first one.
std::optional<Error> find_unknown_flag(const CLI::App& app, Words words) {
  for (const std::string_view word : words) {
    if (word == "--") break;
    if (!word.starts_with("--")) continue;
    const std::string flag(word.substr(0, word.find('=')));
    if (app.get_option_no_throw(flag) != nullptr) continue;
    return Error(ErrorKind::invalid_argument, "there is no flag '" + flag + "'");
  }
  return std::nullopt;
}

}  // namespace

CLI::Option* add_value(CLI::App& app, const std::string& flag, const std::string& help, std::string_view type) {
  return app.add_option(flag, CLI::callback_t(), help)->type_name(std::string(type))->take_all();
}

// It does not use app.add_flag(flag, help), which GCC finds ambiguous in CLI11 2.1.
CLI::Option* add_flag(CLI::App& app, const std::string& flag, const std::string& help) {
  return app.add_flag(flag)->description(help)->disable_flag_override();
}

std::optional<std::string> last_value(const CLI::Option* option) {
  if (option->results().empty()) return std::nullopt;
  return option->results().back();
}

void set_up(CLI::App& app, std::string_view command) {
  app.name("abstractllm " + std::string(command));
  app.allow_windows_style_options(false);
  app.set_help_flag("-h,--help", "Print this help");
  app.get_formatter()->column_width(36);
}

Result<std::optional<Help>> parse_words(CLI::App& app, Words words) {
  if (auto stray = find_stray_value(app, words)) return *std::move(stray);
  std::vector<std::string> reversed = split_empty_values(words);
  std::reverse(reversed.begin(), reversed.end());
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    return std::optional(Help{app.help() + "\n"});
  } catch (const CLI::ExtrasError& error) {
    if (auto unknown = find_unknown_flag(app, words)) return *std::move(unknown);
    return Error(ErrorKind::invalid_argument, error.what());
  } catch (const CLI::ParseError& error) {
    return Error(ErrorKind::invalid_argument, error.what());
  }
  return std::optional<Help>();
}

}  // namespace abstractllm::cli
