// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocols/openai_chat/encode.hpp"

/// What each server's Chat Completions takes. A field that is empty, the server refuses or does not have. Sources:
/// wire_protocols (2026-11-22) A.2, E.2 where a row says so; the rest from the vendors' documentation, from memory: not
/// checked anew.
namespace abstractllm::dialects {

using openai_chat::Dialect;

/// Fields of OpenAI's own specification and no others.
constexpr Dialect plain() {
  Dialect dialect;
  dialect.top_k = dialect.min_p = dialect.repeat_penalty = dialect.cache_prompt = "";
  return dialect;
}

/// A.2: max_tokens is deprecated, and refused by reasoning models.
constexpr Dialect openai() {
  Dialect dialect = plain();
  dialect.max_tokens = "max_completion_tokens";
  dialect.openai_models = true;
  return dialect;
}

/// E.2: 400 for logprobs and logit_bias.
constexpr Dialect groq() {
  Dialect dialect = plain();
  dialect.logit_bias = dialect.logprobs = "";
  return dialect;
}

/// E.2: unknown fields are refused with 422; usage comes without stream_options.
constexpr Dialect mistral() {
  Dialect dialect = plain();
  dialect.seed = "random_seed";
  dialect.logit_bias = dialect.logprobs = dialect.stream_options = dialect.reasoning_effort = "";
  return dialect;
}

/// It answers 400 where a turn with tool calls comes back without its reasoning_content, be it empty
/// (https://api-docs.deepseek.com/guides/thinking_mode, 2026-11).
constexpr Dialect deepseek() {
  Dialect dialect = plain();
  dialect.reasoning_content = "reasoning_content";
  dialect.seed = dialect.logit_bias = "";
  return dialect;
}

/// vLLM and what is built like it (SGLang, Together, Fireworks, OpenRouter): E.2, extra parameters at the top level.
constexpr Dialect vllm() {
  Dialect dialect;
  dialect.repeat_penalty = "repetition_penalty";
  dialect.cache_prompt = "";
  return dialect;
}

constexpr Dialect xai() {
  Dialect dialect = plain();
  dialect.logit_bias = "";
  return dialect;
}

constexpr Dialect gemini() {
  Dialect dialect = plain();
  dialect.logit_bias = "";
  return dialect;
}

constexpr Dialect cerebras() {
  Dialect dialect = plain();
  dialect.frequency_penalty = dialect.presence_penalty = "";
  return dialect;
}

/// llama-server, and servers of which nothing is known: everything is sent as it is asked for.
constexpr Dialect any() { return openai_chat::llama_server_dialect; }

}  // namespace abstractllm::dialects
