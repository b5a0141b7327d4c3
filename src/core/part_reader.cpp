// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <initializer_list>

#include "core/part_reader.hpp"

namespace abstractllm {

Error PartReader::wrong(const std::string& problem) const {
  return {ErrorKind::invalid_argument, "messages[" + std::to_string(message_) + "] " + problem};
}

Result<void> PartReader::check_fields(const Json& json, std::initializer_list<std::string_view> known) const {
  for (const auto& [name, value] : json.items())
    if (std::find(known.begin(), known.end(), name) == known.end())
      return wrong("has a part with an unknown field '" + name + "'");
  return {};
}

Result<std::string> PartReader::text_at(const Json& json, const char* name) const {
  const auto found = json.find(name);
  if (found != json.end() && found->is_string()) return found->get<std::string>();
  return wrong(std::string("has a part without the string '") + name + "'");
}

Result<std::string> PartReader::text_or_empty(const Json& json, const char* name) const {
  return json.contains(name) ? text_at(json, name) : Result<std::string>(std::string());
}

Result<bool> PartReader::flag_at(const Json& json, const char* name) const {
  const auto found = json.find(name);
  if (found == json.end()) return false;
  if (found->is_boolean()) return found->get<bool>();
  return wrong(std::string("has a part whose '") + name + "' is neither true nor false");
}

Result<Part> PartReader::read(const Json& json) const {
  struct Row {
    std::string_view type;
    Result<Part> (PartReader::*read)(const Json&) const;
  };
  static constexpr Row rows[] = {
      {"text", &PartReader::read_text_part}, {"image_url", &PartReader::read_image_url},
      {"audio", &PartReader::read_audio},    {"input_audio", &PartReader::read_input_audio},
      {"file", &PartReader::read_file},      {"reasoning", &PartReader::read_reasoning},
      {"tool_call", &PartReader::read_call}, {"tool_result", &PartReader::read_result},
      {"hosted_tool_call", &PartReader::read_hosted_call},
  };
  if (!json.is_object()) return wrong("has a part that is not an object");
  const auto type = text_at(json, "type");
  if (!type) return type.error();
  for (const Row& row : rows)
    if (row.type == *type) return (this->*row.read)(json);
  if (*type == "image") {
    if (auto fits = check_fields(json, {"type", "image", "detail"}); !fits) return std::move(fits).error();
    return read_image(json, "image");
  }
  return wrong("has a part of type '" + *type +
               "'; known are text, image, image_url, audio, input_audio, file, reasoning, tool_call, tool_result and "
               "hosted_tool_call");
}

Result<Part> PartReader::read_text_part(const Json& json) const {
  if (auto fits = check_fields(json, {"type", "text", "provider_data"}); !fits) return std::move(fits).error();
  auto text = text_at(json, "text");
  if (!text) return std::move(text).error();
  Text part(*std::move(text));
  if (auto read = read_provider_data(json, part.provider_data); !read) return std::move(read).error();
  return Part(std::move(part));
}

Result<Part> PartReader::read_image(const Json& json, const char* name) const {
  auto source = text_at(json, name);
  if (!source) return std::move(source).error();
  Image image(*std::move(source));
  auto detail = text_or_empty(json, "detail");
  if (!detail) return std::move(detail).error();
  if (!detail->empty()) image.detail(*std::move(detail));
  return Part(std::move(image));
}

Result<Part> PartReader::read_image_url(const Json& json) const {
  const auto image = json.find("image_url");
  if (image == json.end() || !image->is_object()) return wrong("has a part of type 'image_url' without that object");
  if (auto fits = check_fields(*image, {"url", "detail"}); !fits) return std::move(fits).error();
  return read_image(*image, "url");
}

Result<Part> PartReader::read_audio(const Json& json) const {
  if (auto fits = check_fields(json, {"type", "audio"}); !fits) return std::move(fits).error();
  auto source = text_at(json, "audio");
  if (!source) return std::move(source).error();
  return Part(Audio(*std::move(source)));
}

/// OpenAI's form. The content of the data decides the format.
Result<Part> PartReader::read_input_audio(const Json& json) const {
  const auto audio = json.find("input_audio");
  if (audio == json.end() || !audio->is_object()) return wrong("has a part of type 'input_audio' without that object");
  if (auto fits = check_fields(*audio, {"data", "format"}); !fits) return std::move(fits).error();
  const auto data = audio->find("data");
  const Result<Json> text = parse_json(data == audio->end() ? "0" : spellings_.spelling_of(*data), "data");
  if (!text || !text->is_string()) return wrong("has a part without the string 'data'");
  return Part(Audio::base64(text->get<std::string>()));
}

Result<Part> PartReader::read_file(const Json& json) const {
  const auto object = json.find("file");
  if (object != json.end() && object->is_object()) return read_openai_file(*object);
  if (auto fits = check_fields(json, {"type", "file", "name", "inline"}); !fits) return std::move(fits).error();
  auto source = text_at(json, "file");
  if (!source) return std::move(source).error();
  File file(*std::move(source));
  auto name = text_or_empty(json, "name");
  if (!name) return std::move(name).error();
  file.name(*std::move(name));
  auto is_inline = flag_at(json, "inline");
  if (!is_inline) return std::move(is_inline).error();
  file.inline_text(*is_inline);
  return Part(std::move(file));
}

/// OpenAI's form: {"type": "file", "file": {"filename", "file_data": "data:…"}}. Ids of uploaded files are not known
/// here.
Result<Part> PartReader::read_openai_file(const Json& json) const {
  if (auto fits = check_fields(json, {"filename", "file_data"}); !fits) return std::move(fits).error();
  auto data = text_at(json, "file_data");
  if (!data) return std::move(data).error();
  auto name = text_or_empty(json, "filename");
  if (!name) return std::move(name).error();
  return Part(File::url(*std::move(data)).name(*std::move(name)));
}

Result<Part> PartReader::read_reasoning(const Json& json) const {
  if (auto fits = check_fields(json, {"type", "text", "provider_data"}); !fits) return std::move(fits).error();
  auto text = text_at(json, "text");
  if (!text) return std::move(text).error();
  Reasoning part(*std::move(text));
  if (auto read = read_provider_data(json, part.provider_data); !read) return std::move(read).error();
  return Part(std::move(part));
}

Result<Part> PartReader::read_call(const Json& json) const {
  if (auto fits = check_fields(json, {"type", "id", "name", "arguments", "incomplete", "provider_data"}); !fits)
    return std::move(fits).error();
  auto id = text_at(json, "id");
  if (!id) return std::move(id).error();
  auto name = text_at(json, "name");
  if (!name) return std::move(name).error();
  auto incomplete = flag_at(json, "incomplete");
  if (!incomplete) return std::move(incomplete).error();
  ToolCall call(*std::move(id), *std::move(name), {}, *incomplete);
  if (auto read = read_arguments(json, call); !read) return std::move(read).error();
  if (auto read = read_provider_data(json, call.provider_data); !read) return std::move(read).error();
  return Part(std::move(call));
}

Result<void> PartReader::read_arguments(const Json& json, ToolCall& call) const {
  const auto arguments = json.find("arguments");
  if (arguments == json.end()) return {};
  if (!arguments->is_string() && !arguments->is_structured())
    return wrong("has a tool call whose 'arguments' are neither an object nor a string");
  call.arguments_json = arguments->is_string() ? arguments->get<std::string>() : spellings_.spelling_of(*arguments);
  return {};
}

Result<Part> PartReader::read_openai_call(const Json& json) const {
  const auto function = json.is_object() ? json.find("function") : json.end();
  if (!json.is_object() || function == json.end() || !function->is_object())
    return wrong("has an element of tool_calls without the object 'function'");
  auto id = text_at(json, "id");
  if (!id) return std::move(id).error();
  auto name = text_at(*function, "name");
  if (!name) return std::move(name).error();
  ToolCall call(*std::move(id), *std::move(name));
  if (auto read = read_arguments(*function, call); !read) return std::move(read).error();
  return Part(std::move(call));
}

Result<Part> PartReader::read_result(const Json& json) const {
  if (auto fits = check_fields(json, {"type", "id", "name", "content", "is_error", "provider_data"}); !fits)
    return std::move(fits).error();
  auto id = text_at(json, "id");
  if (!id) return std::move(id).error();
  auto name = text_or_empty(json, "name");
  if (!name) return std::move(name).error();
  const auto content = json.find("content");
  auto parts = read_content(content == json.end() ? Json() : *content);
  if (!parts) return std::move(parts).error();
  auto is_error = flag_at(json, "is_error");
  if (!is_error) return std::move(is_error).error();
  ToolResult result(*std::move(id), *std::move(name), *std::move(parts), *is_error);
  if (auto read = read_provider_data(json, result.provider_data); !read) return std::move(read).error();
  return Part(std::move(result));
}

Result<Part> PartReader::read_hosted_call(const Json& json) const {
  if (auto fits = check_fields(json, {"type", "id", "name", "data", "provider_data"}); !fits)
    return std::move(fits).error();
  auto id = text_at(json, "id");
  if (!id) return std::move(id).error();
  auto name = text_at(json, "name");
  if (!name) return std::move(name).error();
  const auto data = json.find("data");
  if (data == json.end()) return wrong("has a hosted tool call without 'data'");
  HostedToolCall call(*std::move(id), *std::move(name), spellings_.spelling_of(*data));
  if (auto read = read_provider_data(json, call.provider_data); !read) return std::move(read).error();
  return Part(std::move(call));
}

Result<std::vector<ResultPart>> PartReader::read_content(const Json& content) const {
  if (content.is_string()) return std::vector<ResultPart>{Text(content.get<std::string>())};
  if (!content.is_array()) return wrong("has a tool result whose content is neither a string nor a list of parts");
  std::vector<ResultPart> parts;
  for (const Json& each : content) {
    auto part = read(each);
    if (!part) return std::move(part).error();
    if (auto* text = std::get_if<Text>(&*part)) parts.emplace_back(std::move(*text));
    else if (auto* image = std::get_if<Image>(&*part)) parts.emplace_back(std::move(*image));
    else return wrong("has a tool result with a part that is neither text nor an image");
  }
  return parts;
}

Result<void> PartReader::read_provider_data(const Json& json, ProviderData& data) const {
  const auto found = json.find("provider_data");
  if (found == json.end()) return {};
  if (!found->is_object()) return wrong("has a part whose 'provider_data' is not an object");
  if (auto fits = check_fields(*found, {"provider", "protocol", "host", "model", "data"}); !fits) return fits;
  std::string texts[4];
  const char* const names[] = {"provider", "protocol", "host", "model"};
  for (std::size_t at = 0; at < 4; ++at) {
    auto text = at < 2 ? text_at(*found, names[at]) : text_or_empty(*found, names[at]);
    if (!text) return std::move(text).error();
    texts[at] = *std::move(text);
  }
  const auto value = found->find("data");
  if (value == found->end()) return wrong("has a part whose 'provider_data' has no 'data'");
  data = ProviderData(std::move(texts[0]), std::move(texts[1]), std::move(texts[2]), std::move(texts[3]),
                      spellings_.spelling_of(*value));
  return {};
}

}  // namespace abstractllm
