// SPDX-License-Identifier: Apache-2.0
#include "core/part_json.hpp"

#include "abstractllm/json.hpp"
#include "base/base64.hpp"
#include "base/json_text.hpp"

namespace abstractllm {
namespace {

/// Deeper JSON is written as a string: readers of JSON have limits, and some use recursion.
constexpr std::size_t max_depth = 200;

/// Arguments that are not an object are invalid, and are written as the text that they are.
std::string arguments_json(const ToolCall& call, JsonSpelling spelling) {
  if (call.arguments_json.empty() && !call.incomplete) return "{}";
  const bool is_object = JsonTokens(call.arguments_json).next().kind == JsonToken::Kind::begin_object;
  return is_object ? json_or_string(call.arguments_json, spelling) : json_string(call.arguments_json);
}

void add_provider_data(JsonWriter& json, const ProviderData& data, JsonSpelling spelling) {
  if (data.empty()) return;
  JsonWriter object;
  object.add("provider", data.provider());
  object.add("protocol", data.protocol());
  object.add_known("host", data.host());
  object.add_known("model", data.model());
  object.add_json("data", json_or_string(data.json(), spelling));
  json.add_json("provider_data", std::move(object).finish());
}

/// The string that an attachment is read from again. Bytes become base64.
std::string source_of(const Attachment& attachment) {
  return attachment.kind() == SourceKind::bytes ? to_base64(attachment.value()) : attachment.value();
}

/// The same for a file. Base64 of text could be a name, so it becomes a data URL.
std::string source_of(const File& file) {
  const bool is_base64 = file.kind() == SourceKind::bytes || file.kind() == SourceKind::base64;
  const std::string source = source_of(static_cast<const Attachment&>(file));
  return is_base64 ? "data:application/octet-stream;base64," + source : source;
}

struct AddPart {
  JsonWriter& json;
  JsonSpelling spelling;

  void operator()(const Text& text) const {
    json.add("type", "text");
    json.add("text", text.text);
    add_provider_data(json, text.provider_data, spelling);
  }
  void operator()(const Image& image) const {
    json.add("type", "image");
    json.add("image", source_of(image));
    json.add_known("detail", image.detail());
  }
  void operator()(const Audio& audio) const {
    json.add("type", "audio");
    json.add("audio", source_of(audio));
  }
  void operator()(const File& file) const {
    json.add("type", "file");
    json.add("file", source_of(file));
    json.add_known("name", file.name());
    if (file.inline_text()) json.add("inline", true);
  }
  void operator()(const Reasoning& reasoning) const {
    json.add("type", "reasoning");
    json.add("text", reasoning.text);
    add_provider_data(json, reasoning.provider_data, spelling);
  }
  void operator()(const ToolCall& call) const {
    json.add("type", "tool_call");
    add_tool_call(json, call, spelling);
  }
  void operator()(const ToolResult& result) const {
    json.add("type", "tool_result");
    json.add("id", result.id);
    json.add_known("name", result.name);
    if (result.parts.empty()) json.add("content", result.text);
    else json.add_json("content", content_json(result.parts));
    if (result.is_error) json.add("is_error", true);
    add_provider_data(json, result.provider_data, spelling);
  }
  void operator()(const HostedToolCall& call) const {
    json.add("type", "hosted_tool_call");
    add_hosted_call(json, call, spelling);
  }

 private:
  std::string content_json(const std::vector<ResultPart>& parts) const {
    JsonWriter list("[]");
    for (const ResultPart& part : parts) {
      JsonWriter object;
      std::visit(AddPart{object, spelling}, part);
      list.add_element(std::move(object).finish());
    }
    return std::move(list).finish();
  }
};

}  // namespace

std::string json_or_string(std::string_view text, JsonSpelling spelling) {
  if (find_json_fault(text, max_depth)) return json_string(text);
  const bool is_one_line = text.find_first_of("\r\n") == std::string_view::npos;
  return spelling == JsonSpelling::exact && is_one_line ? std::string(text) : compact_json(text);
}

void add_tool_call(JsonWriter& json, const ToolCall& call, JsonSpelling spelling) {
  json.add("id", call.id);
  json.add("name", call.name);
  json.add_json("arguments", arguments_json(call, spelling));
  if (call.incomplete) json.add("incomplete", true);
  add_provider_data(json, call.provider_data, spelling);
}

void add_hosted_call(JsonWriter& json, const HostedToolCall& call, JsonSpelling spelling) {
  json.add("id", call.id);
  json.add("name", call.name);
  json.add_json("data", json_or_string(call.data_json, spelling));
  add_provider_data(json, call.provider_data, spelling);
}

void add_part(JsonWriter& json, const Part& part, JsonSpelling spelling) { std::visit(AddPart{json, spelling}, part); }

}  // namespace abstractllm
