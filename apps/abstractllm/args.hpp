// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "abstractllm/options.hpp"
#include "abstractllm/result.hpp"
#include "tools.hpp"

namespace abstractllm::cli {

struct Command;

/// Words of the command line, as the system passed them.
using Words = std::span<char*>;

/// The format of standard output, and of errors on standard error.
enum class Format {
  text,    ///< the text of the answer; errors as lines
  json,    ///< one object; errors as an object
  events,  ///< one event per line; errors as an object on both streams
};

/// Arguments of `generate`.
struct GenerateArgs {
  std::string provider;
  Options options;
  std::optional<std::string> prompt;
  bool prompt_from_stdin = false;  ///< standard input is the prompt, and is read to its end
  bool add_stdin = true;  ///< if prompt_from_stdin is false: the content of standard input goes before the prompt
  std::optional<std::string> messages_file;
  std::vector<std::string> files;  ///< before the prompt; "-" means standard input
  ToolArgs tools;
  Format format = Format::text;
  bool stream = true;
  bool dry_run = false;
  bool check = false;  ///< list what would be dropped, changed or refused
  bool quiet = false;
  int verbosity = 0;  ///< number of -v flags
};

/// Arguments of `batch`.
struct BatchArgs {
  std::string provider;
  Options options;
  std::string file;                   ///< "-" means standard input
  std::optional<std::string> output;  ///< unset means standard output
  int in_flight = 16;
  bool unordered = false;
  bool resume = false;
  ToolArgs tools;                   ///< never Approve::ask
  bool allow_line_options = false;  ///< lines may set trusted options and name files
  bool quiet = false;
  int verbosity = 0;
};

/// Arguments of the listings.
struct ListArgs {
  Format format = Format::text;
  std::string provider;  ///< for `models`
  Options options;       ///< for `models`: how to reach the provider
};

/// Arguments of `pull`.
struct PullArgs {
  std::string name;
  Format format = Format::text;
  bool dry_run = false;
  int max_retries = 5;
  bool quiet = false;
  int verbosity = 0;
};

/// Arguments of `embed`.
struct EmbedArgs {
  std::string provider;
  Options options;
  std::vector<std::string> texts;
  std::optional<std::string> file;    ///< "-" means standard input
  std::optional<std::string> output;  ///< a .npy file; unset means standard output
  Format format = Format::text;
  bool quiet = false;
  int verbosity = 0;
};

/// Arguments of `similar`.
struct SimilarArgs {
  std::string provider;
  Options options;
  std::string file;  ///< the .npy file
  std::string query;
  int count = 10;
  std::optional<std::string> texts_file;
  Format format = Format::text;
  bool quiet = false;
  int verbosity = 0;
};

/// Arguments of `import`.
struct ImportArgs {
  std::string source;  ///< REPO or FOLDER
  std::string output;  ///< empty: the cache
  std::string quantize;
  Format format = Format::text;
  bool quiet = false;
  int verbosity = 0;
};

/// Arguments of `cache remove`.
struct RemoveArgs {
  std::string name;
  Format format = Format::text;
};

/// A help text that the user asked for.
struct Help {
  std::string text;
};

/// Parses the words after a command's name. Errors: invalid_argument for a flag that does not exist or has an invalid
/// value.
Result<std::variant<GenerateArgs, Help>> parse_generate(Words words);
Result<std::variant<BatchArgs, Help>> parse_batch(const Command& command, Words words);
Result<std::variant<PullArgs, Help>> parse_pull(Words words);
Result<std::variant<EmbedArgs, Help>> parse_embed(Words words);
Result<std::variant<SimilarArgs, Help>> parse_similar(Words words);
Result<std::variant<ImportArgs, Help>> parse_import(Words words);
Result<std::variant<RemoveArgs, Help>> parse_remove(Words words);
Result<std::variant<ListArgs, Help>> parse_list(const Command& command, Words words);

/// Returns the format that these words ask for, even if they cannot be parsed.
Format requested_format(Words words);

/// Returns the help text of the whole tool.
std::string overview(std::span<const Command> commands);

}  // namespace abstractllm::cli
