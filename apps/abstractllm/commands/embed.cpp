// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "abstractllm/embedding_json.hpp"
#include "abstractllm/llm.hpp"
#include "commands/commands.hpp"
#include "commands/run_command.hpp"
#include "interrupt.hpp"
#include "npy_file.hpp"
#include "text_lines.hpp"

namespace abstractllm::cli {
namespace {

// So many texts, or so many bytes of them, are in memory at once.
constexpr std::size_t most_texts_at_once = 4096;
constexpr std::size_t most_text_bytes_at_once = std::size_t{16} << 20;

/// The texts of the command line or of a file, some at a time.
class TextSource {
 public:
  static Result<TextSource> open(const EmbedArgs& args, int wake) {
    TextSource source;
    if (!args.file) {
      source.given_ = args.texts;
      return source;
    }
    auto lines = TextLines::open(*args.file, wake);
    if (!lines) return std::move(lines).error();
    source.lines_.emplace(*std::move(lines));
    return source;
  }

  /// Returns no texts at the end.
  Result<std::vector<std::string>> next() {
    if (!lines_) return std::exchange(given_, {});
    std::vector<std::string> texts;
    std::size_t bytes = 0;
    while (texts.size() < most_texts_at_once && bytes < most_text_bytes_at_once) {
      auto text = lines_->next();
      if (!text) return std::move(text).error();
      if (!*text) break;
      bytes += (*text)->size();
      texts.push_back(**std::move(text));
    }
    return texts;
  }

  std::size_t skipped() const { return lines_ ? lines_->skipped() : 0; }

 private:
  std::vector<std::string> given_;
  std::optional<TextLines> lines_;
};

/// Where the vectors go.
class VectorSink {
 public:
  VectorSink(const EmbedArgs& args, Output& output) : args_(args), output_(output) {}

  Result<void> open() {
    if (!args_.output) return {};
    auto file = NpyWriter::create(*args_.output);
    if (!file) return std::move(file).error();
    file_.emplace(*std::move(file));
    return {};
  }

  Result<void> take(const Embeddings& part) {
    if (whole_.model.empty()) whole_.model = part.model;
    whole_.provider = part.provider;
    usage_known_ = usage_known_ && part.usage.input_tokens.known();
    tokens_ += part.usage.input_tokens.value_or(0);
    if (count_ == 0) whole_.warnings = part.warnings;  // those of later parts are the same
    count_ += part.size();
    if (file_) return file_->append(part.values(), part.dimensions());
    if (args_.format == Format::json) values_.insert(values_.end(), part.values().begin(), part.values().end());
    else print(part);
    dimensions_ = part.dimensions();
    return {};
  }

  /// Writes what can be written only at the end.
  Result<void> finish() {
    if (file_) {
      if (auto done = file_->commit(); !done) return done;
    }
    if (args_.format != Format::json) return {};
    Embeddings all(std::move(values_), dimensions_);
    all.model = whole_.model;
    all.provider = whole_.provider;
    all.warnings = whole_.warnings;
    if (usage_known_ && count_ > 0) all.usage.input_tokens = tokens_;
    output_.write((file_ ? summary(all) : to_json(all)) + "\n");
    return {};
  }

  const std::vector<Warning>& warnings() const { return whole_.warnings; }

 private:
  void print(const Embeddings& part) {
    std::string line;
    for (std::size_t at = 0; at < part.size() && !output_.broken(); ++at) {
      line.clear();
      append_json(part[at], line);
      output_.write(line + "\n");
    }
  }

  std::string summary(const Embeddings& all) const {
    JsonObject object;
    object.text("model", all.model).integer("dimensions", static_cast<std::int64_t>(file_->columns()));
    object.integer("count", static_cast<std::int64_t>(file_->rows())).text("file", *args_.output);
    if (all.usage.input_tokens.known())
      object.object("usage", JsonObject().integer("input_tokens", all.usage.input_tokens.value_or(0)));
    return object.str();
  }

  const EmbedArgs& args_;
  Output& output_;
  std::optional<NpyWriter> file_;
  Embeddings whole_;  // facts only
  std::vector<float> values_;
  std::size_t dimensions_ = 0;
  std::size_t count_ = 0;
  bool usage_known_ = true;
  std::int64_t tokens_ = 0;
};

void report_skipped(std::size_t lines) {
  if (lines > 0)
    write_error_line("abstractllm: warning: " + std::to_string(lines) +
                     (lines == 1 ? " empty line was skipped" : " empty lines were skipped"));
}

/// The time limit of all calls of the command together. Waiting for the texts does not count.
class TimeLimit {
 public:
  explicit TimeLimit(std::optional<std::chrono::milliseconds> whole) : whole_(whole), left_(whole) {}

  Result<Embeddings> embed(const Llm& llm, std::vector<std::string> texts, const std::stop_token& stop) {
    Options options = Options().stop_token(stop);
    if (left_) options.timeout(*left_);
    const auto began = std::chrono::steady_clock::now();
    auto made = llm.embed(std::move(texts), options);
    if (!made && made.error().kind == ErrorKind::timeout && left_ != whole_) {
      Error late = made.error();
      late.message += "; --timeout limits all requests together";
      return late;
    }
    const auto took = std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    if (left_) left_ = std::max(*left_ - took, std::chrono::milliseconds(0));
    return made;
  }

 private:
  std::optional<std::chrono::milliseconds> whole_;
  std::optional<std::chrono::milliseconds> left_;
};

Result<void> embed_all(const Llm& llm, TimeLimit limit, TextSource& source, VectorSink& sink, const Output& output,
                       const std::stop_token& stop) {
  for (;;) {
    auto texts = source.next();
    if (!texts) return std::move(texts).error();
    if (texts->empty() || output.broken()) return {};
    const auto part = limit.embed(llm, *std::move(texts), stop);
    if (!part) return part.error();
    if (auto taken = sink.take(*part); !taken) return taken;
  }
}

int run(const EmbedArgs& args) {
  Output output;
  const Interrupt interrupt;  // before anything starts a thread
  output.give_up_when_readable(interrupt.descriptor());
  const LogSink log = log_to_standard_error(args.verbosity);
  const auto fail = [&](const Error& error) { return report_error(error, args.format); };
  const Result<Llm> llm = create_llm(args.provider, args.options);
  if (!llm) return fail(llm.error());
  Result<TextSource> source = TextSource::open(args, interrupt.descriptor());
  if (!source) return fail(source.error());
  VectorSink sink(args, output);
  if (auto opened = sink.open(); !opened) return fail(opened.error());
  const auto done = embed_all(*llm, TimeLimit(args.options.timeout()), *source, sink, output, interrupt.token());
  const bool speaks = !args.quiet && args.format == Format::text;
  if (speaks) report_warnings(sink.warnings());
  if (!done) return fail(done.error());
  if (speaks) report_skipped(source->skipped());
  if (auto finished = sink.finish(); !finished) return fail(finished.error());
  return output.given_up() ? exit_code(ErrorKind::cancelled) : finish_output(output, args.format);
}

}  // namespace

int embed_texts(Words words) {
  return run_command("embed", requested_format(words), parse_embed(words), [](const auto& args) { return run(args); });
}

}  // namespace abstractllm::cli
