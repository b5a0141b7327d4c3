// SPDX-License-Identifier: Apache-2.0
#include "args.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>
#include <vector>

#include "commands/commands.hpp"
#include "flags.hpp"
#include "option_flags.hpp"
#include "tool_flags.hpp"

namespace abstractllm::cli {
namespace {

constexpr std::string_view generate_footer =
    "Variables:\n"
    "  ABSTRACTLLM_PROVIDER, ABSTRACTLLM_MODEL, …  ABSTRACTLLM_ and the name of an option in capitals, except lists.\n"
    "                                              Flags override variables\n"
    "  ABSTRACTLLM_LOG                             trace, debug, info, warn or error: log to standard error\n"
    "  ABSTRACTLLM_STDIN                           off: do not add standard input to the prompt. Default: on\n"
    "\n"
    "Standard input is put before PROMPT, with an empty line between them:\n"
    "  abstractllm generate \"Summarise\" < report.txt\n"
    "A file is read to its end. A pipe is read if its first byte comes within 1 s. A terminal is never read.\n"
    "In a `while read` loop use --no-stdin, because otherwise the first call reads the loop's input.\n"
    "\n"
    "The answer goes to standard output, and everything else to standard error. With --messages, PROMPT is optional.\n"
    "\n"
    "Exit codes:\n"
    "  0    answered; a length limit may have cut the answer (with a warning)\n"
    "  2    wrong arguments, or with --strict something that the provider cannot do; with --check, a refused call\n"
    "  3    not configured, or no permission     4    rate limited\n"
    "  5    server or network not available, or timeout\n"
    "  6    the model, the engine or the answer failed\n"
    "  70   a defect of this program             74   standard output cannot be written\n"
    "  130  stopped by Ctrl-C";

constexpr std::string_view batch_footer =
    "A question is a JSON string (the prompt), or an object with \"prompt\": \"…\" or \"messages\": […].\n"
    "The object may have \"options\" (by their names) and \"id\" (any value; the result repeats it).\n"
    "Empty lines are skipped.\n"
    "A result is {\"line\": N, \"id\": …, \"response\": {…}}, or has \"error\" in place of the response.\n"
    "\n"
    "The exit code is 0 if all questions were answered, otherwise the code of the first failure.\n"
    "A failure does not stop the other questions.";

constexpr std::string_view pull_footer =
    "REPO[:QUANT][@REVISION], for example bartowski/SmolLM2-135M-Instruct-GGUF:Q4_K_M, or ORG/NAME/path/in/it.gguf.\n"
    "Without QUANT, the first file in a fixed order is taken, beginning with Q4_K_M; --dry-run shows which one.\n"
    "The path of the model goes to standard output.\n"
    "\n"
    "Variables: HF_TOKEN, HF_TOKEN_PATH, HF_ENDPOINT, HF_HUB_OFFLINE, HF_HUB_CACHE, HF_HOME";

bool is_list(OptionKind kind) {
  return kind == OptionKind::texts || kind == OptionKind::images || kind == OptionKind::recordings ||
         kind == OptionKind::biases || kind == OptionKind::headers;
}

std::string_view placeholder(OptionKind kind) {
  switch (kind) {
    case OptionKind::number: return "NUMBER";
    case OptionKind::integer: return "N";
    case OptionKind::duration: return "SECONDS";
    case OptionKind::biases: return "ID=BIAS";
    case OptionKind::headers: return "HEADER";
    case OptionKind::images:
    case OptionKind::recordings: return "SOURCE";
    case OptionKind::json: return "JSON";
    case OptionKind::boolean: return "true|false";
    case OptionKind::secret:
    case OptionKind::text:
    case OptionKind::texts: break;
  }
  return "TEXT";
}

std::string plain_number(double value) {
  std::string text = std::to_string(value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string description(const OptionField& field) {
  std::string text(field.help);
  if (field.min != field.max) text += " (" + plain_number(field.min) + " to " + plain_number(field.max) + ")";
  return text;
}

std::string_view heading(OptionScope scope) {
  switch (scope) {
    case OptionScope::generation: return "Answer";
    case OptionScope::tools: return "Tools";
    case OptionScope::embedding: return "Vectors";
    case OptionScope::connection: return "Connection";
    case OptionScope::engine: break;
  }
  return "Local model";
}

/// Whether the flag of a boolean needs the word true or false. The provider decides where it is not given.
bool needs_value(const OptionField& field) { return field.name == "parallel_tool_calls"; }

bool is_for_answers(const OptionField& field) { return field.scope != OptionScope::embedding; }
bool is_of_connection(const OptionField& field) { return field.scope == OptionScope::connection; }

std::string environment_or(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): no thread has started yet
  return value && *value ? value : otherwise;
}

/// Returns the value of ABSTRACTLLM_STDIN. Errors: invalid_argument.
Result<bool> stdin_is_added() {
  const std::string value = environment_or("ABSTRACTLLM_STDIN", "on");
  if (value == "on" || value == "off") return value == "on";
  return Error(ErrorKind::invalid_argument,
               "environment variable ABSTRACTLLM_STDIN is '" + value + "'; it must be on or off");
}

/// The flags of `generate` that are not options of the library.
struct GenerateFlags {
  explicit GenerateFlags(CLI::App& app)
      : prompt(add_value(app, "prompt", "The prompt. Without it, or with -, it is read from standard input", "PROMPT")),
        provider(add_provider_flag(app)),
        messages(add_value(
            app, "--messages",
            R"(Conversation before PROMPT: a JSON list of {"role": "system|user|assistant|tool", "content": "…"})",
            "FILE")),
        file(add_value(
            app, "-f,--file",
            "Text file or PDF before PROMPT: a path, or - for standard input. Text is written into the prompt "
            "as <file name=\"…\">. May be repeated",
            "PATH")),
        no_stdin(add_flag(app, "--no-stdin", "Do not add standard input to the prompt")),
        no_stream(add_flag(app, "--no-stream", "Request the whole answer at once")),
        json(add_flag(app, "--json", "Print one Response object on standard output, and nothing else")),
        events(add_flag(app, "--events", "Print each event as it comes, one JSON object per line")->excludes(json)),
        dry_run(add_flag(app, "--dry-run", "Print the request as one JSON object and send nothing")),
        check(add_flag(app, "--check", "List what would be dropped, changed or refused, one per line, and send nothing")
                  ->excludes(dry_run)
                  ->excludes(events)),
        quiet(add_flag(app, "-q,--quiet", "Print no warnings and no progress")),
        verbose(
            add_flag(app, "-v,--verbose", "Log requests and responses to standard error; -vv logs their text too")) {}

  CLI::Option *prompt, *provider, *messages, *file, *no_stdin, *no_stream, *json, *events, *dry_run, *check, *quiet,
      *verbose;
};

/// The flags of `batch` that are not options of the library.
struct BatchFlags {
  explicit BatchFlags(CLI::App& app)
      : file(add_value(app, "file", "File with one question per line, or - for standard input", "FILE")->required()),
        provider(add_provider_flag(app)),
        output(add_value(app, "-o,--output", "File for the results, one per line. Default: standard output", "FILE")),
        in_flight(add_value(app, "--in-flight", "Number of calls that run at once (1 to 10000). Default: 16", "N")),
        unordered(add_flag(app, "--unordered", "Write results as they come, not in the order of the questions")),
        resume(add_flag(app, "--resume", "Continue a stopped run that wrote to --output")),
        allow_line_options(add_flag(app, "--allow-line-options",
                                    "Trust FILE: its lines may set base_url, api_key and other trusted options, "
                                    "and may name files of images, audio and documents")),
        quiet(add_flag(app, "-q,--quiet", "Print no progress and no summary")),
        verbose(
            add_flag(app, "-v,--verbose", "Log requests and responses to standard error; -vv logs their text too")) {}

  CLI::Option *file, *provider, *output, *in_flight, *unordered, *resume, *allow_line_options, *quiet, *verbose;
};

}  // namespace

OptionFlags add_option_flags(CLI::App& app, bool (*wanted)(const OptionField& field)) {
  OptionFlags flags;
  for (const OptionField& field : Options::fields()) {
    if (field.flag.empty() || !wanted(field)) continue;
    const std::string flag(field.flag);
    CLI::Option* option = field.kind == OptionKind::boolean && !needs_value(field)
                              ? app.add_flag(flag)->description(description(field))
                              : add_value(app, flag, description(field), placeholder(field.kind));
    flags.emplace_back(&field, option->group(std::string(heading(field.scope))));
  }
  return flags;
}

Result<Options> read_option_flags(const OptionFlags& flags) {
  Options options;
  for (const auto& [field, option] : flags) {
    const std::vector<std::string>& values = option->results();
    const std::size_t skipped = is_list(field->kind) || values.empty() ? 0 : values.size() - 1;
    for (std::size_t i = skipped; i < values.size(); ++i) {
      if (Result<void> set = options.set(field->name, values[i]); !set) return std::move(set).error();
    }
  }
  return options;
}

Result<int> whole_number(const std::string& flag, const std::string& text, int least, int most) {
  int value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure == std::errc() && end == text.data() + text.size() && value >= least && value <= most) return value;
  return Error(ErrorKind::invalid_argument,
               flag + " is '" + text + "'; it must be from " + std::to_string(least) + " to " + std::to_string(most));
}

CLI::Option* add_provider_flag(CLI::App& app) {
  return add_value(app, "-p,--provider",
                   "Provider, by its name in `abstractllm providers`. Default: $ABSTRACTLLM_PROVIDER, otherwise "
                   "huggingface (also named local), which runs models in this process",
                   "NAME");
}

std::string chosen_provider(const CLI::Option* flag) {
  return last_value(flag).value_or(environment_or("ABSTRACTLLM_PROVIDER", "huggingface"));
}

Result<std::variant<GenerateArgs, Help>> parse_generate(Words words) {
  CLI::App app(std::string(commands().front().summary));
  set_up(app, commands().front().name);
  app.footer(std::string(generate_footer));
  const GenerateFlags flags(app);
  const ToolFlags tool_flags(app, "ask (on the terminal), all or none. Default: ask; required without a terminal");
  const OptionFlags option_flags = add_option_flags(app, is_for_answers);
  return parsed_as<GenerateArgs>(app, words, [&]() -> Result<GenerateArgs> {
    Result<Options> options = read_option_flags(option_flags);
    if (!options) return std::move(options).error();
    const Result<ToolArgs> tools = tool_flags.read();
    if (!tools) return tools.error();

    GenerateArgs args;
    args.tools = *tools;
    args.provider = chosen_provider(flags.provider);
    args.options = *std::move(options);
    args.messages_file = last_value(flags.messages);
    args.files = flags.file->results();
    args.prompt = last_value(flags.prompt);
    args.prompt_from_stdin = args.prompt == "-" || (!args.prompt && !args.messages_file);
    if (args.prompt_from_stdin) args.prompt.reset();
    const Result<bool> add_stdin = stdin_is_added();
    if (!add_stdin) return add_stdin.error();
    const auto stdin_files = std::count(args.files.begin(), args.files.end(), "-");
    if (stdin_files > 1 || (stdin_files == 1 && args.prompt_from_stdin))
      return Error(ErrorKind::invalid_argument,
                   "standard input can be read once: give a PROMPT, and --file - at most once");
    args.add_stdin = *add_stdin && flags.no_stdin->count() == 0 && stdin_files == 0;
    if (flags.json->count() > 0) args.format = Format::json;
    if (flags.events->count() > 0) args.format = Format::events;
    args.stream = flags.no_stream->count() == 0;
    args.dry_run = flags.dry_run->count() > 0;
    args.check = flags.check->count() > 0;
    args.quiet = flags.quiet->count() > 0;
    args.verbosity = static_cast<int>(flags.verbose->count());
    return args;
  });
}

Result<std::variant<BatchArgs, Help>> parse_batch(const Command& command, Words words) {
  CLI::App app(std::string(command.summary));
  set_up(app, command.name);
  app.footer(std::string(batch_footer));
  const BatchFlags flags(app);
  const ToolFlags tool_flags(app, "all or none. Required if a tool has a command");
  const OptionFlags option_flags = add_option_flags(app, is_for_answers);
  return parsed_as<BatchArgs>(app, words, [&]() -> Result<BatchArgs> {
    Result<Options> options = read_option_flags(option_flags);
    if (!options) return std::move(options).error();
    const Result<ToolArgs> tools = tool_flags.read_for_batch();
    if (!tools) return tools.error();

    BatchArgs args;
    args.tools = *tools;
    args.provider = chosen_provider(flags.provider);
    args.options = *std::move(options);
    args.file = last_value(flags.file).value_or("");
    args.output = last_value(flags.output);
    const Result<int> calls = whole_number("--in-flight", last_value(flags.in_flight).value_or("16"), 1, 10000);
    if (!calls) return calls.error();
    args.in_flight = *calls;
    if (!args.options.max_connections_per_host()) args.options.max_connections_per_host(std::max(100, args.in_flight));
    args.unordered = flags.unordered->count() > 0;
    args.resume = flags.resume->count() > 0;
    if (args.resume && !args.output)
      return Error(ErrorKind::invalid_argument, "--resume needs --output FILE, the file that the earlier run wrote");
    args.allow_line_options = flags.allow_line_options->count() > 0;
    args.quiet = flags.quiet->count() > 0;
    args.verbosity = static_cast<int>(flags.verbose->count());
    return args;
  });
}

Result<std::variant<PullArgs, Help>> parse_pull(Words words) {
  CLI::App app("Download a model from the Hugging Face hub. A stopped download is continued");
  set_up(app, "pull");
  app.footer(std::string(pull_footer));
  const CLI::Option* name = add_value(app, "name", "The model", "REPO[:QUANT]")->required();
  const CLI::Option* dry_run = add_flag(app, "--dry-run", "Print what would be downloaded, and download nothing");
  const CLI::Option* json = add_flag(app, "--json", "Print one JSON object on standard output, and nothing else");
  const CLI::Option* retries = add_value(
      app, "--max-retries", "Number of further attempts after one that brought no bytes (0 to 100). Default: 5", "N");
  const CLI::Option* quiet = add_flag(app, "-q,--quiet", "Print no progress");
  const CLI::Option* verbose = add_flag(app, "-v,--verbose", "Log to standard error; -vv logs progress too");
  return parsed_as<PullArgs>(app, words, [&]() -> Result<PullArgs> {
    const Result<int> most = whole_number("--max-retries", last_value(retries).value_or("5"), 0, 100);
    if (!most) return most.error();
    PullArgs args;
    args.name = last_value(name).value_or("");
    args.format = json->count() > 0 ? Format::json : Format::text;
    args.dry_run = dry_run->count() > 0;
    args.max_retries = *most;
    args.quiet = quiet->count() > 0;
    args.verbosity = static_cast<int>(verbose->count());
    return args;
  });
}

Result<std::variant<RemoveArgs, Help>> parse_remove(Words words) {
  CLI::App app("Remove downloaded files: a whole repository, or one model of it");
  set_up(app, "cache remove");
  const CLI::Option* name =
      add_value(app, "name", "Name from `abstractllm cache`, or a repository", "NAME")->required();
  const CLI::Option* json = add_flag(app, "--json", "Print one JSON object on standard output, and nothing else");
  return parsed_as<RemoveArgs>(app, words, [&]() -> Result<RemoveArgs> {
    RemoveArgs args;
    args.name = last_value(name).value_or("");
    args.format = json->count() > 0 ? Format::json : Format::text;
    return args;
  });
}

Result<std::variant<ListArgs, Help>> parse_list(const Command& command, Words words) {
  CLI::App app(std::string(command.summary));
  set_up(app, command.name);
  const CLI::Option* json = add_flag(app, "--json", "Print a JSON list of objects");
  const CLI::Option* provider = command.asks_provider ? add_provider_flag(app) : nullptr;
  const OptionFlags option_flags = command.asks_provider ? add_option_flags(app, is_of_connection) : OptionFlags();
  return parsed_as<ListArgs>(app, words, [&]() -> Result<ListArgs> {
    Result<Options> options = read_option_flags(option_flags);
    if (!options) return std::move(options).error();
    ListArgs args;
    args.format = json->count() > 0 ? Format::json : Format::text;
    if (provider != nullptr) args.provider = chosen_provider(provider);
    args.options = *std::move(options);
    return args;
  });
}

Format requested_format(Words words) {
  for (const std::string_view word : words) {
    if (word == "--") break;
    if (word == "--json") return Format::json;
    if (word == "--events") return Format::events;
  }
  return Format::text;
}

std::string overview(std::span<const Command> commands) {
  std::string text = "One tool for every large language model, local or hosted.\n\nUsage:\n";
  for (const Command& command : commands) {
    std::string usage = "  abstractllm " + std::string(command.synopsis);
    usage.resize(std::max<std::size_t>(usage.size() + 2, 34), ' ');
    text += usage + std::string(command.summary) + "\n";
  }
  text += "  abstractllm --version           Print the version, and the version of the engine\n\n";
  return text + "`abstractllm COMMAND --help` lists the flags of a command.\n";
}

}  // namespace abstractllm::cli
