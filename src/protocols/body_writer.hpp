// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/provider.hpp"
#include "base/json.hpp"

namespace abstractllm {

/// Writes the JSON body of one request from options. error() holds the first thing that cannot be expressed at all.
/// What this server or model does not accept becomes a Warning.
class BodyWriter {
 public:
  /// Sets `target[name]` to the option's value, unless it is unset or empty. An empty name means that the server has no
  /// such field: there is a Warning "option_ignored".
  template <class T>
  void field(Json& target, std::string_view option, std::string_view name, const std::optional<T>& value) {
    if (!value || is_empty(*value)) return;
    if (name.empty()) return ignore(option, "this provider's wire format has no field for it");
    target[std::string(name)] = to_wire(option, *value);
  }

  /// Does the same in the body itself.
  template <class T>
  void field(std::string_view option, std::string_view name, const std::optional<T>& value) {
    field(body_, option, name, value);
  }

  /// Returns `text` if it is UTF-8. Otherwise it returns null and sets an error that names `label` and the byte.
  Json checked(std::string_view text, std::string_view label);

  /// Returns `json` as a value that is written in its own spelling, so that no number is rounded. If it is not a JSON
  /// object, or has more than 200 levels, it returns null and sets an error that names `label`.
  Json raw(std::string_view json, std::string_view label);

  /// Returns valid JSON text that this library has written as a value. It is not read again.
  Json as_written(std::string_view json);

  /// Sets the error that checked() sets, and copies nothing.
  void check(std::string_view text, std::string_view label);

  /// Returns the arguments of a call as an object in its own spelling. Text that is not a JSON object is sent as
  /// {"INVALID_JSON": "the text"}, as Anthropic advises
  /// (https://platform.claude.com/docs/en/agents-and-tools/tool-use/fine-grained-tool-streaming, 2026-11).
  Json arguments_object(const ToolCall& call, std::string_view label);

  /// Returns the arguments of a call as the text that the model wrote, or "{}" if there is none.
  Json arguments_text(const ToolCall& call, std::string_view label);

  /// Adds the Warning "option_ignored": "option NAME is not sent: WHY".
  void ignore(std::string_view option, std::string_view why);

  /// Merges Options::extra_body as RFC 7396 (JSON Merge Patch) says. Call it last.
  void merge(const std::optional<std::string>& extra_body);

  void warn(std::string code, std::string message);

  void fail(std::string message);

  Json& body() { return body_; }

  /// Returns the request to POST to `path`, or the first error. `streaming_type` is the Accept header of a stream.
  Result<EncodedRequest> finish(const Request& request, std::string_view path, std::string_view streaming_type);

 private:
  template <class T>
  static bool is_empty(const T&) {
    return false;
  }
  static bool is_empty(const std::string& text) { return text.empty(); }
  static bool is_empty(const option_kind::texts& texts) { return texts.empty(); }
  static bool is_empty(const option_kind::biases& biases) { return biases.empty(); }

  Json to_wire(std::string_view, bool value) { return value; }
  Json to_wire(std::string_view, std::int64_t value) { return value; }
  Json to_wire(std::string_view option, double value);
  Json to_wire(std::string_view option, const std::string& text);
  Json to_wire(std::string_view option, const option_kind::texts& texts);
  Json to_wire(std::string_view option, const option_kind::biases& biases);

  Json body_ = Json::object();
  std::vector<Warning> warnings_;
  std::optional<Error> error_;
  bool has_raw_ = false;
};

/// Returns "message 3 (counted from 0)", as errors name a message's text.
std::string label_of_message(std::size_t index);

}  // namespace abstractllm
