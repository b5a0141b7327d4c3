// SPDX-License-Identifier: Apache-2.0
//
// The engine's own way from a Chat Completions body to a task (tools/server/server-context.cpp,
// handle_completions_impl, v0.5.0), without its thread per request.
#include "engines/llama_cpp/chat_request.hpp"

#include <new>
#include <optional>
#include <string_view>

#include "mtmd-helper.h"
#include "server-schema.h"

namespace abstractllm {
namespace {

DirectAnswer refuse(const json& error) {
  return {json_value(error, "code", 500), safe_json_to_str({{"error", error}})};
}

DirectAnswer refuse(const std::string& message, error_type type) {
  return refuse(format_error_response(message, type));
}

std::string_view path_of(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const auto scheme = url.find("://");
  return scheme == url.npos ? url : url.substr(scheme + 3);
}

DirectAnswer prompt_too_long(std::int64_t prompt_tokens, std::int64_t context_tokens) {
  json error = format_error_response("request (" + std::to_string(prompt_tokens) +
                                         " tokens) exceeds the available context size (" +
                                         std::to_string(context_tokens) + " tokens), try increasing it",
                                     ERROR_TYPE_EXCEED_CONTEXT_SIZE);
  error["n_prompt_tokens"] = prompt_tokens;
  error["n_ctx"] = context_tokens;
  return refuse(error);
}

server_task make_task(const json& data, LoadedModel& model) {
  server_task task(SERVER_TASK_TYPE_COMPLETION);
  task.id = model.tasks().get_new_id();
  task.params = server_schema::eval_llama_cmpl_schema(model.vocab(), model.params(), model.meta().logit_bias_eog, data);
  task.params.res_type = TASK_RESPONSE_TYPE_OAI_CHAT;
  task.params.oaicompat_cmpl_id = gen_chatcmplid();
  task.params.oaicompat_model = model.meta().model_name;
  for (int i = 1; i < task.params.n_cmpl; ++i) {
    task.add_child(task.id, model.tasks().get_new_id());
    task.child_tasks.back().index = static_cast<std::size_t>(i);
  }
  return task;
}

std::vector<server_tokens> tokenized(const json& data, LoadedModel& model) {
  return tokenize_input_prompts(model.vocab(), nullptr, data.at("prompt"), true, true, mtmd_helper_init_opt_default());
}

/// Returns a refusal where the prompt does not fit: the engine would say the same, but only once there is a slot.
std::optional<DirectAnswer> set_prompt(server_task& task, const json& data, LoadedModel& model) {
  auto inputs = tokenized(data, model);
  const auto prompt_tokens = static_cast<std::int64_t>(inputs.front().size());
  if (prompt_tokens >= model.meta().slot_n_ctx) return prompt_too_long(prompt_tokens, model.meta().slot_n_ctx);
  task.tokens = std::move(inputs.front());
  auto delimiters = common_chat_msg_delimiters_parse(json_value(data, "message_delimiters", json::array()));
  delimiters.tokenize(model.vocab());
  task.params.message_spans = task.tokens.find_message_spans(delimiters);
  return std::nullopt;
}

std::variant<PreparedCall, DirectAnswer> prepare_chat(const std::shared_ptr<Call>& call, LoadedModel& model) {
  json body = json::parse(call->request().body);
  std::vector<raw_buffer> files;
  const json data = oaicompat_chat_params_parse(body, model.meta().chat_params, files);
  if (model.warning()) call->warn(*model.warning());
  PreparedCall prepared;
  prepared.call = call;
  prepared.task = make_task(data, model);
  if (files.empty()) {
    if (auto too_long = set_prompt(prepared.task, data, model)) return *std::move(too_long);
  } else {
    // Only the engine's own thread reaches the projector.
    prepared.task.cli = true;
    prepared.task.cli_prompt = data.at("prompt").get<std::string>();
    prepared.task.cli_files = std::move(files);
  }
  prepared.stream = prepared.task.params.stream;
  return prepared;
}

DirectAnswer count_tokens(const Call& call, LoadedModel& model) {
  json body = json::parse(call.request().body);
  std::vector<raw_buffer> files;
  const json data = oaicompat_chat_params_parse(body, model.meta().chat_params, files);
  if (!files.empty()) return refuse("tokens of images are not counted", ERROR_TYPE_INVALID_REQUEST);
  return {200, safe_json_to_str({{"input_tokens", tokenized(data, model).front().size()}})};
}

/// As llama-server's GET /models says it.
DirectAnswer describe(const LoadedModel& model) {
  const server_context_meta& meta = model.meta();
  json capabilities = json::array();
  capabilities.push_back("completion");
  if (meta.has_inp_image) capabilities.push_back("multimodal");
  const json facts = {{"n_ctx", model.context_tokens()},
                      {"n_ctx_train", meta.model_n_ctx_train},
                      {"n_params", meta.model_n_params},
                      {"size", meta.model_size}};
  return {200,
          safe_json_to_str({{"object", "list"},
                            {"models", json::array({{{"name", meta.model_name}, {"capabilities", capabilities}}})},
                            {"data", json::array({{{"id", meta.model_name}, {"object", "model"}, {"meta", facts}}})}})};
}

std::variant<PreparedCall, DirectAnswer> prepare_by_path(const std::shared_ptr<Call>& call, LoadedModel& model) {
  const std::string_view path = path_of(call->request().url);
  if (path.ends_with("/chat/completions")) return prepare_chat(call, model);
  if (path.ends_with("/chat/completions/input_tokens")) return count_tokens(*call, model);
  if (path.ends_with("/models")) return describe(model);
  return refuse("the local engine has no " + std::string(path), ERROR_TYPE_NOT_FOUND);
}

}  // namespace

std::variant<PreparedCall, DirectAnswer> prepare(const std::shared_ptr<Call>& call, LoadedModel& model) {
  try {
    return prepare_by_path(call, model);
  } catch (const std::bad_alloc&) {
    return refuse("not enough memory for this request", ERROR_TYPE_SERVER);
  } catch (const std::exception& failure) {
    return refuse(failure.what(), ERROR_TYPE_INVALID_REQUEST);
  }
}

}  // namespace abstractllm
