// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "abstractllm/llm.hpp"
#include "abstractllm/log.hpp"
#include "commands/commands.hpp"
#include "input.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "render.hpp"

namespace abstractllm::cli {
namespace {

// The conversation to send: the messages file, then the prompt. With a messages file the prompt may be missing.
Result<std::vector<Message>> read_messages(const GenerateArgs& args) {
  std::vector<Message> messages;
  if (args.messages_file) {
    Result<std::vector<Message>> earlier = read_messages_file(*args.messages_file);
    if (!earlier) return earlier;
    messages = *std::move(earlier);
  }
  std::string prompt;
  if (args.prompt) {
    prompt = *args.prompt;
  } else {
    const bool at_terminal = is_terminal(STDIN_FILENO);
    if (at_terminal && args.messages_file) return messages;
    if (at_terminal) write_error_line("abstractllm: reading the prompt from the terminal; Ctrl-D ends it");
    Result<std::string> text = read_standard_input();
    if (!text) return std::move(text).error();
    prompt = *std::move(text);
  }
  if (!prompt.empty() || !args.messages_file) messages.push_back(Message::user(std::move(prompt)));
  return messages;
}

// Before anything of the answer has come.
int fail(const GenerateArgs& args, Output& output, const Error& error) {
  make_answer_writer(args.format, output)->failed(error);
  return report_error(error, args.format);
}

int print_request(const GenerateArgs& args, const Llm& llm, std::vector<Message> messages, Output& output) {
  const Result<HttpRequest> request =
      llm.request(std::move(messages), {}, args.stream ? Delivery::stream : Delivery::body);
  if (!request) return fail(args, output, request.error());
  output.write(to_json(*request) + "\n");
  return finish_output(output, args.format);
}

/// One call: asks, and writes what comes.
class Call {
 public:
  Call(const GenerateArgs& args, Output& output, Progress& progress)
      : args_(args), output_(output), progress_(progress), writer_(make_answer_writer(args.format, output)) {}

  int streamed(Stream stream) {
    for (;;) {
      Result<std::optional<StreamEvent>> event = stream.next();
      progress_.finish();
      if (!event) return failed(event.error(), stream.response().warnings);
      if (!*event) return finished(stream.response());
      writer_->event(**event, stream.response());
      // Nobody reads on: dropping the stream stops the model.
      if (output_.closed() || output_.failure() != 0) return finish_output(output_, args_.format);
    }
  }

  int whole(const Result<Response>& response) {
    progress_.finish();
    if (!response) return failed(response.error(), {});
    for (const StreamEvent& event : events_of(*response)) writer_->event(event, *response);
    return finished(*response);
  }

 private:
  int finished(const Response& response) {
    writer_->finished(response);
    if (!output_.closed()) warn(response.warnings);
    return finish_output(output_, args_.format);
  }

  int failed(const Error& error, const std::vector<Warning>& warnings) {
    writer_->failed(error);
    warn(warnings);
    return report_error(error, args_.format);
  }

  void warn(const std::vector<Warning>& warnings) {
    if (args_.format == Format::text && !args_.quiet) report_warnings(warnings);
  }

  const GenerateArgs& args_;
  Output& output_;
  Progress& progress_;
  std::unique_ptr<AnswerWriter> writer_;
};

int answer(const GenerateArgs& args, const Llm& llm, std::vector<Message> messages, Output& output) {
  // After the prompt has been read, so that Ctrl-C ends the reading by itself; before anything starts a thread.
  const Interrupt interrupt;
  output.give_up_when_readable(interrupt.descriptor());
  const LogSink log = log_to_standard_error(args.verbosity);
  Progress progress(is_terminal(STDERR_FILENO) && !args.quiet && args.verbosity == 0);
  const Options options = Options{}.stop_token(interrupt.token());
  Call call(args, output, progress);
  const int code = args.stream ? call.streamed(llm.stream(std::move(messages), options))
                               : call.whole(llm.generate(std::move(messages), options));
  output.give_up_when_readable(-1);
  // All is written; whoever pressed Ctrl-C does not wait for a model to be unloaded thread by thread.
  if (interrupt.token().stop_requested()) std::quick_exit(code);
  return code;
}

int run(const GenerateArgs& args) {
  Output output;
  // Wrong options are told before a prompt is waited for.
  const Result<Llm> llm = create_llm(args.provider, args.options);
  if (!llm) return fail(args, output, llm.error());
  Result<std::vector<Message>> messages = read_messages(args);
  if (!messages) return fail(args, output, messages.error());
  if (args.dry_run) return print_request(args, *llm, *std::move(messages), output);
  return answer(args, *llm, *std::move(messages), output);
}

}  // namespace

int generate(Words words) {
  const auto parsed = parse_generate(words);
  if (!parsed) return report_usage_error(parsed.error(), requested_format(words), "generate");
  if (const auto* args = std::get_if<GenerateArgs>(&*parsed)) return run(*args);
  Output output;
  output.write(std::get<Help>(*parsed).text);
  return finish_output(output, Format::text);
}

}  // namespace abstractllm::cli
