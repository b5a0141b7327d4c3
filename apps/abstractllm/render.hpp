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

/// Exit code if standard output cannot be written (EX_IOERR of sysexits.h). The library has no kind for it.
inline constexpr int exit_output_failed = 74;

/// Reports the error on standard error: a line "abstractllm: KIND: message", or the error object. Returns the exit
/// code.
int report_error(const Error& error, Format format);

/// Does the same for words that could not be parsed. The usage follows. For Format::events it also writes the error
/// event to standard output. `command` is the command's name, or empty. Returns the exit code.
int report_usage_error(const Error& error, Format format, std::string_view command);

/// Returns the exit code of a command that has written all of its output: 0, or that of a failed write, which is
/// reported.
int finish_output(const Output& output, Format format);

/// Writes log records as lines of JSON to standard error, as long as the result exists. It writes nothing for verbosity
/// 0.
LogSink log_to_standard_error(int verbosity);

/// Writes one line "abstractllm: warning: message" for each Warning to standard error.
void report_warnings(const std::vector<Warning>& warnings);

/// Writes one answer to standard output in one format. Call event() any number of times, then finished() or failed().
class AnswerWriter {
 public:
  virtual ~AnswerWriter() = default;

  /// An event has arrived. `response` is the answer folded so far.
  virtual void event(const StreamEvent& event, const Response& response) = 0;

  /// The answer is complete.
  virtual void finished(const Response& response) = 0;

  /// The answer has ended with an error. What was written stays. report_error() reports the error itself.
  virtual void failed(const Error& error) = 0;

  /// A line of standard error follows that a reader sees in the same place.
  virtual void end_line() {}
};

/// Makes the writer for `format`. `output` must outlive it.
std::unique_ptr<AnswerWriter> make_answer_writer(Format format, Output& output);

/// Returns the events that a stream of this answer would have, for answers that came as one body.
std::vector<StreamEvent> events_of(const Response& response);

/// One JSON object, written field by field, in order.
class JsonObject {
 public:
  JsonObject& text(std::string_view name, std::string_view value);
  JsonObject& texts(std::string_view name, const std::vector<std::string>& values);
  JsonObject& integer(std::string_view name, std::int64_t value);
  JsonObject& boolean(std::string_view name, bool value);
  JsonObject& object(std::string_view name, const JsonObject& value) { return raw(name, value.str()); }
  JsonObject& objects(std::string_view name, const std::vector<JsonObject>& values);
  /// Returns the object's JSON text.
  std::string str() const { return "{" + fields_ + "}"; }

 private:
  JsonObject& raw(std::string_view name, std::string_view json);
  std::string fields_;
};

/// Returns the list of these objects, one per line.
std::string json_list(const std::vector<JsonObject>& objects);

/// Returns rows in aligned columns. The first row is the heading.
std::string table(const std::vector<std::vector<std::string>>& rows);

}  // namespace abstractllm::cli
