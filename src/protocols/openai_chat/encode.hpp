// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "abstractllm/provider.hpp"
#include "protocols/sent_call_ids.hpp"
#include "protocols/tool_rules.hpp"

namespace abstractllm::openai_chat {

/// How a server wants audio in a message.
enum class AudioForm {
  none,    ///< it takes none
  object,  ///< {"type": "input_audio", "input_audio": {"data": BASE64, "format": "wav"}}
  text,    ///< {"type": "input_audio", "input_audio": BASE64}
};

/// How a server wants the name of the tool that the model must call.
enum class NamedChoice {
  object,    ///< {"type": "function", "function": {"name": "f"}}
  the_only,  ///< it takes words alone: only this tool is offered, and the model must call a tool
};

/// How one server spells the fields of a request that differ between servers. An empty name means that it has no such
/// field. An option for such a field gives a Warning.
struct Dialect {
  std::string_view top_k = "top_k";
  std::string_view min_p = "min_p";
  std::string_view max_tokens = "max_tokens";
  std::string_view stop = "stop";
  std::string_view seed = "seed";
  std::string_view frequency_penalty = "frequency_penalty";
  std::string_view presence_penalty = "presence_penalty";
  std::string_view repeat_penalty = "repeat_penalty";
  std::string_view logit_bias = "logit_bias";
  std::string_view logprobs = "logprobs";
  std::string_view reasoning_effort = "reasoning_effort";
  std::string_view cache_prompt = "cache_prompt";
  std::string_view stream_options = "stream_options";
  std::string_view reasoning_content = "";  ///< field in which plain reasoning of turns with tool calls is sent back
  std::string_view parallel_tool_calls = "parallel_tool_calls";
  std::string_view required_choice = "required";  ///< the word of tool_choice for: the model must call a tool
  NamedChoice named_choice = NamedChoice::the_only;
  ToolRuleSet tool_rules = ToolRuleSet::any;
  std::string_view why_none_hosted = "";  ///< why the server takes no hosted tools; empty: it may take some
  CallIdForm call_ids = CallIdForm::any;
  AudioForm audio = AudioForm::object;
  bool only_wav_and_mp3 = false;  ///< FLAC is refused
  bool pdf = false;               ///< it takes PDF documents as parts of type `file`
  bool pdf_urls = false;          ///< … whose file_data may be a URL
  bool counts_tokens = true;      ///< POST /chat/completions/input_tokens answers
  bool has_props = false;         ///< GET /props, beside the base URL's /v1, says what the model can do
  bool openai_models = false;     ///< rules_of() applies: it is known what OpenAI's own models refuse
};

/// The dialect of llama-server v0.5.0 (tools/server/server-schema.cpp, de3ff81, 2026-09-28). It is also used for an
/// unknown server, which gets only what the user has asked for.
inline constexpr Dialect llama_server_dialect{};

/// Encodes the request as Protocol::encode describes it.
///
/// A turn of the assistant with tool calls has `tool_calls`. Each result is a message of its own (role `tool`;
/// https://platform.openai.com/docs/api-reference/chat/create, 2026-11). Provider data of reasoning is sent back as
/// `reasoning_details` (https://openrouter.ai/docs/guides/best-practices/reasoning-tokens, 2026-11), and that of a call
/// as its `extra_content` (https://ai.google.dev/gemini-api/docs/thought-signatures, 2026-11). Other reasoning is left
/// out, and so is ToolResult::is_error: the format has no fields for them. Of a result with images the text is sent.
/// Ids of calls that the server does not take are replaced (SentCallIds).
///
/// Tools are `tools`, with `strict` where the server has a strict mode that can express the schema. Hosted tools are
/// added to them unchanged, unless the server is known to take none. tool_choice and parallel_tool_calls are sent only
/// with tools. With tools, OpenAI's reasoning models limit reasoning_effort, or refuse the request
/// (docs/wire-formats.md#openai-tools-on-chat): there is a Warning "option_ignored" or "tools_refused_by_chat".
///
/// A PDF is a part of type `file`. Text files are not sent in this way, because OpenAI takes only PDF here
/// (https://developers.openai.com/api/docs/guides/file-inputs, 2026-11).
///
/// Options::system_prompt, unless empty, becomes the first message. Options that are not set, and empty lists, are not
/// sent. Options::extra_body is merged last, as RFC 7396 (JSON Merge Patch) says: objects merge member by member, null
/// removes a member, everything else replaces the old value.
///
/// Errors: invalid_argument if there are no messages, for text that is not UTF-8 (the error names the place and the
/// byte), for numbers that are not finite, and for an extra_body that is not a JSON object.
Result<EncodedRequest> encode(const Request& request, const Dialect& dialect);

/// Returns what encode() writes besides text and images.
MediaSupport media_of(const Dialect& dialect);

}  // namespace abstractllm::openai_chat
