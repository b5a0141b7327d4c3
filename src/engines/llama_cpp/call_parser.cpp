// SPDX-License-Identifier: Apache-2.0
//
// As the engine does it for the templates that it knows (common/parsers/, common/chat-auto-parser-generator.cpp,
// v0.5.0).
#include "engines/llama_cpp/call_parser.hpp"

#include "chat-auto-parser-helpers.h"
#include "chat-auto-parser.h"
#include "chat-peg-parser.h"
#include "common.h"
#include "json-schema-to-grammar.h"
#include "server-task.h"

namespace abstractllm {
namespace {

/// Degenerate answers repeat a call for ever.
constexpr int most_more_calls = 31;

std::string piece_of(const llama_vocab* vocab, llama_token token) {
  return token == LLAMA_TOKEN_NULL ? std::string() : common_token_to_piece(vocab, token, true);
}

/// One call of one of the tools. The rules have numbers, because the engine's names of rules forget the difference
/// between '_' and '-'.
common_peg_parser one_call(common_chat_peg_builder& p, const json& tools) {
  auto call = p.choice();
  int number = 0;
  for (const json& tool : tools) {
    const json& function = tool.at("function");
    const std::string rule = "tool-" + std::to_string(number++);
    const auto name =
        p.literal("\"name\"") + p.space() + p.literal(":") + p.space() +
        p.atomic(p.literal("\"") + p.tool_name(p.literal(function.at("name").get<std::string>())) + p.literal("\""));
    const auto arguments = p.literal("\"arguments\"") + p.space() + p.literal(":") + p.space() +
                           p.tool_args(p.schema(p.json(), rule + "-schema", common_chat_tool_parameters(function)));
    call |= p.rule(rule, p.tool(p.tool_open(p.literal("{")) + p.space() + name + p.space() + p.literal(",") +
                                p.space() + arguments + p.space() + p.tool_close(p.literal("}"))));
  }
  return p.literal(call_start) + p.space() + call + p.space() + p.literal(call_end);
}

common_peg_parser calls_of(common_chat_peg_builder& p, const PromptedTools& offered) {
  const auto call = p.rule("tool-call", one_call(p, offered.tools));
  if (!offered.parallel) return p.trigger_rule("tool-calls", call);
  return p.trigger_rule("tool-calls", call + p.repeat(p.space() + call, 0, most_more_calls));
}

common_peg_arena answer_parser(const PromptedTools& offered, const autoparser::autoparser& form,
                               const autoparser::generation_params& inputs, const std::string& generation_prompt) {
  return build_chat_peg_parser([&](common_chat_peg_builder& p) {
    autoparser::parser_build_context context(p, inputs);
    context.extracting_reasoning = inputs.reasoning_format != COMMON_REASONING_FORMAT_NONE &&
                                   form.reasoning.mode != autoparser::reasoning_mode::NONE;
    context.content = &form.content;
    context.reasoning = &form.reasoning;
    context.reasoning_parser = form.reasoning.build_parser(context);
    const auto prefix = p.prefix(generation_prompt, trim_whitespace(form.reasoning.start));
    const auto calls = calls_of(p, offered);
    if (offered.required) return (prefix << context.reasoning_parser << calls) + p.space() + p.end();
    const auto text = form.content.is_always_wrapped() ? form.content.build_optional_wrapped(context)
                                                       : p.optional(p.content(p.until(call_start)));
    const auto reasoned = context.extracting_reasoning ? prefix << context.reasoning_parser : prefix;
    return reasoned + text + p.optional(calls + p.space()) + p.end();
  });
}

common_reasoning_format reasoning_format_of(const json& data, const server_chat_params& chat) {
  const std::string wanted = json_value(data, "reasoning_format", std::string());
  return wanted.empty() ? chat.reasoning_format : common_reasoning_format_from_name(wanted);
}

}  // namespace

void add_call_parser(json& data, const PromptedTools& offered, const server_chat_params& chat,
                     const llama_vocab* vocab) {
  if (offered.tools.empty() || data.contains("grammar")) return;
  const common_chat_template source(common_chat_templates_source(chat.tmpls.get()),
                                    piece_of(vocab, llama_vocab_bos(vocab)), piece_of(vocab, llama_vocab_eos(vocab)));
  autoparser::autoparser form;
  form.analyze_template(source);
  autoparser::generation_params inputs;
  inputs.reasoning_format = reasoning_format_of(data, chat);
  const auto parser = answer_parser(offered, form, inputs, json_value(data, "generation_prompt", std::string()));
  const bool lazy = !offered.required;
  data["chat_format"] = static_cast<int>(COMMON_CHAT_FORMAT_PEG_NATIVE);
  data["chat_parser"] = parser.save();
  data["grammar"] = build_grammar([&](const common_grammar_builder& builder) { parser.build_grammar(builder, lazy); });
  data["grammar_type"] = "tool_calls";
  data["grammar_lazy"] = lazy;
  json triggers = json::array();
  if (lazy) {
    common_grammar_trigger trigger{COMMON_GRAMMAR_TRIGGER_TYPE_WORD, call_start};
    triggers.push_back(server_grammar_trigger(std::move(trigger)).to_json());
  }
  data["grammar_triggers"] = std::move(triggers);
  json preserved = json_value(data, "preserved_tokens", json::array());
  preserved.push_back(call_start);
  preserved.push_back(call_end);
  data["preserved_tokens"] = std::move(preserved);
  data["parse_tool_calls"] = true;
}

}  // namespace abstractllm
