// SPDX-License-Identifier: Apache-2.0
#include "flags.hpp"
#include "option_flags.hpp"

namespace abstractllm::cli {
namespace {

constexpr std::string_view embed_footer =
    "FILE has a text on each line. If its name ends in .jsonl, each line is a JSON string, or an object with \"text\" "
    "or\n"
    "\"input\". Empty lines are skipped. Many texts become several requests, and the first failure ends the command.\n"
    "\n"
    "Each vector is a JSON list on a line of standard output. With -o the vectors go to FILE.npy (float32, C order),\n"
    "which appears when it is complete. Without -o, --json keeps all vectors in memory.";

constexpr std::string_view similar_footer =
    "FILE.npy comes from `abstractllm embed -o`, or from NumPy: float32, C order, two dimensions. All vectors are "
    "compared\n"
    "(cosine), so the result is exact. Use the model that made the file.\n"
    "\n"
    "A line has the score (-1 to 1), the number of the vector (from 0), and with --texts its text.\n"
    "  abstractllm embed -p ollama -m nomic-embed-text --embedding-kind document -f texts.txt -o texts.npy\n"
    "  abstractllm similar texts.npy \"a question\" -p ollama -m nomic-embed-text --embedding-kind query --texts "
    "texts.txt";

bool is_for_vectors(const OptionField& field) {
  if (field.scope == OptionScope::tools) return false;
  return field.scope != OptionScope::generation || field.name == "model" || field.name == "extra_body";
}

/// The flags that `embed` and `similar` share.
struct VectorFlags {
  explicit VectorFlags(CLI::App& app)
      : provider(add_provider_flag(app)),
        json(add_flag(app, "--json", "Print one JSON object on standard output, and nothing else")),
        quiet(add_flag(app, "-q,--quiet", "Print no warnings")),
        verbose(add_flag(app, "-v,--verbose", "Log to standard error")) {}

  template <class Args>
  void read(Args& args) const {
    args.provider = chosen_provider(provider);
    args.format = json->count() > 0 ? Format::json : Format::text;
    args.quiet = quiet->count() > 0;
    args.verbosity = static_cast<int>(verbose->count());
  }

  CLI::Option *provider, *json, *quiet, *verbose;
};

}  // namespace

Result<std::variant<EmbedArgs, Help>> parse_embed(Words words) {
  CLI::App app("Make a vector of each text");
  set_up(app, "embed");
  app.footer(std::string(embed_footer));
  const CLI::Option* texts = add_value(app, "texts", "The texts", "TEXT")->expected(-1);
  const CLI::Option* file =
      add_value(app, "-f,--file", "File with a text on each line, or - for standard input", "FILE");
  const CLI::Option* output =
      add_value(app, "-o,--output", "File for the vectors. Default: standard output", "FILE.npy");
  const VectorFlags flags(app);
  const OptionFlags option_flags = add_option_flags(app, is_for_vectors);
  return parsed_as<EmbedArgs>(app, words, [&]() -> Result<EmbedArgs> {
    Result<Options> options = read_option_flags(option_flags);
    if (!options) return std::move(options).error();
    EmbedArgs args;
    flags.read(args);
    args.options = *std::move(options);
    args.texts = texts->results();
    args.file = last_value(file);
    args.output = last_value(output);
    if (args.texts.empty() == !args.file)
      return Error(ErrorKind::invalid_argument, args.file ? "give either TEXT or -f FILE, and not both"
                                                          : "give a TEXT, or -f FILE (- means standard input)");
    if (args.output && !args.output->ends_with(".npy"))
      return Error(ErrorKind::invalid_argument, "-o is '" + *args.output + "'; its name must end in .npy");
    return args;
  });
}

Result<std::variant<SimilarArgs, Help>> parse_similar(Words words) {
  CLI::App app("Find the texts whose vectors are most similar to that of QUERY");
  set_up(app, "similar");
  app.footer(std::string(similar_footer));
  const CLI::Option* places = app.add_option("places", CLI::callback_t(), "The vectors, and the text to compare with");
  app.get_option("places")->type_name("FILE.npy QUERY")->expected(2)->required();
  const CLI::Option* count = add_value(app, "-n,--count", "Number of results (1 to 1000000). Default: 10", "N");
  const CLI::Option* texts =
      add_value(app, "--texts", "The file that the vectors were made of, to print the texts too", "FILE");
  const VectorFlags flags(app);
  const OptionFlags option_flags = add_option_flags(app, is_for_vectors);
  return parsed_as<SimilarArgs>(app, words, [&]() -> Result<SimilarArgs> {
    Result<Options> options = read_option_flags(option_flags);
    if (!options) return std::move(options).error();
    const Result<int> most = whole_number("--count", last_value(count).value_or("10"), 1, 1000000);
    if (!most) return most.error();
    SimilarArgs args;
    flags.read(args);
    args.options = *std::move(options);
    if (places->results().size() != 2)
      return Error(ErrorKind::invalid_argument, "give FILE.npy and QUERY, and nothing else");
    args.file = places->results()[0];
    args.query = places->results()[1];
    args.count = *most;
    args.texts_file = last_value(texts);
    return args;
  });
}

}  // namespace abstractllm::cli
