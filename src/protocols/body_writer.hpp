// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/provider.hpp"
#include "base/json.hpp"

namespace abstractllm {

/// Fills the JSON body of one request from options. What cannot be said at all stays in error(), the first such thing;
/// what this server or model does not take becomes a Warning.
class BodyWriter {
 public:
  /// `target[name]`: the option's value, unless it is unset or empty. An empty name: the server has no such field, and
  /// there is a Warning "option_ignored".
  template <class T>
  void field(Json& target, std::string_view option, std::string_view name, const std::optional<T>& value) {
    if (!value || is_empty(*value)) return;
    if (name.empty()) return ignore(option, "this provider's wire format has no field for it");
    target[std::string(name)] = to_wire(option, *value);
  }

  /// The same, straight into the body.
  template <class T>
  void field(std::string_view option, std::string_view name, const std::optional<T>& value) {
    field(body_, option, name, value);
  }

  /// `text` where it is UTF-8; else null, and an error that names `place` and the byte.
  Json checked(std::string_view text, std::string_view place);

  /// `json` as a value that is written as it is spelled, so that no number is rounded. Where it is not JSON: null, and
  /// an error that names `place`.
  Json raw(std::string_view json, std::string_view place);

  /// The arguments of a call as an object in its own spelling. What is no JSON object goes in as
  /// {"INVALID_JSON": "the text"}, as Anthropic advises
  /// (https://platform.claude.com/docs/en/agents-and-tools/tool-use/fine-grained-tool-streaming, 2026-11).
  Json arguments_object(const ToolCall& call, std::string_view place);

  /// The arguments of a call as the text that the model wrote; "{}" where there is none.
  Json arguments_text(const ToolCall& call, std::string_view place);

  /// Warning "option_ignored": "option NAME is not sent: WHY".
  void ignore(std::string_view option, std::string_view why);

  /// Merges Options::extra_body as RFC 7396 (JSON Merge Patch) says. To be called last.
  void merge(const std::optional<std::string>& extra_body);

  void fail(std::string message);

  Json& body() { return body_; }

  /// The request to POST to `path`, or the first error. `streaming_type`: the Accept header of a stream.
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

/// "message 3 (counted from 0)", as errors name a message's text.
std::string place_of_message(std::size_t index);

}  // namespace abstractllm
