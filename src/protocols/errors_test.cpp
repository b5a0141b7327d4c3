// SPDX-License-Identifier: Apache-2.0
#include "protocols/errors.hpp"

#include <gtest/gtest.h>

#include "protocols/openai_chat/openai_chat.hpp"

namespace abstractllm {
namespace {

Error error_of(int status, std::string_view body, std::vector<HttpHeader> headers = {}) {
  HttpHead head;
  head.status = status;
  head.headers = std::move(headers);
  return make_openai_chat_protocol()->decode_error(head, body);
}

struct Row {
  int status;
  std::string_view body;
  ErrorKind kind;
  std::string_view code;
  std::string_view message;
};

// Shapes and codes: docs/wire-formats.md#openai-errors, #anthropic-errors, #ollama-errors, #error-bodies,
// #llama-server, #azure-openai.
const Row rows[] = {
    // OpenAI
    {400, R"({"error":{"message":"P","type":"invalid_request_error","param":"x","code":null}})",
     ErrorKind::invalid_argument, "invalid_request_error", "P"},
    {400,
     R"({"error":{"message":"P","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}})",
     ErrorKind::context_length, "context_length_exceeded", "P"},
    {400, R"({"error":{"message":"P","type":"invalid_request_error","param":"model","code":"model_not_found"}})",
     ErrorKind::not_found, "model_not_found", "P"},
    {401, R"({"error":{"message":"P","type":"invalid_request_error","param":null,"code":"invalid_api_key"}})",
     ErrorKind::authentication, "invalid_api_key", "P"},
    {403, R"({"error":{"message":"P","type":"invalid_request_error","code":"unsupported_country_region_territory"}})",
     ErrorKind::permission, "unsupported_country_region_territory", "P"},
    {404, R"({"error":{"message":"P","type":"invalid_request_error","param":null,"code":"model_not_found"}})",
     ErrorKind::not_found, "model_not_found", "P"},
    {429, R"({"error":{"message":"P","type":"tokens","param":null,"code":"rate_limit_exceeded"}})",
     ErrorKind::rate_limited, "rate_limit_exceeded", "P"},
    {429, R"({"error":{"message":"P","type":"insufficient_quota","param":null,"code":"insufficient_quota"}})",
     ErrorKind::permission, "insufficient_quota", "P"},
    {429, R"({"error":{"message":"P","type":"insufficient_quota","param":null,"code":"credit_balance_exhausted"}})",
     ErrorKind::permission, "credit_balance_exhausted", "P"},
    {429, R"({"error":{"message":"P","code":"billing_not_active"}})", ErrorKind::permission, "billing_not_active", "P"},
    {500, R"({"error":{"message":"P","type":"server_error","param":null,"code":null}})", ErrorKind::unavailable,
     "server_error", "P"},
    {503, R"({"error":{"message":"P","type":"server_error","code":"slow_down"}})", ErrorKind::unavailable, "slow_down",
     "P"},
    // vLLM, new and old
    {400,
     R"({"error":{"message":"You passed 1015 input tokens. However, the model's context length is only 1024 tokens","type":"BadRequestError","param":"input_tokens","code":400}})",
     ErrorKind::context_length, "BadRequestError",
     "You passed 1015 input tokens. However, the model's context length is only 1024 tokens"},
    {404, R"({"object":"error","message":"P","type":"NotFoundError","param":null,"code":404})", ErrorKind::not_found,
     "NotFoundError", "P"},
    {400,
     R"({"object":"error","message":"This model's maximum context length is 16 tokens.","type":"BadRequestError","param":null,"code":400})",
     ErrorKind::context_length, "BadRequestError", "This model's maximum context length is 16 tokens."},
    // llama-server
    {503, R"({"error":{"message":"Loading model","type":"unavailable_error","code":503}})", ErrorKind::unavailable,
     "unavailable_error", "Loading model"},
    {400,
     R"({"error":{"code":400,"message":"P","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}})",
     ErrorKind::context_length, "exceed_context_size_error", "P"},
    {501, R"({"error":{"code":501,"message":"P","type":"not_supported_error"}})", ErrorKind::unsupported,
     "not_supported_error", "P"},
    {500, R"({"error":{"code":500,"message":"P","type":"server_error"}})", ErrorKind::unavailable, "server_error", "P"},
    // LM Studio, Ollama
    {400, R"({"error":"P"})", ErrorKind::invalid_argument, "", "P"},
    {404, R"({"error":{"message":"model not found","type":"not_found_error","param":null,"code":null}})",
     ErrorKind::not_found, "not_found_error", "model not found"},
    // OpenRouter
    {402, R"({"error":{"code":402,"message":"P","metadata":{}},"user_id":"u"})", ErrorKind::permission, "402", "P"},
    {403, R"({"error":{"code":403,"message":"P","metadata":{"reasons":["violence"],"flagged_input":"x"}}})",
     ErrorKind::content_filtered, "403", "P"},
    {502, R"({"error":{"code":502,"message":"Provider returned error","metadata":{"raw":"R"}}})",
     ErrorKind::unavailable, "502", "Provider returned error: R"},
    // Mistral
    {422,
     R"({"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","n"],"msg":"Extra inputs are not permitted"}]},"type":"invalid_request_error","param":null,"code":null,"raw_status_code":422})",
     ErrorKind::invalid_argument, "invalid_request_error", "body.n: Extra inputs are not permitted"},
    {400, R"({"object":"error","message":"P","type":"invalid_function_call","param":null,"code":"3280"})",
     ErrorKind::invalid_argument, "3280", "P"},
    {401, R"({"detail":"Unauthorized"})", ErrorKind::authentication, "", "Unauthorized"},
    {422, R"({"detail":[{"loc":["body"],"msg":"A","type":"missing"},{"loc":["body"],"msg":"B","type":"missing"}]})",
     ErrorKind::invalid_argument, "", "body: A; body: B"},
    // Gemini
    {400, R"([{"error":{"code":400,"message":"P","status":"INVALID_ARGUMENT","details":[]}}])",
     ErrorKind::invalid_argument, "INVALID_ARGUMENT", "P"},
    {429,
     R"({"error":{"code":429,"message":"P","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}]}})",
     ErrorKind::rate_limited, "RESOURCE_EXHAUSTED", "P"},
    // Azure
    {401, R"({"error":{"code":"401","message":"P"}})", ErrorKind::authentication, "401", "P"},
    {400,
     R"({"error":{"message":"P","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}})",
     ErrorKind::content_filtered, "content_filter", "P"},
    // xAI
    {400, R"({"code":"Client specified an invalid argument","error":"Incorrect API key provided: ab***yz."})",
     ErrorKind::authentication, "Client specified an invalid argument", "Incorrect API key provided: ab***yz."},
    {404, R"({"code":"Some requested entity was not found","error":"P"})", ErrorKind::not_found,
     "Some requested entity was not found", "P"},
    // Cohere, Perplexity, TGI, Doubleword
    {404, R"({"message":"P"})", ErrorKind::not_found, "", "P"},
    {400, R"({"error":{"message":"P","type":"too_many_prompt_tokens","code":400}})", ErrorKind::context_length,
     "too_many_prompt_tokens", "P"},
    {422, R"({"error":"P","error_type":"validation"})", ErrorKind::invalid_argument, "validation", "P"},
    {403, R"({"code":"c","message":"P","type":"t"})", ErrorKind::permission, "c", "P"},
    // other statuses, other bodies
    {408, "", ErrorKind::unavailable, "", ""},
    {413, "", ErrorKind::invalid_argument, "", ""},
    {529, "{}", ErrorKind::unavailable, "", "{}"},
    {405, "405 method not allowed\n", ErrorKind::invalid_argument, "", "405 method not allowed"},
    {502, "<html><head><title>502 Bad Gateway</title></head></html>", ErrorKind::unavailable, "", "502 Bad Gateway"},
    {400, "{\"error\":{\"message\":\"cut", ErrorKind::invalid_argument, "", "{\"error\":{\"message\":\"cut"},
    {400, "\xFF\xFE", ErrorKind::invalid_argument, "", "\\xff\\xfe"},
    {302, "", ErrorKind::not_configured, "", ""},
};

TEST(OpenaiChatErrors, MapEveryKnownShape) {
  for (const Row& row : rows) {
    SCOPED_TRACE(std::to_string(row.status) + " " + std::string(row.body));
    const Error error = error_of(row.status, row.body);
    EXPECT_EQ(to_string(error.kind), to_string(row.kind));
    EXPECT_EQ(error.http_status, row.status);
    EXPECT_EQ(error.provider_code, row.code);
    EXPECT_EQ(error.provider_message, row.message);
    EXPECT_NE(error.message.find("HTTP " + std::to_string(row.status)), std::string::npos);
  }
}

TEST(OpenaiChatErrors, NeverPutTheProvidersTextIntoOurMessage) {
  const Error error = error_of(400, R"({"error":{"message":"leak","type":"leak","code":"leak","param":"leak"}})");
  EXPECT_EQ(error.message.find("leak"), std::string::npos);
}

TEST(OpenaiChatErrors, SayBothNumbersWhereThePromptIsTooLong) {
  const Error error = error_of(
      400,
      R"({"error":{"code":400,"message":"P","type":"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}})");
  EXPECT_EQ(error.message, "the prompt does not fit the model's context: 5000 tokens, where 4096 fit (HTTP 400)");
  EXPECT_EQ(error.prompt_tokens, TokenCount(5000));
  EXPECT_EQ(error.context_tokens, TokenCount(4096));
}

TEST(OpenaiChatErrors, HintAtAProxyWhereAWebPageComes) {
  EXPECT_NE(error_of(404, "\n <!doctype html>").message.find("base URL"), std::string::npos);
}

TEST(OpenaiChatErrors, LimitWhatTheyKeepOfTheProvidersText) {
  const std::string flood(1000000, 'x');
  EXPECT_LE(
      error_of(400, R"({"error":{"message":")" + flood + R"(","code":")" + flood + "\"}}").provider_message.size(),
      4000U);
  EXPECT_LE(error_of(400, R"({"error":{"message":"m","code":")" + flood + "\"}}").provider_code.size(), 200U);
  EXPECT_LE(error_of(400, flood).provider_message.size(), 1000U);
}

TEST(OpenaiChatErrors, CarryTheRequestId) {
  EXPECT_EQ(error_of(500, "", {{"X-Request-Id", "a"}}).request_id, "a");
  EXPECT_EQ(error_of(500, "", {{"request-id", "b"}}).request_id, "b");
  EXPECT_EQ(error_of(500, "").request_id, "");
}

TEST(OpenaiChatErrors, CarryHowLongToWait) {
  using std::chrono::milliseconds;
  const auto wait = [](std::vector<HttpHeader> headers) { return error_of(429, "", std::move(headers)).retry_after; };
  EXPECT_EQ(wait({}), std::nullopt);
  EXPECT_EQ(wait({{"Retry-After", "20"}}), milliseconds(20000));
  EXPECT_EQ(wait({{"retry-after", "0.25"}}), milliseconds(250));
  EXPECT_EQ(wait({{"retry-after-ms", "1500"}, {"retry-after", "9"}}), milliseconds(1500));
  EXPECT_EQ(wait({{"retry-after", "1"}, {"retry-after-ms", "0"}}), milliseconds(0));
  EXPECT_EQ(wait({{"retry-after-ms", "soon"}, {"retry-after", "9"}}), milliseconds(9000));
  // This is longer than any client waits, so there is no retry. An unknown wait would be retried at once.
  for (const char* endless : {"99999999999999999999999", "9999999999"})
    EXPECT_GE(wait({{"retry-after", endless}}), std::chrono::hours(24 * 365)) << endless;
  const std::string date = "Sun, 06 Nov 1994 08:49:37 GMT";
  EXPECT_EQ(wait({{"retry-after", date}}), std::nullopt) << "no clock to compare with";
  EXPECT_EQ(wait({{"retry-after", date}, {"date", "Sun, 06 Nov 1994 08:49:07 GMT"}}), milliseconds(30000));
  EXPECT_EQ(wait({{"retry-after", date}, {"date", "Mon, 07 Nov 1994 00:00:00 GMT"}}), milliseconds(0));
  for (const char* bad :
       {"", ".", "-1", "nan", "1e9", "1 2", "Sun, 99 Foo 1994 08:49:37 GMT", "Sun, 31 Feb 2026 00:00:00 GMT"}) {
    EXPECT_EQ(wait({{"retry-after", bad}, {"date", date}}), std::nullopt) << bad;
  }
}

TEST(OpenaiChatErrors, ReadTheDelayInGeminisBody) {
  const Error error =
      error_of(429, R"({"error":{"code":429,"status":"X","details":[{"@type":"a"},{"retryDelay":"34.4s"}]}})");
  EXPECT_EQ(error.retry_after, std::chrono::milliseconds(34400));
}

TEST(DecodeError, DoesNotCutATargetThatMayHoldAKey) {
  const std::string target = "http://other:8080/" + std::string(275, 'x') + "sk-secret-123456789";
  const std::string message = error_of(302, "", {{"Location", target}}).message;
  EXPECT_NE(message.find("it redirects to 'http://other:8080/…'"), std::string::npos) << message;
  EXPECT_EQ(message.find("sk-s"), std::string::npos) << message;
}

}  // namespace
}  // namespace abstractllm
