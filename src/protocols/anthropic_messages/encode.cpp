// SPDX-License-Identifier: Apache-2.0
#include "protocols/anthropic_messages/encode.hpp"

#include <string>

#include "protocols/anthropic_messages/model_rules.hpp"
#include "protocols/body_writer.hpp"
#include "protocols/offered_tools.hpp"
#include "protocols/request_media.hpp"
#include "protocols/sent_call_ids.hpp"

namespace abstractllm::anthropic_messages {
namespace {

constexpr std::string_view version_with_sampling = "2023-06-01";
constexpr std::string_view version_of_today = "2026-10-21";
constexpr std::int64_t default_max_tokens = 4096;

struct EffortBudget {
  std::string_view effort;
  std::int64_t tokens;
};

// 1024 is the minimum of the format.
constexpr EffortBudget effort_budgets[] = {{"minimal", 1024}, {"low", 2048}, {"medium", 8192}, {"high", 16384}};

std::optional<std::int64_t> budget_of(std::string_view effort) {
  for (const EffortBudget& row : effort_budgets)
    if (row.effort == effort) return row.tokens;
  return std::nullopt;
}

std::string_view version_for(const Options& options, const AnthropicModelRules& rules) {
  const bool asks_sampling = options.temperature() || options.top_p() || options.top_k();
  return !rules.claude || (rules.sampling && asks_sampling) ? version_with_sampling : version_of_today;
}

void add_paragraph(std::string& text, std::string_view paragraph) {
  if (paragraph.empty()) return;
  if (!text.empty()) text += "\n\n";
  text += paragraph;
}

/// Writes `system`. Returns how many messages went into it.
std::size_t write_system(BodyWriter& writer, const Request& request) {
  std::string system;
  const std::optional<std::string>& prompt = request.options.system_prompt();
  if (prompt && writer.checked(*prompt, "option system_prompt").is_string()) add_paragraph(system, *prompt);
  std::size_t index = 0;
  for (; index < request.messages.size() && request.messages[index].role() == Role::system; ++index) {
    const std::string& text = request.messages[index].text();
    if (writer.checked(text, label_of_message(index)).is_string()) add_paragraph(system, text);
  }
  if (!system.empty()) writer.body()["system"] = std::move(system);
  return index;
}

Json text_block(Json text) {
  Json block = Json::object();
  block["type"] = "text";
  block["text"] = std::move(text);
  return block;
}

Json image_block(BodyWriter& writer, const ImageData& image) {
  if (!image.detail.empty()) writer.ignore("detail of an image", "this wire format has no field for it");
  Json source = Json::object();
  source["type"] = image.url.empty() ? "base64" : "url";
  if (image.url.empty()) {
    source["media_type"] = image.media_type;
    source["data"] = image.base64;
  } else {
    source["url"] = image.url;
  }
  Json block = Json::object();
  block["type"] = "image";
  block["source"] = std::move(source);
  return block;
}

/// docs/wire-formats.md#anthropic-documents
Json document_block(BodyWriter& writer, const FileData& file, const std::string& label) {
  Json source = Json::object();
  source["type"] = !file.url.empty() ? "url" : file.is_text ? "text" : "base64";
  if (!file.url.empty()) {
    source["url"] = file.url;
  } else {
    source["media_type"] = file.media_type;
    source["data"] = file.is_text ? writer.checked(file.text, label) : Json(file.base64);
  }
  Json block = Json::object();
  block["type"] = "document";
  block["source"] = std::move(source);
  block["title"] = writer.checked(file.name, label);
  return block;
}

/// Writes the parts of a message as blocks.
struct BlockWriter {
  BodyWriter& writer;
  const std::string& label;
  RequestMedia& media;
  const SentCallIds& ids;
  Json& content;

  Json id(const std::string& call_id) const {
    writer.check(call_id, label);
    return ids.of(call_id);
  }
  Json result_content(const ToolResult& result) const {
    if (result.parts.empty()) return writer.checked(result.text, label);
    Json blocks = Json::array();
    for (const ResultPart& part : result.parts) {
      const auto* text = std::get_if<Text>(&part);
      if (text == nullptr) blocks.push_back(image_block(writer, media.next_image()));
      else if (!text->text.empty()) blocks.push_back(text_block(writer.checked(text->text, label)));
    }
    return blocks;
  }
  void operator()(const Text& text) const {
    // A text block must not be empty.
    if (!text.text.empty()) content.push_back(text_block(writer.checked(text.text, label)));
  }
  void operator()(const Image&) const { content.push_back(image_block(writer, media.next_image())); }
  void operator()(const Audio&) const {}  // the format has no place for it
  void operator()(const File&) const { content.push_back(document_block(writer, media.next_file(), label)); }
  void operator()(const Reasoning& reasoning) const {
    if (reasoning.provider_data.empty()) return;
    const Result<Json> data = parse_server_json(reasoning.provider_data.json(), "provider data");
    if (!data || !data->is_object() || data->value("type", Json()) != "thinking") {
      content.push_back(writer.raw(reasoning.provider_data.json(), label));
      return;
    }
    Json block = Json::object();
    block["type"] = "thinking";
    block["thinking"] = writer.checked(reasoning.text, label);
    const auto signature = data->find("signature");
    block["signature"] = signature == data->end() ? Json() : *signature;
    content.push_back(std::move(block));
  }
  void operator()(const ToolCall& call) const {
    Json block = Json::object();
    block["type"] = "tool_use";
    block["id"] = id(call.id);
    block["name"] = writer.checked(call.name, label);
    block["input"] = writer.arguments_object(call, label);
    content.push_back(std::move(block));
  }
  void operator()(const HostedToolCall& call) const {
    if (!call.provider_data.empty()) content.push_back(writer.raw(call.provider_data.json(), label));
  }
  void operator()(const ToolResult& result) const {
    Json block = Json::object();
    block["type"] = "tool_result";
    block["tool_use_id"] = id(result.id);
    block["content"] = result_content(result);
    if (result.is_error) block["is_error"] = true;
    content.push_back(std::move(block));
  }
};

Json content_of(BodyWriter& writer, const Message& message, const std::string& label, RequestMedia& media,
                const SentCallIds& ids) {
  if (message.parts().empty()) return writer.checked(message.text(), label);
  Json content = Json::array();
  for (const Part& part : message.parts()) std::visit(BlockWriter{writer, label, media, ids, content}, part);
  return content;
}

/// Adds content to the blocks of a turn.
void append_content(Json& blocks, const Json& content) {
  if (content.is_array()) blocks.insert(blocks.end(), content.begin(), content.end());
  else if (content.is_string() && content != "") blocks.push_back(text_block(content));
}

std::string_view word_of(Role role, bool takes_system_role) {
  if (role == Role::tool || (role == Role::system && !takes_system_role)) return to_string(Role::user);
  return to_string(role);
}

void write_messages(BodyWriter& writer, const Request& request, bool takes_system_role) {
  RequestMedia media(request);
  const SentCallIds ids(request.messages, CallIdForm::word);
  const std::size_t first = write_system(writer, request);
  Json turns = Json::array();
  if (first == request.messages.size()) return writer.fail("there are only system messages: add one of the user");
  bool behind_results = false;
  for (std::size_t index = first; index < request.messages.size(); ++index) {
    const Message& message = request.messages[index];
    Json content = content_of(writer, message, label_of_message(index), media, ids);
    if (content.is_array() && content.empty()) continue;
    const std::string_view role = word_of(message.role(), takes_system_role);
    // All results of a turn's calls must be in the one turn that follows, before anything else.
    if (behind_results && role == to_string(Role::user)) {
      append_content(turns.back()["content"], content);
      continue;
    }
    behind_results = message.role() == Role::tool;
    Json entry = Json::object();
    entry["role"] = std::string(role);
    entry["content"] = std::move(content);
    turns.push_back(std::move(entry));
  }
  writer.body()["messages"] = std::move(turns);
}

/// Requests a budget of thinking. Returns it, or nothing if the model has none for this effort.
std::optional<std::int64_t> write_budget(BodyWriter& writer, std::string_view effort) {
  const std::optional<std::int64_t> tokens = budget_of(effort);
  if (!tokens) {
    writer.ignore("reasoning_effort", "this model takes none, minimal, low, medium and high");
    return std::nullopt;
  }
  Json thinking = Json::object();
  thinking["type"] = "enabled";
  thinking["budget_tokens"] = *tokens;
  writer.body()["thinking"] = std::move(thinking);
  return tokens;
}

/// Returns the budget of thinking, if one is requested.
std::optional<std::int64_t> write_effort(BodyWriter& writer, const Options& options, const AnthropicModelRules& rules) {
  const std::optional<std::string>& effort = options.reasoning_effort();
  if (!effort || effort->empty()) return std::nullopt;
  constexpr std::string_view option = "reasoning_effort";
  if (!rules.claude) {
    writer.ignore(option, "what this model takes is not known; extra_body can say it");
  } else if (*effort == "none") {
    if (rules.can_stop_thinking) writer.body()["thinking"]["type"] = "disabled";
    else if (rules.thinking != ThinkingControl::none) writer.ignore(option, "this model cannot stop thinking");
  } else if (rules.thinking == ThinkingControl::none) {
    writer.ignore(option, "this model does not think");
  } else if (rules.thinking == ThinkingControl::budget) {
    return write_budget(writer, *effort);
  } else if (*effort == "minimal") {
    writer.ignore(option, "this model's least effort is low");
  } else {
    Json output_config = Json::object();
    writer.field(output_config, option, "effort", effort);
    writer.body()["output_config"] = std::move(output_config);
  }
  return std::nullopt;
}

void write_max_tokens(BodyWriter& writer, const Options& options, std::optional<std::int64_t> budget) {
  std::int64_t tokens = options.max_tokens().value_or(default_max_tokens);
  if (budget && tokens <= *budget) {
    tokens += *budget;
    if (options.max_tokens())
      writer.ignore("max_tokens", "it must be larger than the budget of thinking, so " + std::to_string(tokens) +
                                      " is sent in its place");
  }
  writer.body()["max_tokens"] = tokens;
}

void write_sampling(BodyWriter& writer, const Options& options, const AnthropicModelRules& rules, bool thinks) {
  const auto field = [&](std::string_view option, const auto& value, bool taken, std::string_view why_not) {
    if (!value) return;
    if (!rules.sampling) return writer.ignore(option, "this model does not take it");
    if (!taken) return writer.ignore(option, why_not);
    writer.field(option, option, value);
  };
  constexpr std::string_view while_thinking = "this model does not take it while it thinks";
  field("temperature", options.temperature(), !thinks || options.temperature() == 1.0, while_thinking);
  field("top_p", options.top_p(), !rules.temperature_alone || !options.temperature(),
        "this model does not take it beside temperature");
  field("top_k", options.top_k(), !thinks, while_thinking);
}

void write_stop(BodyWriter& writer, const option_kind::texts& stop) {
  Json list = Json::array();
  for (std::size_t index = 0; index < stop.size(); ++index) {
    const std::string label = "element " + std::to_string(index) + ",";
    if (stop[index].find_first_not_of(" \t\n\v\f\r") == std::string::npos) {
      writer.ignore("stop, " + label, "this wire format takes none of white space alone");
    } else {
      list.push_back(writer.checked(stop[index], "option stop, " + label));
    }
  }
  if (!list.empty()) writer.body()["stop_sequences"] = std::move(list);
}

void append_tool(const Tool& tool, const AdaptedSchema& schema, std::string& json) {
  json += '{';
  append_name_and_description(json, tool);
  ((json += R"("input_schema":)") += schema.json) += '}';
}

/// Writes tool_choice. `parallel_tool_calls` is a member of it.
void write_choice(BodyWriter& writer, const OfferedTools& tools, bool can_force) {
  Json choice = Json::object();
  if (tools.choice() == ToolChoice::none) {
    choice["type"] = "none";
  } else if (!tools.is_forced() || !can_force) {
    if (tools.is_forced()) writer.ignore("tool_choice", "this model, or one that thinks, takes only auto and none");
    if (tools.choice() == ToolChoice::unset && !tools.one_at_a_time()) return;
    choice["type"] = "auto";
  } else if (tools.choice() == ToolChoice::required) {
    choice["type"] = "any";
  } else {
    choice["type"] = "tool";
    choice["name"] = tools.chosen();
  }
  if (tools.one_at_a_time() && tools.choice() != ToolChoice::none) choice["disable_parallel_tool_use"] = true;
  writer.body()["tool_choice"] = std::move(choice);
}

void write_tools(BodyWriter& writer, const Options& options, bool can_force) {
  const OfferedTools tools(writer, options, tool_rules(ToolRuleSet::anthropic));
  if (tools.empty()) return;
  writer.body()["tools"] = tools.list(writer, append_tool);
  write_choice(writer, tools, can_force);
}

void ignore_what_has_no_field(BodyWriter& writer, const Options& options) {
  writer.field("min_p", "", options.min_p());
  writer.field("seed", "", options.seed());
  writer.field("frequency_penalty", "", options.frequency_penalty());
  writer.field("presence_penalty", "", options.presence_penalty());
  writer.field("repeat_penalty", "", options.repeat_penalty());
  writer.field("logit_bias", "", options.logit_bias());
  writer.field("cache_prompt", "", options.cache_prompt());
  writer.field("top_logprobs", "", options.top_logprobs());
}

}  // namespace

MediaSupport media() {
  MediaSupport support;
  support.pdf = support.text_files = true;
  support.urls = MediaSupport::Urls::pdf;
  support.result_images = true;
  return support;
}

Result<EncodedRequest> encode(const Request& request) {
  if (request.messages.empty()) return Error(ErrorKind::invalid_argument, "there are no messages to send");
  const Options& options = request.options;
  const AnthropicModelRules rules = anthropic_model_rules(options.model().value_or(""));
  const std::string_view version = version_for(options, rules);
  BodyWriter writer;
  writer.field("model", "model", options.model());
  write_messages(writer, request, version == version_of_today);
  if (request.delivery == Delivery::stream) writer.body()["stream"] = true;
  const std::optional<std::int64_t> budget = write_effort(writer, options, rules);
  write_max_tokens(writer, options, budget);
  write_sampling(writer, options, rules, budget.has_value());
  if (options.stop()) write_stop(writer, *options.stop());
  ignore_what_has_no_field(writer, options);
  write_tools(writer, options, rules.forced_tools && !budget);
  Result<EncodedRequest> encoded = writer.finish(request, "/v1/messages", "text/event-stream");
  if (encoded) encoded->http.headers.emplace_back("anthropic-version", std::string(version));
  return encoded;
}

}  // namespace abstractllm::anthropic_messages
