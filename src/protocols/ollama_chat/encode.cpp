// SPDX-License-Identifier: Apache-2.0
#include "protocols/ollama_chat/encode.hpp"

#include <array>
#include <map>
#include <string>
#include <utility>

#include "protocols/body_writer.hpp"
#include "protocols/embed_request.hpp"
#include "protocols/offered_tools.hpp"
#include "protocols/request_media.hpp"

namespace abstractllm::ollama_chat {
namespace {

Json entry_of(Role role, Json content) {
  Json entry = Json::object();
  entry["role"] = std::string(to_string(role));
  entry["content"] = std::move(content);
  return entry;
}

/// Images are in a list next to the text. The server puts them before it, or in place of "[img]" in it
/// (server/prompt.go, v0.17.4).
void write_parts(BodyWriter& writer, const Message& message, RequestMedia& media, Json& entry) {
  std::string text;
  for (const Part& part : message.parts()) {
    if (const auto* piece = std::get_if<Text>(&part)) text += piece->text;
    if (!std::holds_alternative<Image>(part)) continue;
    const ImageData& image = media.next_image();
    if (!image.detail.empty()) writer.ignore("detail of an image", "this wire format has no field for it");
    entry["images"].push_back(image.base64);
    if (!text.empty()) text += "[img]";
  }
  entry["content"] = std::move(text);
}

/// Adds the model's reasoning and its tool calls.
void write_calls(BodyWriter& writer, const Message& message, const std::string& label, Json& entry) {
  std::string thoughts;
  Json calls = Json::array();
  for (const Part& part : message.parts()) {
    if (const auto* reasoning = std::get_if<Reasoning>(&part)) thoughts += reasoning->text;
    const auto* call = std::get_if<ToolCall>(&part);
    if (call == nullptr) continue;
    Json object = Json::object();
    object["id"] = writer.checked(call->id, label);
    object["function"]["name"] = writer.checked(call->name, label);
    object["function"]["arguments"] = writer.arguments_object(*call, label);
    calls.push_back(std::move(object));
  }
  if (!thoughts.empty()) entry["thinking"] = writer.checked(thoughts, label);
  if (!calls.empty()) entry["tool_calls"] = std::move(calls);
}

/// Tool names by the ids of their calls.
using ToolNames = std::map<std::string_view, std::string_view>;

ToolNames names_of_calls(const std::vector<Message>& messages) {
  ToolNames names;
  for (const Message& message : messages)
    for (const Part& part : message.parts())
      if (const auto* call = std::get_if<ToolCall>(&part)) names[call->id] = call->name;
  return names;
}

void write_results(BodyWriter& writer, const Message& message, const std::string& label, const ToolNames& names,
                   Json& messages) {
  for (const Part& part : message.parts()) {
    const auto* result = std::get_if<ToolResult>(&part);
    if (result == nullptr) continue;
    Json entry = entry_of(Role::tool, writer.checked(result->text, label));
    const auto known = names.find(result->id);
    const std::string_view name = result->name.empty() && known != names.end() ? known->second : result->name;
    if (!name.empty()) entry["tool_name"] = writer.checked(name, label);
    entry["tool_call_id"] = writer.checked(result->id, label);
    messages.push_back(std::move(entry));
  }
}

void write_messages(BodyWriter& writer, const Request& request) {
  Json messages = Json::array();
  const std::optional<std::string>& system_prompt = request.options.system_prompt();
  if (system_prompt && !system_prompt->empty())
    messages.push_back(entry_of(Role::system, writer.checked(*system_prompt, "option system_prompt")));
  RequestMedia media(request);
  const ToolNames names = names_of_calls(request.messages);
  for (std::size_t index = 0; index < request.messages.size(); ++index) {
    const Message& message = request.messages[index];
    const std::string label = label_of_message(index);
    if (message.role() == Role::tool) {
      write_results(writer, message, label, names, messages);
      continue;
    }
    Json entry = entry_of(message.role(), writer.checked(message.text(), label));
    if (!message.parts().empty()) write_parts(writer, message, media, entry);
    write_calls(writer, message, label, entry);
    messages.push_back(std::move(entry));
  }
  writer.body()["messages"] = std::move(messages);
}

/// Ollama accepts low, medium, high and max. Its own OpenAI layer maps the other words in the same way.
void write_think(BodyWriter& writer, std::optional<std::string> effort) {
  if (effort == "none") {
    writer.body()["think"] = false;
    return;
  }
  if (effort == "minimal") effort = "low";
  if (effort == "xhigh") effort = "max";
  writer.field("reasoning_effort", "think", effort);
}

void write_logprobs(BodyWriter& writer, const std::optional<std::int64_t>& top) {
  if (!top) return;
  writer.body()["logprobs"] = true;
  if (*top > 0) writer.field("top_logprobs", "top_logprobs", top);
}

void write_context_size(BodyWriter& writer, Json& target, const std::optional<std::int64_t>& size) {
  if (size == 0) writer.ignore("context_size", "Ollama has no word for the size that the model was trained with");
  else writer.field(target, "context_size", "num_ctx", size);
}

void write_sampling(BodyWriter& writer, const Options& options) {
  Json sampling = Json::object();
  const auto field = [&](std::string_view option, std::string_view name, const auto& value) {
    writer.field(sampling, option, name, value);
  };
  field("temperature", "temperature", options.temperature());
  field("top_p", "top_p", options.top_p());
  field("top_k", "top_k", options.top_k());
  field("min_p", "min_p", options.min_p());
  field("max_tokens", "num_predict", options.max_tokens());
  field("stop", "stop", options.stop());
  field("seed", "seed", options.seed());
  field("frequency_penalty", "frequency_penalty", options.frequency_penalty());
  field("presence_penalty", "presence_penalty", options.presence_penalty());
  field("repeat_penalty", "repeat_penalty", options.repeat_penalty());
  field("logit_bias", "", options.logit_bias());
  field("cache_prompt", "", options.cache_prompt());
  write_context_size(writer, sampling, options.context_size());
  if (!sampling.empty()) writer.body()["options"] = std::move(sampling);
}

/// The server reads no tool_choice (docs/wire-formats.md#ollama-chat). Without tools the model can call none.
void write_tools(BodyWriter& writer, const Options& options) {
  const OfferedTools tools(writer, options, tool_rules(ToolRuleSet::any), "Ollama runs no tools");
  if (tools.empty() || tools.choice() == ToolChoice::none) return;
  constexpr std::string_view no_field = "Ollama has no field for it, so the model decides";
  if (tools.is_forced()) writer.ignore("tool_choice", no_field);
  if (tools.one_at_a_time()) writer.ignore("parallel_tool_calls", no_field);
  writer.body()["tools"] = tools.list(writer, append_chat_function);
}

/// A number means whole seconds, and a string is a Go duration. 0 unloads the model after the answer. The server's
/// default is 5 minutes. https://docs.ollama.com/api (2026-11), Duration.UnmarshalJSON in api/types.go
void write_keep_alive(BodyWriter& writer, const std::optional<option_kind::duration>& time) {
  if (!time) return;
  const std::int64_t milliseconds = time->count();
  if (milliseconds % 1000 == 0) writer.body()["keep_alive"] = milliseconds / 1000;
  else writer.body()["keep_alive"] = std::to_string(milliseconds) + "ms";
}

}  // namespace

std::span<const std::string_view> engine_options() {
  static constexpr std::array<std::string_view, 2> names = {"context_size", "keep_alive"};
  return names;
}

Result<EncodedRequest> encode(const Request& request) {
  if (request.messages.empty()) return Error(ErrorKind::invalid_argument, "there are no messages to send");
  const Options& options = request.options;
  BodyWriter writer;
  writer.field("model", "model", options.model());
  write_messages(writer, request);
  writer.body()["stream"] = request.delivery == Delivery::stream;
  write_think(writer, options.reasoning_effort());
  write_logprobs(writer, options.top_logprobs());
  write_sampling(writer, options);
  write_keep_alive(writer, options.keep_alive());
  write_tools(writer, options);
  return writer.finish(request, "/api/chat", "application/x-ndjson");
}

Result<HttpRequest> encode_embed(const EmbedQuestion& question) {
  const Options& options = question.options;
  BodyWriter writer;
  writer.field("model", "model", options.model());
  write_texts(writer, question);
  writer.body()["truncate"] = false;
  writer.field("dimensions", "dimensions", options.dimensions());
  Json load = Json::object();
  write_context_size(writer, load, options.context_size());
  if (!load.empty()) writer.body()["options"] = std::move(load);
  write_keep_alive(writer, options.keep_alive());
  return whole_request(writer, options, "/api/embed");
}

}  // namespace abstractllm::ollama_chat
