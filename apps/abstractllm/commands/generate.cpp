// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "abstractllm/llm.hpp"
#include "abstractllm/log.hpp"
#include "commands/commands.hpp"
#include "commands/run_command.hpp"
#include "input.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "reader_watch.hpp"
#include "render.hpp"
#include "tool_lines.hpp"
#include "tools.hpp"
#include "visible.hpp"

namespace abstractllm::cli {
namespace {

/// The messages to send, and the Warnings about them.
struct Question {
  std::vector<Message> messages;
  std::vector<Warning> warnings;
};

bool speaks(const GenerateArgs& args) { return args.format == Format::text && !args.quiet; }

Warning stdin_ignored() {
  return {"stdin_ignored",
          "standard input is open, but nothing came from it within 1 s, so it is not part of the prompt. If there "
          "is no input, use `< /dev/null` or --no-stdin"};
}

/// Reads standard input as the prompt itself.
Result<std::string> read_prompt(int wake) {
  if (is_terminal(STDIN_FILENO)) write_error_line("abstractllm: reading the prompt from the terminal; Ctrl-D ends it");
  return read_standard_input(wake);
}

/// Returns the prompt, preceded by what standard input adds to it.
Result<std::string> add_input(const GenerateArgs& args, int wake, std::vector<Warning>& warnings) {
  std::string prompt = args.prompt.value_or("");
  if (!args.add_stdin) return prompt;
  Result<AddedInput> added = read_added_input(wake);
  if (!added) return std::move(added).error();
  if (added->ignored) warnings.push_back(stdin_ignored());
  if (added->ignored && args.options.strict().value_or(false))
    return Error(ErrorKind::unsupported, warnings.back().message + " (strict)");
  if (added->text.empty()) return prompt;
  if (speaks(args))
    write_error_line("abstractllm: added " + std::to_string(added->text.size()) +
                     " bytes of standard input to the prompt");
  return prompt.empty() ? added->text : added->text + "\n\n" + prompt;
}

/// Returns the files and the prompt as one message. Text is written into the prompt, so no provider gives a Warning.
Result<Message> with_files(const GenerateArgs& args, int wake, std::string prompt) {
  std::vector<Part> parts;
  for (const std::string& path : args.files) {
    if (path != "-") {
      parts.push_back(File::file(path).inline_text(true));
      continue;
    }
    Result<std::string> bytes = read_standard_input_as_file(wake);
    if (!bytes) return std::move(bytes).error();
    parts.push_back(File::bytes(*std::move(bytes)).name("standard input").inline_text(true));
  }
  if (!prompt.empty()) parts.emplace_back(Text(std::move(prompt)));
  return Message::user(std::move(parts));
}

/// Reads the messages file, then the prompt, which may be missing if there is such a file.
Result<Question> read_question(const GenerateArgs& args, int wake) {
  Question question;
  if (args.messages_file) {
    Result<std::vector<Message>> earlier = read_messages_file(*args.messages_file, wake);
    if (!earlier) return std::move(earlier).error();
    question.messages = *std::move(earlier);
  }
  Result<std::string> prompt = args.prompt_from_stdin ? read_prompt(wake) : add_input(args, wake, question.warnings);
  if (!prompt) return std::move(prompt).error();
  if (!args.files.empty()) {
    Result<Message> message = with_files(args, wake, *std::move(prompt));
    if (!message) return std::move(message).error();
    question.messages.push_back(*std::move(message));
  } else if (!prompt->empty() || !args.messages_file) {
    question.messages.push_back(Message::user(*std::move(prompt)));
  }
  return question;
}

// Reports an error before any part of the answer has arrived.
int fail(const GenerateArgs& args, Output& output, const Error& error) {
  make_answer_writer(args.format, output)->failed(error);
  return report_error(error, args.format);
}

std::string request_json(const EncodedRequest& encoded) {
  std::string json = to_json(encoded.http);
  if (encoded.warnings.empty()) return json;
  std::vector<JsonObject> warnings;
  for (const Warning& warning : encoded.warnings)
    warnings.push_back(JsonObject().text("code", warning.code).text("message", warning.message));
  json.pop_back();
  return json + "," + JsonObject().objects("warnings", warnings).str().substr(1);
}

int print_request(const GenerateArgs& args, const Llm& llm, Question question, Output& output) {
  auto encoded = llm.encode(std::move(question.messages), {}, args.stream ? Delivery::stream : Delivery::body);
  if (!encoded) return fail(args, output, encoded.error());
  encoded->warnings.insert(encoded->warnings.begin(), question.warnings.begin(), question.warnings.end());
  output.write(request_json(*encoded) + "\n");
  if (speaks(args) && !output.closed()) report_warnings(encoded->warnings);
  return finish_output(output, args.format);
}

/// Writes what the provider would do differently, one finding per line. A refusal is the result, not an error.
int print_findings(const GenerateArgs& args, const Llm& llm, Question question, Output& output) {
  const Result<std::vector<Finding>> findings = llm.check(std::move(question.messages));
  if (!findings) return fail(args, output, findings.error());
  int code = 0;
  for (const Finding& finding : *findings) {
    const std::string words = std::string(to_string(finding.action)) + " " + finding.code + ": " + finding.message;
    output.write((args.format == Format::json ? to_json(finding) : visible(words)) + "\n");
    if (finding.action == FindingAction::refused) code = exit_code(ErrorKind::invalid_argument);
  }
  if (speaks(args) && !output.closed()) report_warnings(question.warnings);
  const int written = finish_output(output, args.format);
  return written != 0 ? written : code;
}

/// One call: it sends the question and writes the answer.
class Call {
 public:
  /// `warnings` come before those of the answer.
  Call(const GenerateArgs& args, Output& output, Progress& progress, std::vector<Warning> warnings,
       std::stop_token interrupted)
      : args_(args),
        output_(output),
        progress_(progress),
        warnings_(std::move(warnings)),
        writer_(make_answer_writer(args.format, output)),
        interrupted_(std::move(interrupted)),
        stop_if_interrupted_(interrupted_, [this] { stop_.request_stop(); }) {
    if (args.tools.file) watch_.emplace(STDOUT_FILENO, [this] { stop_.request_stop(); });
  }

  std::stop_token stop_token() const { return stop_.get_token(); }

  int streamed(Stream stream) {
    for (const Warning& warning : warnings_) writer_->event(warning, stream.response());
    for (;;) {
      Result<std::optional<StreamEvent>> event = stream.next();
      progress_.finish();
      if (!event) return failed(event.error(), stream.response().warnings);
      if (!*event) return finished(with_warnings(stream.response()));
      write(**event, stream.response());
      // Nobody reads any more. Dropping the stream stops the model.
      if (output_.closed() || output_.failure() != 0) return finish_output(output_, args_.format);
    }
  }

  int whole(const Result<Response>& response) {
    progress_.finish();
    if (!response) return failed(response.error(), {});
    const Response whole = with_warnings(*response);
    for (const StreamEvent& event : events_of(whole)) write(event, whole);
    return finished(whole);
  }

 private:
  Response with_warnings(Response response) const {
    response.warnings.insert(response.warnings.begin(), warnings_.begin(), warnings_.end());
    return response;
  }

  void write(const StreamEvent& event, const Response& response) {
    writer_->event(event, response);
    if (!args_.tools.file || !speaks(args_)) return;
    const std::optional<std::string> line = tool_line(event);
    if (!line) return;
    // The line must not continue that of the text.
    if (share_a_place(STDOUT_FILENO, STDERR_FILENO)) writer_->end_line();
    write_error_line(*line);
  }

  int finished(const Response& response) {
    writer_->finished(response);
    if (!output_.closed()) warn(response.warnings);
    return finish_output(output_, args_.format);
  }

  int failed(const Error& error, const std::vector<Warning>& warnings) {
    const bool is_left = watch_ && watch_->is_gone() && !interrupted_.stop_requested();
    // As if the next write had told that nobody reads any more.
    if (is_left && error.kind == ErrorKind::cancelled) return finish_output(output_, args_.format);
    writer_->failed(error);
    warn(warnings_);
    warn(warnings);
    return report_error(error, args_.format);
  }

  void warn(const std::vector<Warning>& warnings) {
    if (speaks(args_)) report_warnings(warnings);
  }

  const GenerateArgs& args_;
  Output& output_;
  Progress& progress_;
  std::vector<Warning> warnings_;
  std::unique_ptr<AnswerWriter> writer_;
  std::stop_token interrupted_;
  std::stop_source stop_;
  std::stop_callback<std::function<void()>> stop_if_interrupted_;
  std::optional<ReaderWatch> watch_;
};

int answer(const GenerateArgs& args, const Llm& llm, Question question, const Interrupt& interrupt, Output& output) {
  Progress progress(is_terminal(STDERR_FILENO) && !args.quiet && args.verbosity == 0);
  Call call(args, output, progress, std::move(question.warnings), interrupt.token());
  const Options options = Options{}.stop_token(call.stop_token());
  const int code = args.stream ? call.streamed(llm.stream(std::move(question.messages), options))
                               : call.whole(llm.generate(std::move(question.messages), options));
  output.give_up_when_readable(-1);
  // Everything is written. A user who pressed Ctrl-C should not wait until a model is unloaded thread by thread.
  if (interrupt.token().stop_requested()) std::quick_exit(code);
  return code;
}

int run(const GenerateArgs& args) {
  Output output;
  const Interrupt interrupt;  // before anything starts a thread
  output.give_up_when_readable(interrupt.descriptor());
  const LogSink log = log_to_standard_error(args.verbosity);
  // Invalid options are reported before the program waits for a prompt.
  const bool sends = !args.dry_run && !args.check;
  const Result<Options> options = with_tools(args.options, args.tools, sends, interrupt.descriptor());
  if (!options) return fail(args, output, options.error());
  const Result<Llm> llm = create_llm(args.provider, *options);
  if (!llm) return fail(args, output, llm.error());
  Result<Question> question = read_question(args, interrupt.descriptor());
  if (!question) return fail(args, output, question.error());
  if (!sends) {
    const auto print = args.check ? print_findings : print_request;
    const int code = print(args, *llm, *std::move(question), output);
    return output.given_up() ? exit_code(ErrorKind::cancelled) : code;
  }
  return answer(args, *llm, *std::move(question), interrupt, output);
}

}  // namespace

int generate(Words words) {
  return run_command("generate", requested_format(words), parse_generate(words),
                     [](const auto& args) { return run(args); });
}

}  // namespace abstractllm::cli
