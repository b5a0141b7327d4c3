// SPDX-License-Identifier: Apache-2.0
#include "render.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <variant>

#include "abstractllm/json.hpp"
#include "commands/commands.hpp"

namespace abstractllm::cli {
namespace {

std::string error_event(const Error& error) { return R"({"type":"error",)" + to_json(error).substr(1) + "\n"; }

std::string error_line(const Error& error) {
  std::string line = "abstractllm: " + std::string(to_string(error.kind)) + ": " + error.message;
  const std::string& theirs = error.provider_message;
  if (!theirs.empty() && error.message.find(theirs) == std::string::npos) line += " (" + theirs + ")";
  return printable(line);
}

/// Writes text as it arrives, a blank line between the texts of two steps, and one final newline.
class TextWriter final : public AnswerWriter {
 public:
  explicit TextWriter(Output& output) : output_(output) {}

  void event(const StreamEvent& event, const Response& /*response*/) override {
    if (std::holds_alternative<StepFinished>(event)) separate_ = written_;
    const auto* delta = std::get_if<TextDelta>(&event);
    if (delta == nullptr || delta->text.empty()) return;
    if (std::exchange(separate_, false)) output_.write(output_.within_line() ? "\n\n" : "\n");
    output_.write(delta->text);
    written_ = true;
    line_ended_ = false;
  }
  void finished(const Response& /*response*/) override {
    if (!line_ended_) output_.write("\n");
  }
  void failed(const Error& /*error*/) override {
    if (output_.within_line()) output_.write("\n");
  }
  void end_line() override {
    if (!output_.within_line()) return;
    output_.write("\n");
    line_ended_ = true;
  }

 private:
  Output& output_;
  bool written_ = false;     // some text
  bool separate_ = false;    // the next text is that of another step
  bool line_ended_ = false;  // by end_line(), after the last text
};

/// Writes one Response object at the end, or nothing if there is no whole answer.
class ResponseWriter final : public AnswerWriter {
 public:
  explicit ResponseWriter(Output& output) : output_(output) {}

  void event(const StreamEvent& /*event*/, const Response& /*response*/) override {}
  void finished(const Response& response) override { output_.write(to_json(response) + "\n"); }
  void failed(const Error& /*error*/) override {}

 private:
  Output& output_;
};

/// Writes one event per line. The last is `finished` or `error`.
class EventWriter final : public AnswerWriter {
 public:
  explicit EventWriter(Output& output) : output_(output) {}

  void event(const StreamEvent& event, const Response& response) override {
    // Finished is held back. Its line holds the response, which is complete only after the stream's end.
    if (const auto* last = std::get_if<Finished>(&event)) {
      last_ = *last;
    } else {
      output_.write(to_json(event, response) + "\n");
    }
  }
  void finished(const Response& response) override { output_.write(to_json(StreamEvent(last_), response) + "\n"); }
  void failed(const Error& error) override { output_.write(error_event(error)); }

 private:
  Output& output_;
  Finished last_;
};

/// Adds the events of what the model said. `Answer` is a Response or one Step of it.
template <class Answer>
void add_answer(std::vector<StreamEvent>& events, const Answer& answer) {
  if (!answer.reasoning.empty()) events.emplace_back(ReasoningDelta{answer.reasoning});
  if (!answer.text.empty()) events.emplace_back(TextDelta{answer.text});
  for (const ToolCall& call : answer.tool_calls) {
    events.emplace_back(ToolCallStarted{call.id, call.name});
    if (!call.arguments_json.empty()) events.emplace_back(ToolCallDelta{call.id, call.arguments_json});
    events.emplace_back(call);
  }
}

StepFinished step_finished(const Step& step) {
  StepFinished::Details details;
  details.raw_finish_reason = step.raw_finish_reason;
  details.id = step.id;
  details.model = step.model;
  details.request_id = step.request_id;
  details.timing = step.timing;
  return {step.finish_reason.value_or(FinishReason::other), step.usage, std::move(details)};
}

}  // namespace

int report_error(const Error& error, Format format) {
  const std::string line = format == Format::text ? error_line(error) : to_json(error);
  // In JSON such characters can only be part of a string.
  write_error_line(is_terminal(STDERR_FILENO) ? printable(line) : line);
  return exit_code(error.kind);
}

int report_usage_error(const Error& error, Format format, std::string_view command) {
  if (format == Format::events) Output().write(error_event(error));
  const int code = report_error(error, format);
  if (format == Format::text) {
    const auto known =
        std::find_if(commands().begin(), commands().end(), [&](const Command& each) { return each.name == command; });
    const std::string name = "abstractllm" + (command.empty() ? "" : " " + std::string(command));
    const std::string usage = known == commands().end() ? "COMMAND …" : std::string(known->synopsis) + " [FLAGS]";
    write_error_line("usage: abstractllm " + usage + "    (`" + name + " --help` shows more)");
  }
  return code;
}

int finish_output(const Output& output, Format format) {
  if (output.failure() == 0) return 0;
  const std::string message = "cannot write " + output.name() + ": " + std::strerror(output.failure());
  if (format == Format::text) {
    write_error_line(printable("abstractllm: output_failed: " + message));
  } else {
    write_error_line(R"({"error":)" + JsonObject().text("kind", "output_failed").text("message", message).str() + "}");
  }
  return exit_output_failed;
}

LogSink log_to_standard_error(int verbosity) {
  if (verbosity == 0) return {};
  return add_log_sink(verbosity > 1 ? LogLevel::debug : LogLevel::info,
                      [](const LogRecord& record) { write_error_line(to_json(record)); });
}

void report_warnings(const std::vector<Warning>& warnings) {
  for (const Warning& warning : warnings) write_error_line(printable("abstractllm: warning: " + warning.message));
}

std::unique_ptr<AnswerWriter> make_answer_writer(Format format, Output& output) {
  switch (format) {
    case Format::json: return std::make_unique<ResponseWriter>(output);
    case Format::events: return std::make_unique<EventWriter>(output);
    case Format::text: break;
  }
  return std::make_unique<TextWriter>(output);
}

std::vector<StreamEvent> events_of(const Response& response) {
  std::vector<StreamEvent> events;
  for (const Step& step : response.steps) {
    add_answer(events, step);
    for (const ToolResult& result : step.tool_results) events.emplace_back(result);
    events.emplace_back(step_finished(step));
  }
  if (response.steps.empty()) add_answer(events, response);
  for (const Warning& warning : response.warnings) events.emplace_back(warning);
  events.emplace_back(
      Finished{response.finish_reason.value_or(FinishReason::other), response.raw_finish_reason, response.usage});
  return events;
}

JsonObject& JsonObject::raw(std::string_view name, std::string_view json) {
  if (!fields_.empty()) fields_ += ",";
  fields_ += json_string(name) + ":" + std::string(json);
  return *this;
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) { return raw(name, json_string(value)); }

JsonObject& JsonObject::texts(std::string_view name, const std::vector<std::string>& values) {
  std::string list;
  for (const std::string& value : values) list += (list.empty() ? "" : ",") + json_string(value);
  return raw(name, "[" + list + "]");
}

JsonObject& JsonObject::objects(std::string_view name, const std::vector<JsonObject>& values) {
  std::string list;
  for (const JsonObject& value : values) list += (list.empty() ? "" : ",") + value.str();
  return raw(name, "[" + list + "]");
}

JsonObject& JsonObject::integer(std::string_view name, std::int64_t value) { return raw(name, std::to_string(value)); }

JsonObject& JsonObject::boolean(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }

std::string json_list(const std::vector<JsonObject>& objects) {
  std::string list;
  for (const JsonObject& object : objects) list += (list.empty() ? "\n" : ",\n") + object.str();
  return "[" + list + (list.empty() ? "]\n" : "\n]\n");
}

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace abstractllm::cli
