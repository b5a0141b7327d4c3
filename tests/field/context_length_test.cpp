// SPDX-License-Identifier: Apache-2.0
//
// What servers answer when the prompt does not fit. A caller who is told `context_length` shortens the prompt; one who
// is told `invalid_argument` gives up, and one who is told `rate_limited` waits in vain. Sources:
// src/protocols/error_wordings.def and docs/wire-formats.md#error-bodies, 2026-11.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "protocols/errors.hpp"

namespace abstractllm {
namespace {

struct Row {
  std::string_view server;
  int status;
  std::string_view body;
  TokenCount prompt;
  TokenCount context;
};

/// An error of OpenAI's shape, which most servers use.
std::string openai_shape(std::string_view message) {
  return R"({"error":{"message":")" + std::string(message) +
         R"(","type":"invalid_request_error","param":null,"code":null}})";
}

Error error_of(int status, std::string_view body) {
  HttpHead head;
  head.status = status;
  return decode_error(head, body.starts_with('{') || body.starts_with('[') ? std::string(body) : openai_shape(body));
}

// A body that is not JSON here is the message of an error of OpenAI's shape.
const Row rows[] = {
    {"OpenAI Chat", 400,
     R"~({"error":{"message":"This model's maximum context length is 128000 tokens. However, your messages resulted in 204308 tokens. Please reduce the length of the messages.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}})~",
     204308, 128000},
    {"OpenAI Chat, older", 400,
     "This model's maximum context length is 4097 tokens. However, you requested 4203 tokens (3703 in the "
     "messages, "
     "500 in the completion). Please reduce the length of the messages or completion.",
     3703, 4097},
    {"OpenAI Completions", 400,
     "This model's maximum context length is 8191 tokens, however you requested 8238 tokens (8237 in your prompt; "
     "1 "
     "for the completion). Please reduce your prompt; or completion length.",
     8237, 8191},
    {"OpenAI Responses",
     400,
     R"~({"error":{"message":"Your input exceeds the context window of this model. Please adjust your input and try again.","type":"invalid_request_error","param":"input","code":"context_length_exceeded"}})~",
     {},
     {}},
    {"OpenAI Responses, from a gateway that loses the code",
     400,
     "Your input exceeds the context window of this model. Please adjust your input and try again.",
     {},
     {}},
    {"Azure", 400,
     R"~({"error":{"message":"Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 285000 tokens. Please reduce the length of the messages.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}})~",
     285000, 272000},
    {"Anthropic", 400,
     R"~({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 219898 tokens > 200000 maximum"},"request_id":"req_011CVjxiYzEFcAQC4Fk87zw2"})~",
     219898, 200000},
    {"Anthropic, with max_tokens", 400,
     R"~({"type":"error","error":{"type":"invalid_request_error","message":"input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length or `max_tokens` and try again"}})~",
     188240, 200000},
    {"Anthropic, in bytes",
     413,
     R"~({"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}})~",
     {},
     {}},
    {"Gemini", 400,
     R"~([{"error":{"code":400,"message":"The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).","status":"INVALID_ARGUMENT"}}])~",
     1196265, 1048575},
    {"Gemini, older",
     400,
     R"~({"error":{"code":400,"message":"The input token count exceeds the maximum number of tokens allowed 1048576.","status":"INVALID_ARGUMENT"}})~",
     {},
     1048576},
    {"Vertex AI", 400,
     R"~({"error":{"code":400,"message":"Unable to submit request because the input token count is 2000032 but model only supports up to 1048576. Reduce the input token count and try again.","status":"INVALID_ARGUMENT"}})~",
     2000032, 1048576},
    {"xAI", 400,
     R"~({"code":"Client specified an invalid argument","error":"This model's maximum prompt length is 131072 but the request contains 537812 tokens."})~",
     537812, 131072},
    {"Groq", 400, "Please reduce the length of the messages or completion.", {}, {}},
    {"Mistral", 400,
     R"~({"object":"error","message":"Prompt contains 65673 tokens and 0 draft tokens, too large for model with 32768 maximum context length","type":"invalid_request_prompt","param":null,"code":"3051"})~",
     65673, 32768},
    {"DeepSeek", 400,
     R"~({"error":{"message":"This model's maximum context length is 131072 tokens. However, you requested 131134 tokens (122942 in the messages, 8192 in the completion). Please reduce the length of the messages or completion.","type":"invalid_request_error","param":null,"code":"invalid_request_error"}})~",
     122942, 131072},
    {"Together", 400, "The input (61709 tokens) is longer than the model's context length (40960 tokens).", 61709,
     40960},
    {"Together, older", 422,
     R"~({"error":{"message":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097. Given: 3997 `inputs` tokens and 101 `max_new_tokens`","type":"invalid_request_error","param":"max_tokens","code":null}})~",
     3997, 4097},
    {"Fireworks", 400, "The prompt is too long: 226543, model maximum context length: 131072", 226543, 131072},
    {"OpenRouter", 400,
     R"~({"error":{"message":"This endpoint's maximum context length is 131072 tokens. However, you requested about 140001 tokens (132000 of text input, 8001 in the output). Please reduce the length of either one, or use the context-compression plugin to compress your prompt automatically.","code":400,"metadata":{"provider_name":null}}})~",
     132000, 131072},
    {"OpenRouter, with tools: neither number is the whole prompt",
     400,
     R"~({"error":{"message":"This endpoint's maximum context length is 524288 tokens. However, you requested about 538487 tokens (14474 of text input, 12013 of tool input, 512000 in the output). Please reduce the length of either one.","code":400}})~",
     {},
     524288},
    {"OpenRouter, quoting the provider", 400,
     R"~({"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"prompt is too long: 213462 tokens > 200000 maximum\"}}","provider_name":"Anthropic"}}})~",
     213462, 200000},
    {"Cerebras", 400,
     R"~({"message":"Please reduce the length of the messages or completion. Current length is 42328 while limit is 40000","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"})~",
     42328, 40000},
    {"Moonshot", 400,
     R"~({"error":{"message":"Invalid request: Your request exceeded model token limit: 262144 (requested: 270000)","type":"invalid_request_error"}})~",
     270000, 262144},
    {"MiniMax: the number is its error code",
     400,
     R"~({"type":"error","error":{"type":"bad_request_error","message":"invalid params, context window exceeds limit (2013)","http_code":"400"}})~",
     {},
     {}},
    {"Zhipu", 400, R"~({"error":{"code":"1261","message":"Prompt 超长"}})~", {}, {}},
    {"Z.ai", 400, R"~({"error":{"code":"1261","message":"Prompt exceeds max length"}})~", {}, {}},
    {"Qwen",
     400,
     R"~({"error":{"code":"invalid_parameter_error","param":null,"message":"<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 983616]","type":"invalid_request_error"}})~",
     {},
     983616},
    {"Bedrock", 400, R"~({"message":"Input is too long for requested model."})~", {}, {}},
    {"Bedrock, Titan", 400,
     R"~({"message":"400 Bad Request: Too many input tokens. Max input tokens: 8192, request input token count: 9279 "})~",
     9279, 8192},
    {"Cohere", 400,
     R"~({"message":"too many tokens: total number of tokens (prompt and prediction) cannot exceed 2048 - received 6354. Try using a shorter prompt or a smaller max_tokens value."})~",
     6354, 2048},
    {"Cohere, later",
     400,
     R"~({"message":"too many tokens: size limit exceeded by 11326 tokens. Try using shorter or fewer inputs. The limit for this model is 288000 tokens."})~",
     {},
     288000},
    {"Perplexity",
     400,
     R"~({"error":{"message":"Too many prompt tokens","type":"too_many_prompt_tokens","code":400}})~",
     {},
     {}},
    {"Text Generation Inference", 422,
     R"~({"error":"Input validation error: `inputs` tokens + `max_new_tokens` must be <= 65537. Given: 79993 `inputs` tokens and 1024 `max_new_tokens`","error_type":"validation"})~",
     79993, 65537},
    {"Text Generation Inference, the input alone", 422,
     R"~({"error":"Input validation error: `inputs` must have less than 4096 tokens. Given: 4545","error_type":"validation"})~",
     4545, 4096},
    {"vLLM", 400,
     R"~({"error":{"message":"You passed 1015 input tokens and requested 10 output tokens. However, the model's context length is only 1024 tokens, resulting in a maximum input length of 1014 tokens. Please reduce the length of the input prompt.","type":"BadRequestError","param":"input_tokens","code":400}})~",
     1015, 1024},
    {"vLLM, V1 engine", 400,
     R"~({"object":"error","message":"The decoder prompt (length 5000) is longer than the maximum model length of 4096. Make sure that `max_model_len` is no smaller than the number of text tokens.","type":"BadRequestError","param":null,"code":400})~",
     5000, 4096},
    {"vLLM, in the middle of 2025", 400,
     R"~({"object":"error","message":"This model's maximum context length is 4096 tokens and your request has 5000 input tokens.","type":"BadRequestError","param":null,"code":400})~",
     5000, 4096},
    {"vLLM 0.6", 400,
     R"~({"object":"error","message":"The prompt (total length 25938) is too long to fit into the model (context length 4096). Make sure that `max_model_len` is no smaller than the number of text tokens plus multimodal tokens.","type":"BadRequestError","param":null,"code":400})~",
     25938, 4096},
    {"vLLM, without max_tokens",
     400,
     R"~({"object":"error","message":"max_tokens must be at least 1, got -904.","type":"BadRequestError","param":null,"code":400})~",
     {},
     {}},
    {"SGLang", 400,
     R"~({"object":"error","message":"The input (61709 tokens) is longer than the model's context length (40960 tokens).","type":"BadRequestError","param":null,"code":400})~",
     61709, 40960},
    {"SGLang, with max_tokens", 400,
     R"~({"object":"error","message":"Requested token count exceeds the model's maximum context length of 202752 tokens. You requested a total of 202941 tokens: 170941 tokens from the input messages and 32000 tokens for the completion. Please reduce the number of tokens in the input messages or the completion to fit within the limit.","type":"BadRequestError","param":null,"code":400})~",
     170941, 202752},
    {"SGLang, small memory", 400,
     R"~({"object":"error","message":"Input length (160062 tokens) exceeds the maximum allowed length (59862 tokens). Use a shorter input or enable --allow-auto-truncate.","type":"BadRequestError","param":null,"code":400})~",
     160062, 59862},
    {"llama-server", 400,
     R"~({"error":{"code":400,"message":"request (481909 tokens) exceeds the available context size (32768 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":481909,"n_ctx":32768}})~",
     481909, 32768},
    {"llama.cpp, older",
     400,
     R"~({"error":{"code":400,"message":"the request exceeds the available context size. try increasing the context size or enable context shift","type":"invalid_request_error"}})~",
     {},
     {}},
    {"llama-cpp-python", 400,
     R"~({"error":{"message":"Requested tokens (5120) exceed context window of 4096","type":"internal_server_error","param":null,"code":null}})~",
     5120, 4096},
    {"Ollama", 400, R"~({"error":"prompt too long; exceeded max context length by 123 tokens"})~", {}, {}},
    {"Ollama, embeddings", 400, R"~({"error":"the input length exceeds the context length"})~", {}, {}},
    {"LM Studio", 400,
     R"~({"error":"Trying to keep the first 111490 tokens when context the overflows. However, the model is loaded with context length of only 32768 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input."})~",
     111490, 32768},
    {"LM Studio, later", 400,
     R"~({"error":"The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 15857>= n_ctx: 4096). Try to load the model with a larger context length, or provide a shorter input."})~",
     15857, 4096},
    {"LM Studio 0.4", 400, R"~({"error":"Cannot truncate prompt with n_keep (15028) >= n_ctx (7424)"})~", 15028, 7424},
    {"LM Studio, MLX", 500, R"~({"error":"Context size has been exceeded."})~", {}, {}},
    {"LocalAI",
     500,
     R"~({"error":{"code":500,"message":"rpc error: code = Internal desc = the request exceeds the available context size, try increasing it","type":""}})~",
     {},
     {}},
    {"TensorRT-LLM on Triton", 500,
     R"~({"error":"Encountered error for requestId 1: Cannot process new request: Prompt length (5056) exceeds maximum input length (2048)"})~",
     5056, 2048},
    {"trtllm-serve", 400,
     R"~({"object":"error","message":"The sum of prompt length (9000.0), query length (0) should not exceed max_num_tokens (8192)","type":"BadRequestError","param":null,"code":400})~",
     9000, 8192},
    {"NVIDIA NIM", 400,
     R"~({"object":"error","message":"Input length 553 exceeds maximum allowed token size 512","detail":{},"type":"invalid_request_error"})~",
     553, 512},
    {"LiteLLM", 400,
     R"~({"error":{"message":"litellm.ContextWindowExceededError: litellm.BadRequestError: ContextWindowExceededError: AnthropicException - {\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"prompt is too long: 213462 tokens > 200000 maximum\"}}","type":null,"param":null,"code":"400"}})~",
     213462, 200000},
    {"GitHub Copilot", 400,
     R"~({"error":{"message":"prompt token count of 93854 exceeds the limit of 90000","code":"model_max_prompt_tokens_exceeded"}})~",
     93854, 90000},
    {"GitHub Models",
     413,
     R"~({"error":{"code":"tokens_limit_reached","message":"Request body too large for gpt-4o model. Max size: 8000 tokens.","details":""}})~",
     {},
     8000},
    {"Mistral, later", 400,
     R"~({"object":"error","message":"Prompt 262280 > 262144 maximum context length","type":"invalid_request_prompt_too_long","param":null,"code":"5059"})~",
     262280, 262144},
    {"Mistral, later, from a gateway that loses the type", 400, "Prompt 262280 > 262144 maximum context length", 262280,
     262144},
    {"Bedrock, Mantle", 400, "prompt tokens (1416135) exceed model maximum (1050000) for this request", 1416135,
     1050000},
    {"Anthropic, in bytes, later", 413, "Request exceeds the maximum allowed number of bytes", {}, {}},
    {"Gemini, in bytes", 400, "Request payload size exceeds the limit: 20971520 bytes.", {}, {}},
    {"oMLX", 400, "Prompt too long: 360012 tokens exceeds max context window of 262144 tokens", 360012, 262144},
    {"Replicate", 422,
     R"~({"detail":"Your input is too long. Max input length is 4096 tokens, but you supplied 5441 tokens."})~", 5441,
     4096},
    {"Perplexity, all messages", 400, "The total length of all messages is too long.", {}, {}},
    {"digits in groups", 400, "prompt is too long: 219,898 tokens > 200,000 maximum", 219898, 200000},
};

TEST(ContextLength, IsKnownInTheWordsOfEachServer) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.server);
    const Error error = error_of(row.status, row.body);
    EXPECT_EQ(to_string(error.kind), "context_length");
    EXPECT_EQ(error.prompt_tokens, row.prompt);
    EXPECT_EQ(error.context_tokens, row.context);
    EXPECT_FALSE(error.provider_message.empty());
  }
}

TEST(ContextLength, IsKnownWithinAnAnswerToo) {
  // LM Studio and OpenRouter begin the stream before they have counted.
  ProviderError said;
  said.message = "prompt is too long: 213462 tokens > 200000 maximum";
  const Error error = error_within_answer(said);
  EXPECT_EQ(error.kind, ErrorKind::context_length);
  EXPECT_EQ(error.prompt_tokens, TokenCount(213462));
  EXPECT_EQ(error.context_tokens, TokenCount(200000));
}

TEST(ContextLength, NumbersAreInTheJsonOfTheError) {
  const std::string json = to_json(error_of(400, "prompt is too long: 219898 tokens > 200000 maximum"));
  EXPECT_NE(json.find(R"("prompt_tokens":219898)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("context_tokens":200000)"), std::string::npos) << json;
  EXPECT_EQ(to_json(error_of(400, "no")).find("_tokens"), std::string::npos);
}

struct OtherRow {
  std::string_view server;
  int status;
  std::string_view body;
  ErrorKind kind;
};

const OtherRow others[] = {
    // To shorten the prompt would not help: only time does.
    {"OpenAI, tokens per minute", 429,
     R"~({"error":{"message":"Rate limit reached for gpt-5.1 in organization org-A on tokens per min (TPM): Limit 30000, Used 22999, Requested 12528. Please try again in 11.054s.","type":"tokens","param":null,"code":"rate_limit_exceeded"}})~",
     ErrorKind::rate_limited},
    {"OpenAI, one request above the limit of a minute", 429,
     R"~({"error":{"message":"Request too large for gpt-4o in organization org-A on tokens per min (TPM): Limit 30000, Requested 40322. The input or output tokens must be reduced in order to run successfully.","type":"tokens","param":null,"code":"rate_limit_exceeded"}})~",
     ErrorKind::rate_limited},
    {"Groq, one request above the limit of a minute", 413,
     R"~({"error":{"message":"Request too large for model `llama-3.1-8b-instant` in organization `org_1` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 7020, please reduce your message size and try again.","type":"tokens","code":"rate_limit_exceeded"}})~",
     ErrorKind::invalid_argument},
    {"Bedrock, throttling", 429, R"~({"message":"Too many tokens, please wait before trying again."})~",
     ErrorKind::rate_limited},
    {"a gateway that sends the wrong status", 400,
     R"~({"message":"Throttling error: Too many tokens: size limit exceeded, please wait"})~",
     ErrorKind::invalid_argument},
    {"Anthropic, tokens per minute", 429,
     R"~({"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your organization's rate limit of 40,000 input tokens per minute"}})~",
     ErrorKind::rate_limited},
    // The prompt fits; the answer that was asked for does not.
    {"OpenAI, max_tokens", 400,
     "max_tokens is too large: 40000. This model supports at most 16384 completion tokens, whereas you provided 40000.",
     ErrorKind::invalid_argument},
    {"vLLM, max_tokens", 400,
     R"~({"object":"error","message":"'max_tokens' or 'max_completion_tokens' is too large: 8192. This model's maximum context length is 65536 tokens and your request has 57879 input tokens (8192 > 65536 - 57879). None","type":"BadRequestError","param":null,"code":400})~",
     ErrorKind::invalid_argument},
    {"Anthropic, max_tokens", 400,
     R"~({"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens for claude-sonnet-4"}})~",
     ErrorKind::invalid_argument},
    {"Qwen, max_tokens", 400, "<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 8192]",
     ErrorKind::invalid_argument},
    {"Text Generation Inference, max_new_tokens", 422,
     R"~({"error":"Input validation error: `max_new_tokens` must be <= 192. Given: 512","error_type":"validation"})~",
     ErrorKind::invalid_argument},
    // One field is too long.
    {"OpenAI, user", 400,
     R"~({"error":{"message":"Invalid 'user': string too long. Expected a string with maximum length 64, but got a string with length 83 instead.","type":"invalid_request_error","param":"user","code":"string_above_max_length"}})~",
     ErrorKind::invalid_argument},
    // To wait or to shorten the prompt would not help: money does.
    {"Anthropic, credit", 400,
     R"~({"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."}})~",
     ErrorKind::permission},
    {"DeepSeek, credit", 402, "Insufficient Balance", ErrorKind::permission},
    {"Zhipu, credit", 429, R"~({"error":{"code":"1113","message":"余额不足或无可用资源包,请充值。"}})~",
     ErrorKind::permission},
    {"Moonshot, credit", 429,
     R"~({"error":{"message":"Your account is suspended due to insufficient balance, please recharge your account or check your plan and billing details","type":"exceeded_current_quota_error"}})~",
     ErrorKind::permission},
    {"Gemini, prepaid", 429,
     R"~([{"error":{"code":429,"message":"Your prepayment credits are depleted. Please go to AI Studio to manage your project and billing.","status":"RESOURCE_EXHAUSTED"}}])~",
     ErrorKind::permission},
    {"Qwen, credit", 400,
     R"~({"error":{"code":"Arrearage","message":"Access denied, please make sure your account is in good standing.","type":"Arrearage"}})~",
     ErrorKind::permission},
    {"Qwen, credit, as it was spelt", 400, "Access denied, plesase make sure your account is in good standing.",
     ErrorKind::permission},
    {"Fireworks, credit", 412,
     "Account a is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices.",
     ErrorKind::permission},
    {"Volcengine, credit", 403, "The request failed because your account has an overdue balance.",
     ErrorKind::permission},
    {"Z.ai, credit", 429, "Your account is in arrears, please recharge and try again", ErrorKind::permission},
    {"xAI, credit", 403,
     R"~({"code":"The caller does not have permission to execute the specified operation","error":"Your newly created team doesn't have any credits yet."})~",
     ErrorKind::permission},
    {"Gemini, free tier: a limit of a minute in the words of a quota", 429,
     R"~([{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34s"}]}}])~",
     ErrorKind::rate_limited},
};

TEST(ContextLength, IsNotTakenForOtherLimits) {
  for (const OtherRow& row : others) {
    SCOPED_TRACE(row.server);
    const Error error = error_of(row.status, row.body);
    EXPECT_EQ(to_string(error.kind), to_string(row.kind));
    EXPECT_EQ(error.prompt_tokens, TokenCount());
    EXPECT_EQ(error.context_tokens, TokenCount());
  }
}

TEST(ContextLength, TakesNoNumberThatCannotBeALength) {
  for (const char* hostile : {"prompt is too long: 99999999999999999999999999 tokens > 200000 maximum",
                              "prompt is too long: -5 tokens > many maximum", "prompt is too long: , tokens >"}) {
    const Error error = error_of(400, hostile);
    EXPECT_EQ(error.kind, ErrorKind::context_length) << hostile;
    EXPECT_EQ(error.prompt_tokens, TokenCount()) << hostile;
  }
}

}  // namespace
}  // namespace abstractllm
