// SPDX-License-Identifier: Apache-2.0
// This file writes the JSON that leaves the library. The field names are a contract (docs/cli.md). Unknown values are
// left out.
#include "abstractllm/error.hpp"
#include "abstractllm/response.hpp"
#include "abstractllm/stream.hpp"
#include "abstractllm/transport.hpp"
#include "base/clock.hpp"
#include "base/secret.hpp"
#include "core/json_writer.hpp"
#include "core/part_json.hpp"

namespace abstractllm {
namespace {

std::optional<double> known_milliseconds(std::optional<std::chrono::microseconds> time) {
  return time ? std::optional(in_milliseconds(*time)) : std::nullopt;
}

void add_list(JsonWriter& json, std::string_view name, const std::string& list) {
  if (!list.empty()) json.add_json(name, json_or_string(list, JsonSpelling::compact));
}

std::string usage_json(const Usage& usage) {
  JsonWriter json;
  json.add_known("input_tokens", usage.input_tokens);
  json.add_known("output_tokens", usage.output_tokens);
  json.add_known("cached_input_tokens", usage.cached_input_tokens);
  json.add_known("cache_write_tokens", usage.cache_write_tokens);
  json.add_known("reasoning_tokens", usage.reasoning_tokens);
  return std::move(json).finish();
}

std::string timing_json(const Timing& timing);

void add_warning(JsonWriter& json, const Warning& warning, JsonSpelling = JsonSpelling::compact) {
  json.add("code", warning.code);
  json.add("message", warning.message);
}

template <class T>
void add_objects(JsonWriter& json, std::string_view name, const std::vector<T>& values,
                 void (*fill)(JsonWriter&, const T&, JsonSpelling)) {
  if (values.empty()) return;
  JsonWriter list("[]");
  for (const T& value : values) {
    JsonWriter object;
    fill(object, value, JsonSpelling::compact);
    list.add_element(std::move(object).finish());
  }
  json.add_json(name, std::move(list).finish());
}

std::string model_timing_json(const ModelTiming& timing) {
  JsonWriter json;
  json.add_known("load_ms", known_milliseconds(timing.load));
  json.add_known("prompt_ms", known_milliseconds(timing.prompt));
  json.add_known("generation_ms", known_milliseconds(timing.generation));
  json.add_known("prompt_tokens", timing.prompt_tokens);
  json.add_known("cached_tokens", timing.cached_tokens);
  json.add_known("slot", timing.slot);
  return json.empty() ? std::string() : std::move(json).finish();
}

std::string timing_json(const Timing& timing) {
  JsonWriter json;
  json.add_known("first_event_ms", known_milliseconds(timing.first_event));
  json.add("total_ms", in_milliseconds(timing.total));
  json.add("attempts", timing.attempts);
  if (const std::string model = model_timing_json(timing.model); !model.empty()) json.add_json("model", model);
  return std::move(json).finish();
}

void add_result(JsonWriter& json, const ToolResult& result, JsonSpelling = JsonSpelling::compact) {
  json.add("id", result.id);
  json.add_known("name", result.name);
  json.add("text", result.text);
  json.add("is_error", result.is_error);
  json.add_known("duration_ms", known_milliseconds(result.duration));
}

void add_step(JsonWriter& json, const Step& step, JsonSpelling = JsonSpelling::compact) {
  json.add("text", step.text);
  json.add_known("reasoning", step.reasoning);
  add_objects<ToolCall>(json, "tool_calls", step.tool_calls, add_tool_call);
  add_objects<ToolResult>(json, "tool_results", step.tool_results, add_result);
  if (step.finish_reason) json.add("finish_reason", to_string(*step.finish_reason));
  json.add_known("raw_finish_reason", step.raw_finish_reason);
  if (const std::string usage = usage_json(step.usage); usage != "{}") json.add_json("usage", usage);
  json.add_known("model", step.model);
  json.add_known("id", step.id);
  json.add_known("request_id", step.request_id);
  json.add_json("timing", timing_json(step.timing));
}

std::string response_json(const Response& response) {
  JsonWriter json;
  json.add("text", response.text);
  json.add_known("reasoning", response.reasoning);
  add_objects<ToolCall>(json, "tool_calls", response.tool_calls, add_tool_call);
  add_objects<Part>(json, "parts", response.parts, add_part);
  if (response.finish_reason) json.add("finish_reason", to_string(*response.finish_reason));
  json.add_known("raw_finish_reason", response.raw_finish_reason);
  if (const std::string usage = usage_json(response.usage); usage != "{}") json.add_json("usage", usage);
  json.add_known("provider", response.provider);
  json.add_known("model", response.model);
  json.add_known("id", response.id);
  json.add_known("request_id", response.request_id);
  add_list(json, "logprobs", response.logprobs_json);
  add_list(json, "citations", response.citations_json);
  add_objects<Warning>(json, "warnings", response.warnings, add_warning);
  add_objects<Step>(json, "steps", response.steps, add_step);
  if (!response.messages.empty()) json.add_json("messages", to_json(response.messages));
  json.add_json("timing", timing_json(response.timing));
  return std::move(json).finish();
}

struct EventJson {
  const Response& response;
  JsonWriter& json;

  void operator()(const TextDelta& delta) const { add("text_delta", "text", delta.text); }
  void operator()(const ReasoningDelta& delta) const { add("reasoning_delta", "text", delta.text); }
  void operator()(const ToolCallStarted& call) const {
    add("tool_call_started", "id", call.id);
    json.add("name", call.name);
  }
  void operator()(const ToolCallDelta& delta) const {
    add("tool_call_delta", "id", delta.id);
    json.add("arguments_fragment", delta.arguments_fragment);
  }
  void operator()(const ToolCall& call) const {
    json.add("type", "tool_call");
    add_tool_call(json, call, JsonSpelling::compact);
  }
  void operator()(const Warning& warning) const {
    json.add("type", "warning");
    add_warning(json, warning);
  }
  void operator()(const PartEnded& ended) const {
    add("part_ended", "kind", ended.kind == PartKind::text ? "text" : "reasoning");
  }
  void operator()(const HostedToolCall& call) const {
    json.add("type", "hosted_tool_call");
    add_hosted_call(json, call, JsonSpelling::compact);
  }
  void operator()(const ToolResult& result) const {
    json.add("type", "tool_result");
    add_result(json, result);
  }
  void operator()(const StepFinished& step) const {
    json.add("type", "step_finished");
    json.add("finish_reason", to_string(step.finish_reason));
    json.add_known("raw_finish_reason", step.details().raw_finish_reason);
    if (const std::string usage = usage_json(step.usage); usage != "{}") json.add_json("usage", usage);
    json.add_known("model", step.details().model);
    json.add_known("id", step.details().id);
  }
  void operator()(const Finished&) const {
    json.add("type", "finished");
    json.add_json("response", response_json(response));
  }

 private:
  void add(const char* type, const char* name, const std::string& value) const {
    json.add("type", type);
    json.add(name, value);
  }
};

}  // namespace

std::string to_json(const Response& response) { return response_json(response); }

std::string to_json(const StreamEvent& event, const Response& response) {
  JsonWriter json;
  std::visit(EventJson{response, json}, event);
  return std::move(json).finish();
}

std::string to_json(const Error& error) {
  JsonWriter json;
  json.add("kind", to_string(error.kind));
  json.add("message", error.message);
  json.add_known("provider", error.provider);
  json.add_known("model", error.model);
  if (error.http_status != 0) json.add("http_status", error.http_status);
  json.add_known("provider_code", error.provider_code);
  json.add_known("provider_message", error.provider_message);
  json.add_known("request_id", error.request_id);
  if (error.retry_after) json.add("retry_after_ms", error.retry_after->count());
  json.add_known("prompt_tokens", error.prompt_tokens);
  json.add_known("context_tokens", error.context_tokens);
  if (error.attempts != 0) json.add("attempts", error.attempts);
  if (error.partial) json.add_json("partial", response_json(*error.partial));
  JsonWriter outer;
  outer.add_json("error", std::move(json).finish());
  return std::move(outer).finish();
}

std::string to_json(const HttpRequest& request) {
  JsonWriter headers;
  for (const HttpHeader& header : request.headers) headers.add(header.name, header.secret ? "***" : header.value);
  std::string url = request.url;
  Secrets(request).mask(url);
  JsonWriter json;
  json.add("method", request.method);
  json.add("url", url);
  json.add_json("headers", std::move(headers).finish());
  json.add_json("body", json_or_string(request.body, JsonSpelling::compact));
  return std::move(json).finish();
}

}  // namespace abstractllm
