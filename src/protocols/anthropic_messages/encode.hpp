// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/provider.hpp"

namespace abstractllm::anthropic_messages {

/// Encodes the request as Protocol::encode describes it.
///
/// Reasoning with provider data is sent back as its original block (thinking with its signature, redacted_thinking).
/// Other reasoning is left out, because the server refuses it. Tool calls are `tool_use` blocks. The results of
/// consecutive tool messages are `tool_result` blocks at the beginning of one user turn, together with what the user
/// says next (https://platform.claude.com/docs/en/build-with-claude/extended-thinking and
/// …/agents-and-tools/tool-use/implement-tool-use, 2026-11). A turn that has nothing left is not sent. Ids of calls
/// that the server does not take are replaced (SentCallIds).
///
/// Tools are `tools`. Hosted tools are added unchanged. A model that cannot be forced to call a tool, or not while it
/// thinks, gets tool_choice auto, with a Warning "option_ignored" (docs/wire-formats.md#anthropic-models).
///
/// Options::system_prompt and the system messages that come first become `system`, joined by blank lines. The format
/// requires max_tokens, which is 4096 if it is not set. The header `anthropic-version` is 2023-06-01 if sampling
/// options are sent and for models that are not Anthropic's, otherwise 2026-10-21. What a model does not accept
/// (AnthropicModelRules) is left out with a Warning. Options that are not set, and empty lists, are not sent.
///
/// Errors: invalid_argument if there are no messages, or only system messages; for text that is not UTF-8 (the error
/// names the place and the byte); for numbers that are not finite; and for an extra_body that is not a JSON object.
Result<EncodedRequest> encode(const Request& request);

/// Returns what encode() writes besides text and images.
MediaSupport media();

}  // namespace abstractllm::anthropic_messages
