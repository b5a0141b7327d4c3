// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>

#include "abstractllm/llm.hpp"
#include "batch_progress.hpp"
#include "commands/commands.hpp"
#include "commands/run_command.hpp"
#include "input.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "render.hpp"
#include "tools.hpp"

namespace abstractllm::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view result_begins = R"({"line":)";

Error file_error(const std::string& what, const std::string& path) {
  return {ErrorKind::invalid_argument, "cannot " + what + " '" + path + "': " + std::strerror(errno)};
}

/// Returns the number of the line that a result answers, or 0 if it is not a result of this tool.
std::size_t line_of(std::string_view result) {
  if (!result.starts_with(result_begins) || !result.ends_with('}')) return 0;
  result.remove_prefix(result_begins.size());
  std::size_t number = 0;
  const auto read = std::from_chars(result.data(), result.data() + result.size(), number);
  return read.ec == std::errc() && *read.ptr == ',' ? number : 0;
}

/// The lines that an earlier run has answered.
class DoneLines {
 public:
  /// Errors: invalid_argument if the file cannot be read or was not written by this tool. A last line that was cut off
  /// is removed.
  Result<void> read(const std::string& path, int wake) {
    std::error_code failed;
    const fs::file_status status = fs::status(path, failed);
    if (!fs::exists(status)) return {};  // nothing was written yet
    if (!fs::is_regular_file(status))
      return Error(ErrorKind::invalid_argument, "cannot resume '" + path + "': it is not a regular file");
    Result<LineReader> lines = LineReader::open(path, wake);
    if (!lines) return std::move(lines).error();
    std::uintmax_t whole_bytes = 0;
    for (;;) {
      auto line = lines->next();
      if (!line) return std::move(line).error();
      if (!*line || (*line)->cut) break;
      const std::size_t number = line_of((*line)->text);
      if (number == 0)
        return Error(ErrorKind::invalid_argument, "'" + path + "' has a line that is not a result of `batch`");
      done_.push_back(number);
      whole_bytes = lines->bytes();
    }
    // A list, because a line may have any number. Its memory grows with the file only.
    std::sort(done_.begin(), done_.end());
    if (fs::file_size(path, failed) != whole_bytes) fs::resize_file(path, whole_bytes, failed);
    if (failed) return Error(ErrorKind::invalid_argument, "cannot shorten '" + path + "': " + failed.message());
    return {};
  }
  bool contains(std::size_t line) const { return std::binary_search(done_.begin(), done_.end(), line); }

 private:
  std::vector<std::size_t> done_;  // sorted
};

/// The questions of a file, read line by line. The file is never in memory as a whole.
class Questions {
 public:
  Questions(LineReader& lines, const DoneLines& done, OptionTrust trust) : lines_(lines), done_(done), trust_(trust) {}

  /// Returns the next valid question, or nothing at the end or if the file cannot be read. Invalid lines wait in
  /// wrong().
  std::optional<BatchItem> next() {
    while (auto line = next_line()) {
      ++line_;
      const bool blank = line->text.find_first_not_of(" \t\r") == std::string::npos;
      if (blank || done_.contains(line_)) {
        if (asked_.empty() && wrong_.empty()) bytes_before_ = lines_.bytes();
        continue;
      }
      Result<BatchItem> item = read_item(*line);
      if (item) {
        asked_.emplace(count_++, Asked{line_, item->id_json});
        return *std::move(item);
      }
      wrong_.emplace(line_, Wrong{batch_item_id(line->text), std::move(item).error()});
    }
    return std::nullopt;
  }

  struct Asked {
    std::size_t line;
    std::string id_json;
  };
  struct Wrong {
    std::string id_json;
    Error error;
  };
  Asked take(std::size_t index) { return std::move(asked_.extract(index).mapped()); }
  /// Returns the invalid lines before that line, whose turn has come.
  std::map<std::size_t, Wrong> take_wrong(std::size_t before) {
    std::map<std::size_t, Wrong> taken;
    while (!wrong_.empty() && wrong_.begin()->first < before) taken.insert(wrong_.extract(wrong_.begin()));
    return taken;
  }
  /// Returns why the rest of the file could not be read.
  const std::optional<Error>& failure() const { return failure_; }
  std::uintmax_t bytes() const { return lines_.bytes(); }
  std::uintmax_t bytes_before() const { return bytes_before_; }

 private:
  std::optional<LineReader::Line> next_line() {
    if (failure_) return std::nullopt;
    auto line = lines_.next();
    if (line) return *std::move(line);
    failure_ = std::move(line).error();
    return std::nullopt;
  }
  Result<BatchItem> read_item(const LineReader::Line& line) const {
    if (line.too_long) return Error(ErrorKind::invalid_argument, "a question is longer than 256 MiB");
    return batch_item_from_json(line.text, trust_);
  }

  LineReader& lines_;
  const DoneLines& done_;
  OptionTrust trust_;
  std::optional<Error> failure_;
  std::size_t line_ = 0;
  std::size_t count_ = 0;
  std::uintmax_t bytes_before_ = 0;
  std::map<std::size_t, Asked> asked_;
  std::map<std::size_t, Wrong> wrong_;
};

std::string result_line(std::size_t line, const std::string& id_json, const Result<Response>& outcome) {
  std::string text = std::string(result_begins) + std::to_string(line);
  if (!id_json.empty()) text += ",\"id\":" + id_json;
  if (outcome) return text + ",\"response\":" + to_json(*outcome) + "}\n";
  return text + "," + to_json(outcome.error()).substr(1) + "\n";  // {"error":{…}}
}

/// Takes results, writes them and counts them.
class Run {
 public:
  Run(const BatchArgs& args, Questions& questions, Output& output, BatchProgress& progress)
      : args_(args), questions_(questions), output_(output), progress_(progress) {}

  int operator()(Batch results, const std::stop_token& stop) {
    while (auto result = results.next()) {
      // A stopped question has no result: a resumed run asks it again.
      if (!result->outcome && result->outcome.error().kind == ErrorKind::cancelled && stop.stop_requested()) continue;
      const Questions::Asked asked = questions_.take(result->index);
      write_wrong(asked.line);
      write(asked.line, asked.id_json, result->outcome);
      if (output_.broken()) break;
    }
    if (output_.broken() && !output_.given_up()) {
      progress_.finish();
      return finish_output(output_, Format::text);
    }
    if (!stop.stop_requested()) write_wrong(static_cast<std::size_t>(-1));
    progress_.finish();
    if (!args_.quiet)
      write_error_line("abstractllm: batch: " + std::to_string(answered_) + " answered, " + std::to_string(failed_) +
                       " failed" + (stop.stop_requested() ? ", stopped" : ""));
    if (stop.stop_requested()) return exit_code(ErrorKind::cancelled);
    if (args_.output) output_.close();
    const int written = finish_output(output_, Format::text);
    if (written != 0) return written;
    if (questions_.failure()) return report_error(*questions_.failure(), Format::text);
    return first_failure_;
  }

 private:
  void write_wrong(std::size_t before) {
    for (auto& [line, wrong] : questions_.take_wrong(before)) write(line, wrong.id_json, std::move(wrong.error));
  }
  void write(std::size_t line, const std::string& id_json, const Result<Response>& outcome) {
    output_.write(result_line(line, id_json, outcome));
    ++(outcome ? answered_ : failed_);
    if (!outcome && first_failure_ == 0) first_failure_ = exit_code(outcome.error().kind);
    progress_.count(outcome, questions_.bytes_before(), questions_.bytes());
  }

  const BatchArgs& args_;
  Questions& questions_;
  Output& output_;
  BatchProgress& progress_;
  std::size_t answered_ = 0;
  std::size_t failed_ = 0;
  int first_failure_ = 0;
};

/// Returns standard output, or the file, opened for appending. Errors: invalid_argument.
Result<int> open_output(const BatchArgs& args) {
  if (!args.output) return STDOUT_FILENO;
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (args.resume ? 0 : O_EXCL);
  const int descriptor = open(args.output->c_str(), flags, 0666);
  if (descriptor >= 0) return descriptor;
  if (errno == EEXIST)
    return Error(ErrorKind::invalid_argument,
                 "'" + *args.output + "' exists: continue it with --resume, or choose another file");
  return file_error("write", *args.output);
}

/// Sends the questions and writes the results.
int ask(const BatchArgs& args, const Llm& llm, Questions& questions, Output& output, const Interrupt& interrupt) {
  std::error_code unknown;
  const std::uintmax_t bytes = args.file == "-" ? 0 : fs::file_size(args.file, unknown);
  BatchProgress progress(is_terminal(STDERR_FILENO) && !args.quiet && args.verbosity == 0, unknown ? 0 : bytes);
  BatchOptions how;
  how.max_in_flight = args.in_flight;
  how.order = args.unordered ? BatchOrder::finished : BatchOrder::input;
  const Options options = Options().stop_token(interrupt.token());
  return Run(args, questions, output, progress)(
      llm.generate_many([&questions] { return questions.next(); }, options, how), interrupt.token());
}

int run(const BatchArgs& args) {
  const Interrupt interrupt;  // before anything starts a thread
  const LogSink log = log_to_standard_error(args.verbosity);
  const Result<Options> options = with_tools(args.options, args.tools, true, interrupt.descriptor());
  if (!options) return report_error(options.error(), Format::text);
  const Result<Llm> llm = create_llm(args.provider, *options);
  if (!llm) return report_error(llm.error(), Format::text);
  Result<LineReader> lines = LineReader::open(args.file, interrupt.descriptor());
  if (!lines) return report_error(lines.error(), Format::text);
  DoneLines done;
  if (args.resume)
    if (const auto read = done.read(*args.output, interrupt.descriptor()); !read)
      return report_error(read.error(), Format::text);
  const Result<int> descriptor = open_output(args);
  if (!descriptor) return report_error(descriptor.error(), Format::text);

  Output output(*descriptor, args.output ? "'" + *args.output + "'" : "standard output");
  output.give_up_when_readable(interrupt.descriptor());
  Questions questions(*lines, done, args.allow_line_options ? OptionTrust::trusted : OptionTrust::open);
  const int code = ask(args, *llm, questions, output, interrupt);
  if (interrupt.token().stop_requested()) std::quick_exit(code);
  return code;
}

}  // namespace

int batch(Words words) {
  const Command& command =
      *std::find_if(commands().begin(), commands().end(), [](const Command& each) { return each.name == "batch"; });
  return run_command("batch", Format::text, parse_batch(command, words), [](const auto& args) { return run(args); });
}

}  // namespace abstractllm::cli
