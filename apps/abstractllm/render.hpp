// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/error.hpp"
#include "abstractllm/log.hpp"
#include "abstractllm/response.hpp"
#include "abstractllm/stream.hpp"
#include "args.hpp"
#include "output.hpp"

namespace abstractllm::cli {

/// Exit code where standard output cannot be written (EX_IOERR of sysexits.h). The library has no kind for it.
inline constexpr int exit_output_failed = 74;

/// Says on standard error what went wrong: a line "abstractllm: KIND: message", or the error object. Returns the exit
/// code.
int report_error(const Error& error, Format format);

/// The same for words that could not be parsed: the usage follows, and for Format::events the error event on standard
/// output. `command` is the command's name, or empty. Returns the exit code.
int report_usage_error(const Error& error, Format format, std::string_view command);

/// The exit code of a command that has written all of its output: 0, or that of a failed write, which is reported.
int finish_output(const Output& output, Format format);

/// Log records as lines of JSON on standard error, as long as it is held; nothing for verbosity 0.
LogSink log_to_standard_error(int verbosity);

/// One line "abstractllm: warning: message" for each on standard error.
void report_warnings(const std::vector<Warning>& warnings);

/// Writes one answer to standard output in one format. Call event() any number of times, then finished() or failed().
class AnswerWriter {
 public:
  virtual ~AnswerWriter() = default;

  /// An event has come; `response` is what has been folded so far.
  virtual void event(const StreamEvent& event, const Response& response) = 0;

  /// The answer is whole.
  virtual void finished(const Response& response) = 0;

  /// The answer has ended with an error. What was written stays. The error itself is for report_error().
  virtual void failed(const Error& error) = 0;
};

/// The writer for `format`. `output` must outlive it.
std::unique_ptr<AnswerWriter> make_answer_writer(Format format, Output& output);

/// The events that a stream of this answer would give: for answers that came in one piece.
std::vector<StreamEvent> events_of(const Response& response);

/// One JSON object, field by field, in order.
class JsonObject {
 public:
  JsonObject& text(std::string_view name, std::string_view value);
  JsonObject& texts(std::string_view name, const std::vector<std::string>& values);
  JsonObject& integer(std::string_view name, std::int64_t value);
  JsonObject& boolean(std::string_view name, bool value);
  JsonObject& object(std::string_view name, const JsonObject& value) { return raw(name, value.str()); }
  JsonObject& objects(std::string_view name, const std::vector<JsonObject>& values);
  /// The object's JSON text.
  std::string str() const { return "{" + fields_ + "}"; }

 private:
  JsonObject& raw(std::string_view name, std::string_view json);
  std::string fields_;
};

/// The list of these objects, one a line.
std::string json_list(const std::vector<JsonObject>& objects);

/// Rows in aligned columns; the first row is the heading.
std::string table(const std::vector<std::vector<std::string>>& rows);

}  // namespace abstractllm::cli
