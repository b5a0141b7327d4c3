// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_chat/encode.hpp"

#include <string>

#include "base/json_text.hpp"
#include "protocols/body_writer.hpp"
#include "protocols/offered_tools.hpp"
#include "protocols/openai_models.hpp"
#include "protocols/request_media.hpp"

namespace abstractllm::openai_chat {
namespace {

Json text_part(Json text) {
  Json part = Json::object();
  part["type"] = "text";
  part["text"] = std::move(text);
  return part;
}

Json image_part(const ImageData& image) {
  Json part = Json::object();
  part["type"] = "image_url";
  part["image_url"]["url"] = image.as_url();
  if (!image.detail.empty()) part["image_url"]["detail"] = image.detail;
  return part;
}

/// OpenAI's form (docs/wire-formats.md#chat-audio), or Mistral's, which is the base64 alone
/// (docs/wire-formats.md#mistral).
Json audio_part(const AudioData& audio, AudioForm form) {
  Json part = Json::object();
  part["type"] = "input_audio";
  if (form == AudioForm::text) {
    part["input_audio"] = audio.base64;
  } else {
    part["input_audio"]["data"] = audio.base64;
    part["input_audio"]["format"] = audio.format;
  }
  return part;
}

/// docs/wire-formats.md#chat-files
Json file_part(BodyWriter& writer, const FileData& file, const std::string& label) {
  Json part = Json::object();
  part["type"] = "file";
  part["file"]["filename"] = writer.checked(file.name, label);
  part["file"]["file_data"] = file.url.empty() ? file.as_data_url() : file.url;
  return part;
}

/// Where messages are written, and what they have in common.
struct ContentWriter {
  BodyWriter& writer;
  RequestMedia& media;
  const Dialect& dialect;
  const SentCallIds& ids;

  Json id(const std::string& call_id, const std::string& label) const {
    writer.check(call_id, label);
    return ids.of(call_id);
  }
};

Json content_of(const ContentWriter& to, const Message& message, const std::string& label) {
  if (message.parts().empty()) return to.writer.checked(message.text(), label);
  Json content = Json::array();
  for (const Part& part : message.parts()) {
    if (const auto* text = std::get_if<Text>(&part)) content.push_back(text_part(to.writer.checked(text->text, label)));
    else if (std::holds_alternative<Image>(part)) content.push_back(image_part(to.media.next_image()));
    else if (std::holds_alternative<Audio>(part))
      content.push_back(audio_part(to.media.next_audio(), to.dialect.audio));
    else if (std::holds_alternative<File>(part)) content.push_back(file_part(to.writer, to.media.next_file(), label));
  }
  return content;
}

Json call_entry(const ContentWriter& to, const ToolCall& call, const std::string& label) {
  BodyWriter& writer = to.writer;
  Json entry = Json::object();
  entry["id"] = to.id(call.id, label);
  entry["type"] = "function";
  entry["function"]["name"] = writer.checked(call.name, label);
  entry["function"]["arguments"] = writer.arguments_text(call, label);
  if (!call.provider_data.empty()) entry["extra_content"] = writer.raw(call.provider_data.json(), label);
  return entry;
}

/// Returns one list with the elements of all lists that came with the reasoning of a turn.
Json details_of(BodyWriter& writer, const Message& message, const std::string& label) {
  Json details = Json::array();
  for (const Part& part : message.parts()) {
    const auto* reasoning = std::get_if<Reasoning>(&part);
    if (reasoning == nullptr) continue;
    for (const std::string_view element : elements_of_list(reasoning->provider_data.json()))
      details.push_back(writer.raw(element, label));
  }
  return details;
}

/// Writes a turn of the assistant that is more than text.
Json assistant_entry(const ContentWriter& to, const Message& message, const std::string& label) {
  BodyWriter& writer = to.writer;
  Json entry = Json::object();
  entry["role"] = "assistant";
  entry["content"] = writer.checked(message.text(), label);
  std::string thoughts;
  for (const Part& part : message.parts()) {
    if (const auto* call = std::get_if<ToolCall>(&part)) entry["tool_calls"].push_back(call_entry(to, *call, label));
    if (const auto* reasoning = std::get_if<Reasoning>(&part)) thoughts += reasoning->text;
  }
  const bool has_calls = entry.contains("tool_calls");
  if (has_calls && message.text().empty()) entry["content"] = nullptr;
  if (has_calls && !to.dialect.reasoning_content.empty())
    entry[std::string(to.dialect.reasoning_content)] = writer.checked(thoughts, label);
  if (Json details = details_of(writer, message, label); !details.empty())
    entry["reasoning_details"] = std::move(details);
  return entry;
}

void write_results(const ContentWriter& to, const Message& message, const std::string& label) {
  for (const Part& part : message.parts()) {
    const auto* result = std::get_if<ToolResult>(&part);
    if (result == nullptr) continue;
    Json entry = Json::object();
    entry["role"] = "tool";
    entry["tool_call_id"] = to.id(result->id, label);
    entry["content"] = to.writer.checked(result->text, label);
    to.writer.body()["messages"].push_back(std::move(entry));
  }
}

void write_message(BodyWriter& writer, std::string_view role, Json content) {
  Json entry = Json::object();
  entry["role"] = std::string(role);
  entry["content"] = std::move(content);
  writer.body()["messages"].push_back(std::move(entry));
}

void write_messages(BodyWriter& writer, const Request& request, const Dialect& dialect, const OpenaiModelRules& rules) {
  writer.body()["messages"] = Json::array();
  const auto word = [&](Role role) {
    return role == Role::system && rules.reasoning ? std::string_view("developer") : to_string(role);
  };
  const std::optional<std::string>& system_prompt = request.options.system_prompt();
  if (system_prompt && !system_prompt->empty())
    write_message(writer, word(Role::system), writer.checked(*system_prompt, "option system_prompt"));
  RequestMedia media(request);
  const SentCallIds ids(request.messages, dialect.call_ids);
  const ContentWriter to{writer, media, dialect, ids};
  for (std::size_t index = 0; index < request.messages.size(); ++index) {
    const Message& message = request.messages[index];
    const std::string label = label_of_message(index);
    if (message.role() == Role::tool) write_results(to, message, label);
    else if (message.role() == Role::assistant && !message.parts().empty())
      writer.body()["messages"].push_back(assistant_entry(to, message, label));
    else write_message(writer, word(message.role()), content_of(to, message, label));
  }
}

void write_sampling(BodyWriter& writer, const Options& options, const Dialect& dialect, const OpenaiModelRules& rules) {
  const auto field = [&](std::string_view option, std::string_view name, const auto& value) {
    if (value && !rules.sampling) return writer.ignore(option, rules.why_no_sampling);
    writer.field(option, name, value);
  };
  field("temperature", "temperature", options.temperature());
  field("top_p", "top_p", options.top_p());
  writer.field("top_k", dialect.top_k, options.top_k());
  writer.field("min_p", dialect.min_p, options.min_p());
  writer.field("max_tokens", rules.reasoning ? "max_completion_tokens" : dialect.max_tokens, options.max_tokens());
  writer.field("stop", dialect.stop, options.stop());
  writer.field("seed", dialect.seed, options.seed());
  field("frequency_penalty", dialect.frequency_penalty, options.frequency_penalty());
  field("presence_penalty", dialect.presence_penalty, options.presence_penalty());
  writer.field("repeat_penalty", dialect.repeat_penalty, options.repeat_penalty());
  field("logit_bias", dialect.logit_bias, options.logit_bias());
  if (options.top_logprobs()) {
    field("top_logprobs", dialect.logprobs, std::optional(true));
    if (*options.top_logprobs() > 0 && writer.body().contains("logprobs"))
      writer.field("top_logprobs", "top_logprobs", options.top_logprobs());
  }
  writer.field("cache_prompt", dialect.cache_prompt, options.cache_prompt());
}

void write_effort(BodyWriter& writer, const Options& options, const Dialect& dialect, EffortWithTools limit) {
  const bool is_set = !options.reasoning_effort().value_or("").empty();
  const bool is_none = options.reasoning_effort() == "none";
  if (limit == EffortWithTools::unset && is_set)
    return writer.ignore("reasoning_effort",
                         "with tools, this model does not take it in openai_chat; protocol openai_responses does");
  if (limit == EffortWithTools::none_only && !is_none) {
    writer.warn("option_ignored",
                "reasoning_effort none is sent: with tools, this model takes nothing else in openai_chat; protocol "
                "openai_responses has no such limit");
    writer.body()["reasoning_effort"] = "none";
    return;
  }
  if (limit == EffortWithTools::refused)
    writer.warn("tools_refused_by_chat",
                "OpenAI is reported to refuse tools for this model in openai_chat; take protocol openai_responses");
  writer.field("reasoning_effort", dialect.reasoning_effort, options.reasoning_effort());
}

void write_choice(BodyWriter& writer, const OfferedTools& tools, const Dialect& dialect) {
  if (tools.choice() == ToolChoice::unset) return;
  Json& choice = writer.body()["tool_choice"];
  if (tools.choice() == ToolChoice::automatic) {
    choice = "auto";
  } else if (tools.choice() == ToolChoice::none) {
    choice = "none";
  } else if (tools.choice() == ToolChoice::required || dialect.named_choice == NamedChoice::the_only) {
    choice = std::string(dialect.required_choice);
  } else {
    choice["type"] = "function";
    choice["function"]["name"] = tools.chosen();
  }
}

void write_tools(BodyWriter& writer, OfferedTools& tools, const Options& options, const Dialect& dialect) {
  if (tools.empty()) return;
  if (tools.choice() == ToolChoice::named && dialect.named_choice == NamedChoice::the_only)
    tools.keep_only_the_chosen();
  writer.body()["tools"] = tools.list(writer, append_chat_function);
  write_choice(writer, tools, dialect);
  // Without the field nothing is lost if several calls are allowed.
  if (!dialect.parallel_tool_calls.empty() || tools.one_at_a_time())
    writer.field("parallel_tool_calls", dialect.parallel_tool_calls, options.parallel_tool_calls());
}

}  // namespace

MediaSupport media_of(const Dialect& dialect) {
  MediaSupport support;
  support.audio = dialect.audio != AudioForm::none;
  if (dialect.only_wav_and_mp3) support.audio_formats = {"wav", "mp3"};
  support.pdf = dialect.pdf;
  if (dialect.pdf_urls) support.urls = MediaSupport::Urls::pdf;
  return support;
}

Result<EncodedRequest> encode(const Request& request, const Dialect& dialect) {
  if (request.messages.empty()) return Error(ErrorKind::invalid_argument, "there are no messages to send");
  const Options& options = request.options;
  const OpenaiModelRules rules = dialect.openai_models ? openai_model_rules(options) : OpenaiModelRules();
  BodyWriter writer;
  writer.field("model", "model", options.model());
  write_messages(writer, request, dialect, rules);
  if (request.delivery == Delivery::stream) {
    writer.body()["stream"] = true;
    // Without it most servers do not send the token counts.
    if (!dialect.stream_options.empty()) writer.body()[std::string(dialect.stream_options)]["include_usage"] = true;
  }
  write_sampling(writer, options, dialect, rules);
  OfferedTools tools(writer, options, tool_rules(dialect.tool_rules), dialect.why_none_hosted);
  write_effort(writer, options, dialect, tools.empty() ? EffortWithTools::any : rules.effort_with_tools);
  write_tools(writer, tools, options, dialect);
  return writer.finish(request, "/chat/completions", "text/event-stream");
}

}  // namespace abstractllm::openai_chat
