// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_responses/encode.hpp"

#include <string>

#include "protocols/body_writer.hpp"
#include "protocols/offered_tools.hpp"
#include "protocols/openai_models.hpp"
#include "protocols/request_media.hpp"
#include "protocols/sent_call_ids.hpp"

namespace abstractllm::openai_responses {
namespace {

std::string_view word_of(Role role, const OpenaiModelRules& rules) {
  return role == Role::system && rules.reasoning ? std::string_view("developer") : to_string(role);
}

Json text_part(Role role, Json text) {
  Json part = Json::object();
  part["type"] = role == Role::assistant ? "output_text" : "input_text";
  part["text"] = std::move(text);
  return part;
}

Json image_part(const ImageData& image) {
  Json part = Json::object();
  part["type"] = "input_image";
  part["image_url"] = image.as_url();
  if (!image.detail.empty()) part["detail"] = image.detail;
  return part;
}

/// docs/wire-formats.md#responses-files
Json file_part(BodyWriter& writer, const FileData& file, const std::string& label) {
  Json part = Json::object();
  part["type"] = "input_file";
  if (file.url.empty()) {
    part["filename"] = writer.checked(file.name, label);
    part["file_data"] = file.as_data_url();
  } else {
    part["file_url"] = file.url;
  }
  return part;
}

Json content_of(BodyWriter& writer, const Message& message, const std::string& label, RequestMedia& media) {
  Json content = Json::array();
  if (message.parts().empty()) content.push_back(text_part(message.role(), writer.checked(message.text(), label)));
  for (const Part& part : message.parts()) {
    if (const auto* text = std::get_if<Text>(&part))
      content.push_back(text_part(message.role(), writer.checked(text->text, label)));
    else if (std::holds_alternative<Image>(part)) content.push_back(image_part(media.next_image()));
    else if (std::holds_alternative<File>(part)) content.push_back(file_part(writer, media.next_file(), label));
  }
  return content;
}

Json message_item(std::string_view role, Json content) {
  Json item = Json::object();
  item["type"] = "message";  // llama-server refuses an assistant's turn without it
  item["role"] = std::string(role);
  item["content"] = std::move(content);
  return item;
}

/// Writes the parts of an assistant's turn, or of a turn with results, as items.
struct ItemWriter {
  BodyWriter& writer;
  const std::string& label;
  Json& input;
  RequestMedia& media;
  const SentCallIds& ids;

  Json id(const std::string& call_id) const {
    writer.check(call_id, label);
    return ids.of(call_id);
  }
  Json output_of(const ToolResult& result) const {
    if (result.parts.empty()) return writer.checked(result.text, label);
    Json output = Json::array();
    for (const ResultPart& part : result.parts) {
      const auto* text = std::get_if<Text>(&part);
      if (text == nullptr) output.push_back(image_part(media.next_image()));
      else if (!text->text.empty()) output.push_back(text_part(Role::user, writer.checked(text->text, label)));
    }
    return output;
  }
  void operator()(const Text& text) const {
    if (text.text.empty()) return;
    Json item = message_item("assistant", Json::array({text_part(Role::assistant, writer.checked(text.text, label))}));
    if (!text.provider_data.empty()) {
      const Result<Json> data = parse_json(text.provider_data.json(), "provider data");
      if (!data || !data->is_object()) return writer.fail(label + " has provider data that is not a JSON object");
      if (data->contains("phase")) item["phase"] = data->at("phase");
    }
    input.push_back(std::move(item));
  }
  void operator()(const Image&) const {}
  void operator()(const Audio&) const {}
  void operator()(const File&) const {}
  void operator()(const Reasoning& reasoning) const {
    if (!reasoning.provider_data.empty()) input.push_back(writer.raw(reasoning.provider_data.json(), label));
  }
  void operator()(const ToolCall& call) const {
    Json item = Json::object();
    item["type"] = "function_call";
    item["call_id"] = id(call.id);
    item["name"] = writer.checked(call.name, label);
    item["arguments"] = writer.arguments_text(call, label);
    input.push_back(std::move(item));
  }
  void operator()(const HostedToolCall& call) const {
    if (!call.provider_data.empty()) input.push_back(writer.raw(call.provider_data.json(), label));
  }
  void operator()(const ToolResult& result) const {
    Json item = Json::object();
    item["type"] = "function_call_output";
    item["call_id"] = id(result.id);
    item["output"] = output_of(result);
    input.push_back(std::move(item));
  }
};

void write_input(BodyWriter& writer, const Request& request, const OpenaiModelRules& rules) {
  Json input = Json::array();
  RequestMedia media(request);
  const SentCallIds ids(request.messages, CallIdForm::at_most_64);
  for (std::size_t index = 0; index < request.messages.size(); ++index) {
    const Message& message = request.messages[index];
    const std::string label = label_of_message(index);
    const bool as_items = message.role() == Role::assistant || message.role() == Role::tool;
    if (as_items && !message.parts().empty()) {
      for (const Part& part : message.parts()) std::visit(ItemWriter{writer, label, input, media, ids}, part);
      continue;
    }
    input.push_back(message_item(word_of(message.role(), rules), content_of(writer, message, label, media)));
  }
  writer.body()["input"] = std::move(input);
}

void write_sampling(BodyWriter& writer, const Options& options, const OpenaiModelRules& rules) {
  const auto field = [&](std::string_view option, std::string_view name, const auto& value) {
    if (value && !rules.sampling) return writer.ignore(option, rules.why_no_sampling);
    writer.field(option, name, value);
  };
  field("temperature", "temperature", options.temperature());
  field("top_p", "top_p", options.top_p());
  field("top_logprobs", "top_logprobs", options.top_logprobs());
}

/// Requests what an answer has only on request.
void write_include(BodyWriter& writer, const OpenaiModelRules& rules) {
  if (rules.reasoning) writer.body()["include"].push_back("reasoning.encrypted_content");
  if (writer.body().contains("top_logprobs")) writer.body()["include"].push_back("message.output_text.logprobs");
}

void write_reasoning(BodyWriter& writer, const Options& options) {
  Json reasoning = Json::object();
  writer.field(reasoning, "reasoning_effort", "effort", options.reasoning_effort());
  if (!reasoning.empty()) writer.body()["reasoning"] = std::move(reasoning);
}

void append_function(const Tool& tool, const AdaptedSchema& schema, std::string& json) {
  json += R"({"type":"function",)";
  append_name_and_description(json, tool);
  (json += R"("parameters":)") += schema.json;
  json += schema.strict ? R"(,"strict":true})" : R"(,"strict":false})";
}

void write_choice(BodyWriter& writer, const OfferedTools& tools) {
  switch (tools.choice()) {
    case ToolChoice::unset: break;
    case ToolChoice::automatic: writer.body()["tool_choice"] = "auto"; break;
    case ToolChoice::none: writer.body()["tool_choice"] = "none"; break;
    case ToolChoice::required: writer.body()["tool_choice"] = "required"; break;
    case ToolChoice::named:
      writer.body()["tool_choice"]["type"] = "function";
      writer.body()["tool_choice"]["name"] = tools.chosen();
      break;
  }
}

void write_tools(BodyWriter& writer, const Options& options, const ToolRules& rules) {
  const OfferedTools tools(writer, options, rules);
  if (tools.empty()) return;
  writer.body()["tools"] = tools.list(writer, append_function);
  write_choice(writer, tools);
  writer.field("parallel_tool_calls", "parallel_tool_calls", options.parallel_tool_calls());
}

/// Warns of options that Chat Completions or a local engine accepts and this format does not.
void warn_of_the_rest(BodyWriter& writer, const Options& options) {
  writer.field("top_k", "", options.top_k());
  writer.field("min_p", "", options.min_p());
  writer.field("stop", "", options.stop());
  writer.field("seed", "", options.seed());
  writer.field("frequency_penalty", "", options.frequency_penalty());
  writer.field("presence_penalty", "", options.presence_penalty());
  writer.field("repeat_penalty", "", options.repeat_penalty());
  writer.field("logit_bias", "", options.logit_bias());
  writer.field("cache_prompt", "", options.cache_prompt());
}

}  // namespace

MediaSupport media() {
  MediaSupport support;
  support.pdf = support.text_files = true;
  support.urls = MediaSupport::Urls::any;
  support.result_images = true;
  return support;
}

Result<EncodedRequest> encode(const Request& request, ToolRuleSet tools) {
  if (request.messages.empty()) return Error(ErrorKind::invalid_argument, "there are no messages to send");
  const Options& options = request.options;
  const OpenaiModelRules rules = openai_model_rules(options);
  BodyWriter writer;
  writer.field("model", "model", options.model());
  writer.field("system_prompt", "instructions", options.system_prompt());
  write_input(writer, request, rules);
  if (request.delivery == Delivery::stream) writer.body()["stream"] = true;
  writer.body()["store"] = false;  // by default the server keeps each answer
  writer.field("max_tokens", "max_output_tokens", options.max_tokens());
  write_sampling(writer, options, rules);
  write_include(writer, rules);
  write_reasoning(writer, options);
  warn_of_the_rest(writer, options);
  write_tools(writer, options, tool_rules(tools));
  return writer.finish(request, "/responses", "text/event-stream");
}

}  // namespace abstractllm::openai_responses
