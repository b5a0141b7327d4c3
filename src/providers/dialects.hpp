// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocols/openai_chat/encode.hpp"

/// The fields that each server's Chat Completions accepts. An empty field means that the server refuses it or does not
/// have it. A row that relies on a section of docs/wire-formats.md names it. The rest comes from the vendors'
/// documentation, from memory, and was not checked again.
namespace abstractllm::dialects {

using openai_chat::Dialect;

/// The fields of OpenAI's own specification and no others (docs/wire-formats.md#chat-request). Without audio and files,
/// because most servers take none.
constexpr Dialect plain() {
  Dialect dialect;
  dialect.top_k = dialect.min_p = dialect.repeat_penalty = dialect.cache_prompt = "";
  dialect.counts_tokens = false;
  dialect.audio = openai_chat::AudioForm::none;
  dialect.named_choice = openai_chat::NamedChoice::object;
  return dialect;
}

/// Reasoning models refuse max_tokens (docs/wire-formats.md#chat-max-tokens). Audio is WAV or MP3
/// (docs/wire-formats.md#chat-audio), and files are PDF (docs/wire-formats.md#chat-files).
constexpr Dialect openai() {
  Dialect dialect = plain();
  dialect.audio = openai_chat::AudioForm::object;
  dialect.only_wav_and_mp3 = true;
  dialect.pdf = true;
  dialect.max_tokens = "max_completion_tokens";
  dialect.openai_models = true;
  dialect.tool_rules = ToolRuleSet::openai;
  dialect.call_ids = CallIdForm::at_most_40;
  return dialect;
}

/// As OpenAI, with another strict mode (docs/wire-formats.md#tool-rules).
constexpr Dialect azure() {
  Dialect dialect = openai();
  dialect.tool_rules = ToolRuleSet::azure;
  return dialect;
}

/// Groq answers 400 to logprobs and logit_bias (docs/wire-formats.md#groq).
constexpr Dialect groq() {
  Dialect dialect = plain();
  dialect.logit_bias = dialect.logprobs = "";
  dialect.tool_rules = ToolRuleSet::groq;
  return dialect;
}

/// Mistral answers 422 to unknown fields and sends usage without stream_options. Ids of calls have nine characters
/// (docs/wire-formats.md#mistral).
constexpr Dialect mistral() {
  Dialect dialect = plain();
  dialect.required_choice = "any";
  dialect.tool_rules = ToolRuleSet::mistral;
  dialect.call_ids = CallIdForm::nine;
  dialect.seed = "random_seed";
  dialect.audio = openai_chat::AudioForm::text;
  dialect.logit_bias = dialect.logprobs = dialect.stream_options = dialect.reasoning_effort = "";
  return dialect;
}

/// It answers 400 if a turn with tool calls comes back without its reasoning_content, which may be empty
/// (https://api-docs.deepseek.com/guides/thinking_mode, 2026-11).
constexpr Dialect deepseek() {
  Dialect dialect = plain();
  dialect.reasoning_content = "reasoning_content";
  dialect.parallel_tool_calls = "";
  dialect.tool_rules = ToolRuleSet::deepseek;
  dialect.seed = dialect.logit_bias = "";
  return dialect;
}

/// vLLM and similar servers (SGLang, Together, Fireworks, OpenRouter) take extra parameters at the top level
/// (docs/wire-formats.md#vllm).
constexpr Dialect vllm() {
  Dialect dialect;
  dialect.repeat_penalty = "repetition_penalty";
  dialect.cache_prompt = "";
  dialect.named_choice = openai_chat::NamedChoice::object;
  return dialect;
}

/// As vLLM, and PDF documents for every model (docs/wire-formats.md#openrouter).
constexpr Dialect openrouter() {
  Dialect dialect = vllm();
  dialect.pdf = dialect.pdf_urls = true;
  return dialect;
}

constexpr Dialect xai() {
  Dialect dialect = plain();
  dialect.logit_bias = "";
  return dialect;
}

/// It takes audio in OpenAI's form (docs/wire-formats.md#gemini).
constexpr Dialect gemini() {
  Dialect dialect = plain();
  dialect.audio = openai_chat::AudioForm::object;
  dialect.parallel_tool_calls = "";
  dialect.tool_rules = ToolRuleSet::gemini;
  dialect.logit_bias = "";
  return dialect;
}

constexpr Dialect cerebras() {
  Dialect dialect = plain();
  dialect.frequency_penalty = dialect.presence_penalty = "";
  return dialect;
}

/// Unknown servers, which are taken for llama-server. Each option is sent as it was set.
constexpr Dialect any() { return openai_chat::llama_server_dialect; }

/// Models in this process. They share llama-server's parser, which knows functions only.
constexpr Dialect local_models() {
  Dialect dialect = any();
  dialect.why_none_hosted = "a local model has no provider that runs tools";
  return dialect;
}

/// It answers 400 to a tool that is no function (docs/wire-formats.md#llama-server).
constexpr Dialect llama_server() {
  Dialect dialect = any();
  dialect.why_none_hosted = "llama-server runs no tools";
  dialect.has_props = true;
  return dialect;
}

}  // namespace abstractllm::dialects
