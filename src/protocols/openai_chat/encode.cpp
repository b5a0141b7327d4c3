// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_chat/encode.hpp"

#include <string>

#include "protocols/body_writer.hpp"
#include "protocols/openai_models.hpp"
#include "protocols/request_images.hpp"

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

Json content_of(BodyWriter& writer, const Message& message, const std::string& place, RequestImages& images) {
  if (message.parts().empty()) return writer.checked(message.text(), place);
  Json content = Json::array();
  for (const Part& part : message.parts()) {
    const auto* text = std::get_if<std::string>(&part);
    content.push_back(text != nullptr ? text_part(writer.checked(*text, place)) : image_part(images.next()));
  }
  return content;
}

void write_message(BodyWriter& writer, std::string_view role, Json content) {
  Json entry = Json::object();
  entry["role"] = std::string(role);
  entry["content"] = std::move(content);
  writer.body()["messages"].push_back(std::move(entry));
}

void write_messages(BodyWriter& writer, const Request& request, const OpenaiModelRules& rules) {
  writer.body()["messages"] = Json::array();
  const auto word = [&](Role role) {
    return role == Role::system && rules.reasoning ? std::string_view("developer") : to_string(role);
  };
  const std::optional<std::string>& system_prompt = request.options.system_prompt();
  if (system_prompt && !system_prompt->empty())
    write_message(writer, word(Role::system), writer.checked(*system_prompt, "option system_prompt"));
  RequestImages images(request);
  for (std::size_t index = 0; index < request.messages.size(); ++index) {
    const Message& message = request.messages[index];
    write_message(writer, word(message.role()), content_of(writer, message, place_of_message(index), images));
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
  writer.field("reasoning_effort", dialect.reasoning_effort, options.reasoning_effort());
}

}  // namespace

Result<EncodedRequest> encode(const Request& request, const Dialect& dialect) {
  if (request.messages.empty()) return Error(ErrorKind::invalid_argument, "there are no messages to send");
  const Options& options = request.options;
  const OpenaiModelRules rules = dialect.openai_models ? openai_model_rules(options) : OpenaiModelRules();
  BodyWriter writer;
  writer.field("model", "model", options.model());
  write_messages(writer, request, rules);
  if (request.delivery == Delivery::stream) {
    writer.body()["stream"] = true;
    // Without it most servers keep the token counts to themselves.
    if (!dialect.stream_options.empty()) writer.body()[std::string(dialect.stream_options)]["include_usage"] = true;
  }
  write_sampling(writer, options, dialect, rules);
  return writer.finish(request, "/chat/completions", "text/event-stream");
}

}  // namespace abstractllm::openai_chat
