// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/provider.hpp"
#include "protocols/tool_rules.hpp"

namespace abstractllm::openai_responses {

/// Encodes the request as Protocol::encode describes it.
///
/// A message is an item of `input`. So are each tool call (`function_call`), each result (`function_call_output`) and
/// reasoning with provider data, as the server sent it. Reasoning models are asked for their reasoning in encrypted
/// form (`include`), because a server that keeps nothing needs it back. The `phase` of an assistant's text is sent back
/// too (https://platform.openai.com/docs/guides/reasoning and …/api-reference/responses/create, 2026-11). Other
/// reasoning is left out, and so is ToolResult::is_error. A result with images is a list of parts. A call id of more
/// than 64 characters is replaced (SentCallIds).
///
/// Tools are `tools`, always with `strict`: true if strict mode can express the schema, and false otherwise, because
/// the server's default would change the schema. Hosted tools are added unchanged.
///
/// Options::system_prompt, unless empty, becomes `instructions`. The server is told to keep nothing (`store` false).
/// Options that are not set, and empty lists, are not sent. An option that the format has no field for, or that the
/// model is known to refuse, gives a Warning "option_ignored". Options::extra_body is merged last (JSON Merge Patch,
/// RFC 7396).
///
/// Errors: invalid_argument if there are no messages, for text that is not UTF-8 (the error names the place and the
/// byte), for numbers that are not finite, and for an extra_body that is not a JSON object.
Result<EncodedRequest> encode(const Request& request, ToolRuleSet tools = ToolRuleSet::openai);

/// Returns what encode() writes besides text and images.
MediaSupport media();

}  // namespace abstractllm::openai_responses
