// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/provider.hpp"

namespace abstractllm::anthropic_messages {

/// The request as Protocol::encode describes it.
///
/// Reasoning with provider data goes back as the block that it was (thinking with its signature, redacted_thinking);
/// other reasoning is left out, since the server refuses it. Tool calls are `tool_use` blocks; the results of tool
/// messages in a row are `tool_result` blocks of one user turn
/// (https://platform.claude.com/docs/en/build-with-claude/extended-thinking and
/// …/agents-and-tools/tool-use/implement-tool-use, 2026-11). A turn of which nothing is left is not sent.
///
/// Options::system_prompt and the system messages that come first become `system`, joined by blank lines. max_tokens,
/// which the format demands, is 4096 where it is not set. The header `anthropic-version` is 2023-06-01 where sampling
/// options are sent and for models that are not Anthropic's, else 2026-10-21. What a model does not take
/// (AnthropicModelRules) is left out with a Warning. Options that are not set, and empty lists, are not sent.
///
/// Errors: invalid_argument for no messages, or none but system messages; for text that is not UTF-8 (names the place
/// and the byte); for numbers that are not finite; and for an extra_body that is not a JSON object.
Result<EncodedRequest> encode(const Request& request);

}  // namespace abstractllm::anthropic_messages
