// SPDX-License-Identifier: Apache-2.0
#include "protocols/body_writer.hpp"

#include <cmath>

#include "abstractllm/json.hpp"
#include "base/json_text.hpp"
#include "base/utf8.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t max_raw_depth = 200;

/// Does the same as dump_json(), but writes the bytes of binary values unchanged: those come from raw() and are JSON
/// already. It recurses, which is safe because no body is nested deep: JSON from outside is parsed with a limit.
void write(const Json& value, std::string& text) {
  if (value.is_binary()) {
    const auto& bytes = value.get_binary();
    text.append(bytes.begin(), bytes.end());
  } else if (value.is_object()) {
    char before = '{';
    for (const auto& [name, member] : value.items()) {
      (text += before) += json_string(name) + ":";
      write(member, text);
      before = ',';
    }
    text += value.empty() ? "{}" : "}";
  } else if (value.is_array()) {
    char before = '[';
    for (const Json& element : value) {
      text += before;
      write(element, text);
      before = ',';
    }
    text += value.empty() ? "[]" : "]";
  } else {
    text += dump_json(value);
  }
}

}  // namespace

Json BodyWriter::raw(std::string_view json, std::string_view label) {
  if (JsonTokens(json).next().kind != JsonToken::Kind::begin_object || find_json_fault(json, max_raw_depth)) {
    fail(std::string(label) + " has provider data that is not a JSON object of at most " +
         std::to_string(max_raw_depth) + " levels");
    return nullptr;
  }
  return as_written(compact_json(json));
}

Json BodyWriter::as_written(std::string_view json) {
  has_raw_ = true;
  return Json::binary({json.begin(), json.end()});
}

Json BodyWriter::arguments_object(const ToolCall& call, std::string_view label) {
  const std::string& text = call.arguments_json;
  if (text.empty()) return Json::object();
  const bool is_object = JsonTokens(text).next().kind == JsonToken::Kind::begin_object;
  if (is_object && !find_json_fault(text, max_raw_depth)) return raw(text, label);
  Json object = Json::object();
  object["INVALID_JSON"] = checked(text, label);
  return object;
}

Json BodyWriter::arguments_text(const ToolCall& call, std::string_view label) {
  return call.arguments_json.empty() ? Json("{}") : checked(call.arguments_json, label);
}

Json BodyWriter::to_wire(std::string_view option, double value) {
  // JSON cannot express these. nlohmann would write null.
  if (!std::isfinite(value)) fail("option " + std::string(option) + " is not a finite number");
  return value;
}

Json BodyWriter::to_wire(std::string_view option, const std::string& text) {
  return checked(text, "option " + std::string(option));
}

Json BodyWriter::to_wire(std::string_view option, const option_kind::texts& texts) {
  Json list = Json::array();
  for (const std::string& text : texts)
    list.push_back(checked(text, "option " + std::string(option) + ", element " + std::to_string(list.size()) + ","));
  return list;
}

Json BodyWriter::to_wire(std::string_view option, const option_kind::biases& biases) {
  Json object = Json::object();
  for (const auto& [token, bias] : biases) {
    // OpenAI's specification requires whole numbers here.
    const bool whole = std::abs(bias) < 1e9 && bias == std::floor(bias);
    object[std::to_string(token)] = whole ? Json(static_cast<std::int64_t>(bias)) : to_wire(option, bias);
  }
  return object;
}

void BodyWriter::check(std::string_view text, std::string_view label) {
  if (const std::optional<std::size_t> offset = find_invalid_utf8(text))
    fail(std::string(label) + " is not valid UTF-8 at byte " + std::to_string(*offset));
}

Json BodyWriter::checked(std::string_view text, std::string_view label) {
  check(text, label);
  return error_ ? Json() : Json(text);
}

void BodyWriter::warn(std::string code, std::string message) {
  warnings_.push_back({std::move(code), std::move(message)});
}

void BodyWriter::ignore(std::string_view option, std::string_view why) {
  warn("option_ignored", "option " + std::string(option) + " is not sent: " + std::string(why));
}

void BodyWriter::merge(const std::optional<std::string>& extra_body) {
  if (!extra_body) return;
  const Result<Json> patch = parse_json(*extra_body, "option extra_body");
  if (!patch) return fail(patch.error().message);
  if (!patch->is_object()) return fail("option extra_body is not a JSON object");
  body_.merge_patch(*patch);
}

void BodyWriter::fail(std::string message) {
  if (!error_) error_.emplace(ErrorKind::invalid_argument, std::move(message));
}

Result<EncodedRequest> BodyWriter::finish(const Request& request, std::string_view path,
                                          std::string_view streaming_type) {
  merge(request.options.extra_body());
  if (error_) return *error_;
  EncodedRequest encoded;
  encoded.http.url = path;
  encoded.http.headers.emplace_back("Content-Type", "application/json");
  const bool streaming = request.delivery == Delivery::stream;
  encoded.http.headers.emplace_back("Accept", std::string(streaming ? streaming_type : "application/json"));
  if (has_raw_) write(body_, encoded.http.body);
  else encoded.http.body = dump_json(body_);
  encoded.warnings = std::move(warnings_);
  return encoded;
}

std::string label_of_message(std::size_t index) {
  std::string label;
  label.reserve(48);  // each message has one, and few are read
  label += "message ";
  label += std::to_string(index);
  label += " (counted from 0)";
  return label;
}

}  // namespace abstractllm
