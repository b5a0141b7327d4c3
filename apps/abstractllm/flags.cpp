// SPDX-License-Identifier: Apache-2.0
#include "flags.hpp"

#include <algorithm>
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
  std::vector<std::string> reversed = split_empty_values(words);
  std::reverse(reversed.begin(), reversed.end());
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    return std::optional(Help{app.help() + "\n"});
  } catch (const CLI::ParseError& error) {
    return Error(ErrorKind::invalid_argument, error.what());
  }
  return std::optional<Help>();
}

}  // namespace abstractllm::cli
