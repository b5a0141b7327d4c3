// SPDX-License-Identifier: Apache-2.0
// The JSON that leaves the library: field names are a contract (docs/cli.md). What is unknown is left out.
#include "abstractllm/error.hpp"
#include "abstractllm/response.hpp"
#include "abstractllm/stream.hpp"
#include "abstractllm/transport.hpp"
#include "base/json.hpp"

namespace abstractllm {
namespace {

void add(Json& json, const char* name, const std::string& value) {
  if (!value.empty()) json[name] = value;
}
void add(Json& json, const char* name, TokenCount count) {
  if (count.known()) json[name] = count.value_or(0);
}

double milliseconds(std::chrono::microseconds time) { return static_cast<double>(time.count()) / 1000.0; }

void add_raw(Json& json, const char* name, const std::string& text) {
  if (text.empty()) return;
  Json value = Json::parse(text, nullptr, false);
  if (!value.is_discarded()) json[name] = std::move(value);
}

Json usage_json(const Usage& usage) {
  Json json = Json::object();
  add(json, "input_tokens", usage.input_tokens);
  add(json, "output_tokens", usage.output_tokens);
  add(json, "cached_input_tokens", usage.cached_input_tokens);
  add(json, "cache_write_tokens", usage.cache_write_tokens);
  add(json, "reasoning_tokens", usage.reasoning_tokens);
  return json;
}

Json tool_call_json(const ToolCall& call) {
  Json json = {{"id", call.id}, {"name", call.name}};
  Json arguments = Json::parse(call.arguments_json.empty() ? "{}" : call.arguments_json, nullptr, false);
  // Arguments cut at a limit are no JSON: they are given as the text they are.
  json["arguments"] = arguments.is_discarded() ? Json(call.arguments_json) : std::move(arguments);
  return json;
}

Json warning_json(const Warning& warning) { return {{"code", warning.code}, {"message", warning.message}}; }

Json model_timing_json(const ModelTiming& timing) {
  Json json = Json::object();
  if (timing.load) json["load_ms"] = milliseconds(*timing.load);
  if (timing.prompt) json["prompt_ms"] = milliseconds(*timing.prompt);
  if (timing.generation) json["generation_ms"] = milliseconds(*timing.generation);
  if (timing.prompt_tokens) json["prompt_tokens"] = *timing.prompt_tokens;
  if (timing.cached_tokens) json["cached_tokens"] = *timing.cached_tokens;
  if (timing.slot) json["slot"] = *timing.slot;
  return json;
}

Json timing_json(const Timing& timing) {
  Json json = Json::object();
  if (timing.first_event) json["first_event_ms"] = milliseconds(*timing.first_event);
  json["total_ms"] = milliseconds(timing.total);
  json["attempts"] = timing.attempts;
  if (Json model = model_timing_json(timing.model); !model.empty()) json["model"] = std::move(model);
  return json;
}

Json response_json(const Response& response) {
  Json json = {{"text", response.text}};
  add(json, "reasoning", response.reasoning);
  for (const ToolCall& call : response.tool_calls) json["tool_calls"].push_back(tool_call_json(call));
  if (response.finish_reason) json["finish_reason"] = to_string(*response.finish_reason);
  add(json, "raw_finish_reason", response.raw_finish_reason);
  if (Json usage = usage_json(response.usage); !usage.empty()) json["usage"] = std::move(usage);
  add(json, "provider", response.provider);
  add(json, "model", response.model);
  add(json, "id", response.id);
  add(json, "request_id", response.request_id);
  add_raw(json, "logprobs", response.logprobs_json);
  add_raw(json, "citations", response.citations_json);
  for (const Warning& warning : response.warnings) json["warnings"].push_back(warning_json(warning));
  json["timing"] = timing_json(response.timing);
  return json;
}

struct EventJson {
  const Response& response;

  Json operator()(const TextDelta& delta) const { return {{"type", "text_delta"}, {"text", delta.text}}; }
  Json operator()(const ReasoningDelta& delta) const { return {{"type", "reasoning_delta"}, {"text", delta.text}}; }
  Json operator()(const ToolCallStarted& call) const {
    return {{"type", "tool_call_started"}, {"id", call.id}, {"name", call.name}};
  }
  Json operator()(const ToolCallDelta& delta) const {
    return {{"type", "tool_call_delta"}, {"id", delta.id}, {"arguments_fragment", delta.arguments_fragment}};
  }
  Json operator()(const ToolCall& call) const {
    Json json = {{"type", "tool_call"}};
    json.update(tool_call_json(call));
    return json;
  }
  Json operator()(const Warning& warning) const {
    return {{"type", "warning"}, {"code", warning.code}, {"message", warning.message}};
  }
  Json operator()(const Finished&) const { return {{"type", "finished"}, {"response", response_json(response)}}; }
};

}  // namespace

std::string to_json(const Response& response) { return dump_json(response_json(response)); }

std::string to_json(const StreamEvent& event, const Response& response) {
  return dump_json(std::visit(EventJson{response}, event));
}

std::string to_json(const Error& error) {
  Json json = {{"kind", to_string(error.kind)}, {"message", error.message}};
  add(json, "provider", error.provider);
  add(json, "model", error.model);
  if (error.http_status != 0) json["http_status"] = error.http_status;
  add(json, "provider_code", error.provider_code);
  add(json, "provider_message", error.provider_message);
  add(json, "request_id", error.request_id);
  if (error.retry_after) json["retry_after_ms"] = error.retry_after->count();
  add(json, "prompt_tokens", error.prompt_tokens);
  add(json, "context_tokens", error.context_tokens);
  if (error.attempts != 0) json["attempts"] = error.attempts;
  if (error.partial) json["partial"] = response_json(*error.partial);
  return dump_json({{"error", std::move(json)}});
}

std::string to_json(const HttpRequest& request) {
  Json headers = Json::object();
  for (const HttpHeader& header : request.headers) headers[header.name] = header.secret ? "***" : header.value;
  Json body = Json::parse(request.body, nullptr, false);
  if (body.is_discarded()) body = request.body;
  return dump_json(
      {{"method", request.method}, {"url", request.url}, {"headers", std::move(headers)}, {"body", std::move(body)}});
}

}  // namespace abstractllm
