// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_chat/encode.hpp"

#include <cmath>
#include <string>

#include "base/json.hpp"
#include "base/utf8.hpp"

namespace abstractllm::openai_chat {
namespace {

/// Fills one request body; the first thing that cannot be said stays in error().
class BodyWriter {
 public:
  template <class T>
  void field(std::string_view option, std::string_view name, const std::optional<T>& value) {
    if (!value || is_empty(*value)) return;
    if (name.empty()) return fail("option " + std::string(option) + " has no field in this server's Chat Completions");
    body_[std::string(name)] = to_wire(option, *value);
  }

  void message(Role role, std::string_view text, std::string_view place) {
    Json entry = Json::object();
    entry["role"] = std::string(to_string(role));
    entry["content"] = checked(text, place);
    body_["messages"].push_back(std::move(entry));
  }

  void merge(const std::optional<std::string>& extra_body) {
    if (!extra_body) return;
    const Result<Json> patch = parse_json(*extra_body, "option extra_body");
    if (!patch) return fail(patch.error().message);
    if (!patch->is_object()) return fail("option extra_body is not a JSON object");
    body_.merge_patch(*patch);
  }

  Json& body() { return body_; }
  const std::optional<Error>& error() const { return error_; }

 private:
  template <class T>
  static bool is_empty(const T&) {
    return false;
  }
  static bool is_empty(const std::string& text) { return text.empty(); }
  static bool is_empty(const option_kind::texts& texts) { return texts.empty(); }
  static bool is_empty(const option_kind::biases& biases) { return biases.empty(); }

  Json to_wire(std::string_view, std::int64_t value) { return value; }

  Json to_wire(std::string_view option, double value) {
    // JSON has no word for these; nlohmann would write null.
    if (!std::isfinite(value)) fail("option " + std::string(option) + " is not a finite number");
    return value;
  }

  Json to_wire(std::string_view option, const std::string& text) {
    return checked(text, "option " + std::string(option));
  }

  Json to_wire(std::string_view option, const option_kind::texts& texts) {
    Json list = Json::array();
    for (const std::string& text : texts) {
      list.push_back(checked(text, "option " + std::string(option) + ", element " + std::to_string(list.size()) + ","));
    }
    return list;
  }

  Json to_wire(std::string_view option, const option_kind::biases& biases) {
    Json object = Json::object();
    for (const auto& [token, bias] : biases) {
      // OpenAI's specification has whole numbers here.
      const bool whole = std::abs(bias) < 1e9 && bias == std::floor(bias);
      object[std::to_string(token)] = whole ? Json(static_cast<std::int64_t>(bias)) : to_wire(option, bias);
    }
    return object;
  }

  Json checked(std::string_view text, std::string_view place) {
    if (const std::optional<std::size_t> offset = find_invalid_utf8(text)) {
      fail(std::string(place) + " is not valid UTF-8 at byte " + std::to_string(*offset));
      return nullptr;
    }
    return text;
  }

  void fail(std::string message) {
    if (!error_) error_.emplace(ErrorKind::invalid_argument, std::move(message));
  }

  Json body_ = Json::object();
  std::optional<Error> error_;
};

void write_messages(BodyWriter& writer, const Request& request) {
  writer.body()["messages"] = Json::array();
  const std::optional<std::string>& system_prompt = request.options.system_prompt();
  if (system_prompt && !system_prompt->empty()) writer.message(Role::system, *system_prompt, "option system_prompt");
  for (std::size_t index = 0; index < request.messages.size(); ++index) {
    const Message& message = request.messages[index];
    writer.message(message.role(), message.text(), "message " + std::to_string(index) + " (counted from 0)");
  }
}

void write_options(BodyWriter& writer, const Options& options, const FieldNames& fields) {
  writer.field("temperature", fields.temperature, options.temperature());
  writer.field("top_p", fields.top_p, options.top_p());
  writer.field("top_k", fields.top_k, options.top_k());
  writer.field("min_p", fields.min_p, options.min_p());
  writer.field("max_tokens", fields.max_tokens, options.max_tokens());
  writer.field("stop", fields.stop, options.stop());
  writer.field("seed", fields.seed, options.seed());
  writer.field("frequency_penalty", fields.frequency_penalty, options.frequency_penalty());
  writer.field("presence_penalty", fields.presence_penalty, options.presence_penalty());
  writer.field("repeat_penalty", fields.repeat_penalty, options.repeat_penalty());
  writer.field("logit_bias", fields.logit_bias, options.logit_bias());
}

}  // namespace

Result<HttpRequest> encode(const Request& request, const FieldNames& fields) {
  if (request.messages.empty()) return Error(ErrorKind::invalid_argument, "there are no messages to send");
  const bool streaming = request.delivery == Delivery::stream;
  BodyWriter writer;
  writer.field("model", "model", request.options.model());
  write_messages(writer, request);
  if (streaming) {
    writer.body()["stream"] = true;
    // Without it most servers keep the token counts to themselves.
    if (!fields.stream_options.empty()) writer.body()[std::string(fields.stream_options)]["include_usage"] = true;
  }
  write_options(writer, request.options, fields);
  writer.merge(request.options.extra_body());
  if (writer.error()) return *writer.error();

  HttpRequest http;
  http.url = "/chat/completions";
  http.headers.emplace_back("Content-Type", "application/json");
  http.headers.emplace_back("Accept", streaming ? "text/event-stream" : "application/json");
  http.body = dump_json(writer.body());
  return http;
}

}  // namespace abstractllm::openai_chat
