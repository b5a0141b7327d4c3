// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "abstractllm/provider.hpp"

namespace abstractllm::openai_responses {

/// The request as Protocol::encode describes it.
///
/// A message is an item of `input`; so are each tool call (`function_call`), each result (`function_call_output`) and
/// reasoning with provider data, as the server sent it. Reasoning models are asked for their reasoning in encrypted
/// form
/// (`include`), since a server that keeps nothing needs it back; the `phase` of an assistant's text goes back, too
/// (https://platform.openai.com/docs/guides/reasoning and …/api-reference/responses/create, 2026-11). Other reasoning
/// is left out, and so is ToolResult::is_error.
///
/// Options::system_prompt, unless empty, becomes `instructions`. The server is told to keep nothing (`store` false).
/// Options that are not set, and empty lists, are not sent; those that the format has no field for, or that the model
/// is known to refuse, give a Warning "option_ignored". Options::extra_body is merged last (JSON Merge Patch, RFC
/// 7396).
///
/// Errors: invalid_argument for no messages at all, for text that is not UTF-8 (names the place and the byte), for
/// numbers that are not finite, and for an extra_body that is not a JSON object.
Result<EncodedRequest> encode(const Request& request);

}  // namespace abstractllm::openai_responses
