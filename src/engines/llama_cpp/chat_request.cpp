// SPDX-License-Identifier: Apache-2.0
//
// The engine's own way from a Chat Completions body to a task (tools/server/server-context.cpp,
// handle_completions_impl, v0.5.0), without its thread per request.
#include "engines/llama_cpp/chat_request.hpp"

#include <algorithm>
#include <new>
#include <optional>
#include <string_view>

#include "engines/llama_cpp/call_parser.hpp"
#include "engines/llama_cpp/marked_prompt.hpp"
#include "engines/llama_cpp/prompted_tools.hpp"
#include "engines/llama_cpp/request_limits.hpp"
#include "engines/llama_cpp/schema_hazards.hpp"
#include "engines/llama_cpp/schema_limits.hpp"
#include "engines/llama_cpp/template_budget.hpp"
#include "mtmd-helper.h"
#include "server-schema.h"

namespace abstractllm {
namespace {

constexpr const char* template_without_end =
    "the model's chat template does not end, or writes or nests too much; give another with chat_template "
    "(--chat-template)";

/// More room for a long conversation, but not for its images.
std::int64_t units_for(const HttpRequest& request) {
  constexpr std::size_t most_text = std::size_t{4} << 20U;
  return (std::int64_t{256} << 20U) + 256 * static_cast<std::int64_t>(std::min(request.body.size(), most_text));
}

DirectAnswer prompt_too_long(std::int64_t prompt_tokens, std::int64_t context_tokens) {
  json error = format_error_response("request (" + std::to_string(prompt_tokens) +
                                         " tokens) exceeds the available context size (" +
                                         std::to_string(context_tokens) + " tokens), try increasing it",
                                     ERROR_TYPE_EXCEED_CONTEXT_SIZE);
  error["n_prompt_tokens"] = prompt_tokens;
  error["n_ctx"] = context_tokens;
  return refuse_with(error);
}

server_task make_task(const json& data, LoadedModel& model, const AdapterScales& adapters) {
  server_task task(SERVER_TASK_TYPE_COMPLETION);
  task.id = model.tasks().get_new_id();
  task.params = server_schema::eval_llama_cmpl_schema(model.vocab(), model.params(), model.meta().logit_bias_eog, data);
  task.params.lora = adapters;  // before the children copy it
  task.params.res_type = TASK_RESPONSE_TYPE_OAI_CHAT;
  task.params.oaicompat_cmpl_id = gen_chatcmplid();
  task.params.oaicompat_model = model.meta().model_name;
  for (int i = 1; i < task.params.n_cmpl; ++i) {
    task.add_child(task.id, model.tasks().get_new_id());
    task.child_tasks.back().index = static_cast<std::size_t>(i);
  }
  return task;
}

/// A request as parameters of the engine, with the prompt that the template made of it.
struct ChatRequest {
  json data;
  std::vector<raw_buffer> files;
  std::string marked_prompt;  ///< the same with marks in the caller's spellings of special tokens; or empty
  std::string mark;
  std::optional<Warning> warning;  ///< about parts for which the template has no place
};

std::optional<std::string> why_not_taken(const json& body) {
  if (body.contains("lora")) return "\"lora\" is not taken: give adapters with the option adapters (--adapter)";
  if (const auto why = why_too_deep_grammar(json_value(body, "grammar", std::string()))) return why;
  for (const json& message : json_value(body, "messages", json::array())) {
    for (const json& call : json_value(message, "tool_calls", json::array())) {
      const json function = json_value(call, "function", json::object());
      if (const auto why = why_too_deep(json_value(function, "arguments", std::string())))
        return "arguments of a tool call: the JSON " + *why;
    }
  }
  return std::nullopt;
}

Warning tools_prompted() {
  return {"tools_prompted",
          "the model's chat template has no place for tools: they, their calls and their results are written into "
          "ordinary messages, and a model that was not trained for this may call them badly"};
}

/// The engine's parameters for a body, and whether tools had to be written into its messages.
struct TemplateResult {
  json data;
  bool prompted = false;
};

TemplateResult apply_with_prompted_tools(json body, const LoadedModel& model, std::vector<raw_buffer>& files) {
  const server_chat_params& chat = model.meta().chat_params;
  auto caps = common_chat_templates_get_caps(chat.tmpls.get());
  const PromptedTools offered = write_tools_into_messages(body, caps["supports_system_role"]);
  TemplateResult result{oaicompat_chat_params_parse(body, chat, files), true};
  add_call_parser(result.data, offered, chat, model.vocab());
  return result;
}

/// A template may list tools and still have no form for calls that the engine recognises. Then there is no grammar.
TemplateResult apply_template(const json& body, const LoadedModel& model, std::vector<raw_buffer>& files) {
  const server_chat_params& chat = model.meta().chat_params;
  if (speaks_of_tools(body)) {
    auto caps = common_chat_templates_get_caps(chat.tmpls.get());
    if (!caps["supports_tools"] || !caps["supports_tool_calls"]) return apply_with_prompted_tools(body, model, files);
  }
  json taken = body;
  TemplateResult result{oaicompat_chat_params_parse(taken, chat, files), false};
  if (!offers_tools(body) || result.data.contains("grammar")) return result;
  files.clear();
  return apply_with_prompted_tools(body, model, files);
}

ChatRequest read_chat(const std::string& text, const LoadedModel& model) {
  if (const auto why = why_too_deep(text)) throw std::invalid_argument("the request " + *why);
  if (const auto why = why_too_many_properties(text)) throw std::invalid_argument("the request " + *why);
  json body = json::parse(text);
  if (const auto why = why_not_taken(body)) throw std::invalid_argument(*why);
  drop_unsupported_patterns(body);
  if (const auto why = why_bad_schema(body)) throw std::invalid_argument(*why);
  choose_named_tool(body);
  ChatRequest request;
  request.mark = new_mark();
  TemplateResult result = apply_template(body, model, request.files);
  request.data = std::move(result.data);
  if (result.prompted) request.warning = tools_prompted();
  if (model.reads_special_tokens() || !mark_special_spellings(body, model.special_tokens(), request.mark))
    return request;
  std::vector<raw_buffer> same_files;
  request.marked_prompt = apply_template(body, model, same_files).data.at("prompt");
  return request;
}

server_tokens tokenized(const ChatRequest& request, const LoadedModel& model) {
  if (!request.marked_prompt.empty())
    return {tokenize_marked(model.vocab(), model.special_tokens(), request.marked_prompt, request.mark), false};
  auto inputs = tokenize_input_prompts(model.vocab(), nullptr, request.data.at("prompt"), true, true,
                                       mtmd_helper_init_opt_default());
  return std::move(inputs.front());
}

/// The projector's tokenizer accepts only text, so a character without width breaks up the spellings.
std::string prompt_with_files(const ChatRequest& request) {
  if (request.marked_prompt.empty()) return request.data.at("prompt").get<std::string>();
  constexpr const char* word_joiner = "\xE2\x81\xA0";
  std::string prompt = request.marked_prompt;
  string_replace_all(prompt, request.mark, word_joiner);
  return prompt;
}

/// Returns a refusal if the prompt does not fit. The engine would refuse it too, but only when there is a slot.
std::optional<DirectAnswer> set_prompt(server_task& task, const ChatRequest& request, LoadedModel& model) {
  auto tokens = tokenized(request, model);
  const auto prompt_tokens = static_cast<std::int64_t>(tokens.size());
  if (prompt_tokens >= model.meta().slot_n_ctx) return prompt_too_long(prompt_tokens, model.meta().slot_n_ctx);
  task.tokens = std::move(tokens);
  const json& data = request.data;
  auto delimiters = common_chat_msg_delimiters_parse(json_value(data, "message_delimiters", json::array()));
  delimiters.tokenize(model.vocab());
  task.params.message_spans = task.tokens.find_message_spans(delimiters);
  return std::nullopt;
}

std::variant<PreparedCall, DirectAnswer> prepare_chat(const std::shared_ptr<Call>& call, LoadedModel& model,
                                                      const AdapterScales& adapters) {
  ChatRequest request = read_chat(call->request().body, model);
  for (const Warning& warning : model.warnings()) call->warn(warning);
  if (request.warning) call->warn(*request.warning);
  PreparedCall prepared;
  prepared.call = call;
  prepared.task = make_task(request.data, model, adapters);
  if (request.files.empty()) {
    if (auto too_long = set_prompt(prepared.task, request, model)) return *std::move(too_long);
  } else {
    // Only the engine's own thread may use the projector.
    prepared.task.cli = true;
    prepared.task.cli_prompt = prompt_with_files(request);
    prepared.task.cli_files = std::move(request.files);
  }
  prepared.stream = prepared.task.params.stream;
  return prepared;
}

DirectAnswer count_tokens(const Call& call, LoadedModel& model) {
  const ChatRequest request = read_chat(call.request().body, model);
  if (!request.files.empty()) return refuse("tokens of images and audio are not counted", ERROR_TYPE_INVALID_REQUEST);
  return {200, safe_json_to_str({{"input_tokens", tokenized(request, model).size()}})};
}

/// In the form of llama-server's GET /models, which does not tell images from audio.
DirectAnswer describe(const LoadedModel& model) {
  const server_context_meta& meta = model.meta();
  json capabilities = json::array();
  capabilities.push_back("completion");
  if (meta.has_inp_image || meta.has_inp_audio) capabilities.push_back("multimodal");
  if (meta.has_inp_image) capabilities.push_back("vision");
  if (meta.has_inp_audio) capabilities.push_back("audio");
  const json facts = {{"n_ctx", model.context_tokens()},
                      {"n_ctx_train", meta.model_n_ctx_train},
                      {"n_params", meta.model_n_params},
                      {"size", meta.model_size}};
  return {200,
          safe_json_to_str({{"object", "list"},
                            {"models", json::array({{{"name", meta.model_name}, {"capabilities", capabilities}}})},
                            {"data", json::array({{{"id", meta.model_name}, {"object", "model"}, {"meta", facts}}})}})};
}

std::variant<PreparedCall, DirectAnswer> prepare_by_path(const std::shared_ptr<Call>& call, LoadedModel& model,
                                                         const AdapterScales& adapters) {
  const std::string_view path = path_of(call->request().url);
  if (path.ends_with("/chat/completions")) return prepare_chat(call, model, adapters);
  if (path.ends_with("/chat/completions/input_tokens")) return count_tokens(*call, model);
  if (path.ends_with("/models")) return describe(model);
  return refuse("the local engine has no " + std::string(path), ERROR_TYPE_NOT_FOUND);
}

}  // namespace

std::variant<PreparedCall, DirectAnswer> tokenise_chat(const std::shared_ptr<Call>& call, LoadedModel& model,
                                                       const AdapterScales& adapters) {
  TemplateBudget budget(units_for(call->request()), [&] { return model.stopping() || call->abandoned(); });
  try {
    auto prepared = prepare_by_path(call, model, adapters);
    if (!budget.exceeded()) return prepared;
    return refuse(template_without_end, ERROR_TYPE_INVALID_REQUEST);
  } catch (const std::bad_alloc&) {
    return refuse("not enough memory for this request", ERROR_TYPE_SERVER);
  } catch (const std::exception& failure) {
    if (budget.exceeded()) return refuse(template_without_end, ERROR_TYPE_INVALID_REQUEST);
    return refuse(failure.what(), ERROR_TYPE_INVALID_REQUEST);
  }
}

}  // namespace abstractllm
