// SPDX-License-Identifier: Apache-2.0
#include "flags.hpp"

namespace abstractllm::cli {
namespace {

constexpr std::string_view import_footer =
    "REPO[:TYPE][@REVISION] is a repository of the hub with config.json, a tokenizer and *.safetensors, for example\n"
    "Qwen/Qwen2.5-0.5B-Instruct. FOLDER is such a folder on this disk. `generate -m` imports both by itself.\n"
    "Pickle files (*.bin, *.pt) are never opened, because they can run code.\n"
    "The path of the GGUF file goes to standard output. Without -o it is in the cache, and the next import finds it.\n"
    "\n"
    "Variables: XDG_CACHE_HOME, and those of `abstractllm pull --help`";

}  // namespace

Result<std::variant<ImportArgs, Help>> parse_import(Words words) {
  CLI::App app("Make the GGUF file that runs in this process from a safetensors model");
  set_up(app, "import");
  app.footer(std::string(import_footer));
  const CLI::Option* source = add_value(app, "source", "The model", "REPO|FOLDER")->required();
  const CLI::Option* output =
      add_value(app, "-o,--output", "File to write. Default: a file in the cache, which is reused", "FILE");
  const CLI::Option* quantize = add_value(
      app, "--quantize", "Quantise, for example to Q8_0 or Q4_K_M. Default: the type of the checkpoint", "TYPE");
  const CLI::Option* json = add_flag(app, "--json", "Print one JSON object on standard output, and nothing else");
  const CLI::Option* quiet = add_flag(app, "-q,--quiet", "Print no warnings and no progress");
  const CLI::Option* verbose = add_flag(app, "-v,--verbose", "Log to standard error; -vv logs progress too");
  return parsed_as<ImportArgs>(app, words, [&]() -> Result<ImportArgs> {
    ImportArgs args;
    args.source = last_value(source).value_or("");
    args.output = last_value(output).value_or("");
    args.quantize = last_value(quantize).value_or("");
    if (output->count() > 0 && args.output.empty())
      return Error(ErrorKind::invalid_argument, "-o needs the name of a file");
    args.format = json->count() > 0 ? Format::json : Format::text;
    args.quiet = quiet->count() > 0;
    args.verbosity = static_cast<int>(verbose->count());
    return args;
  });
}

}  // namespace abstractllm::cli
