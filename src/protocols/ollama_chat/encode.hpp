// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "abstractllm/provider.hpp"

namespace abstractllm::ollama_chat {

/// Encodes the request as Protocol::encode describes it.
///
/// Reasoning is the field `thinking` of its turn, with or without provider data. Tool calls are in `tool_calls` with
/// their arguments as an object. Each result is a message of role `tool` with `tool_name` and `tool_call_id`
/// (https://docs.ollama.com/capabilities/tool-calling, 2026-11; api/types.go, v0.17.4). ToolResult::is_error has no
/// field, and of a result with images the text is sent.
///
/// Tools are `tools` in the form of Chat Completions. The server has no field for tool_choice and parallel_tool_calls:
/// `none` sends no tools, `auto` is what it does, and the others give a Warning "option_ignored". So do hosted tools.
///
/// `stream` is always sent, because the server's default is true. Options::system_prompt, unless empty, becomes the
/// first message. Sampling options are in `options`, together with Options::context_size as `num_ctx`.
/// Options::keep_alive is a number of seconds, or "1500ms" if it is not a whole number. Options that are not set, and
/// empty lists, are not sent. Options::extra_body is merged last, as RFC 7396 (JSON Merge Patch) says.
///
/// Warnings "option_ignored": logit_bias, and a context_size of 0. Errors: invalid_argument if there are no messages,
/// for text that is not UTF-8 (the error names the place and the byte), for numbers that are not finite, and for an
/// extra_body that is not a JSON object.
Result<EncodedRequest> encode(const Request& request);

/// Encodes a request for vectors: POST /api/embed. `truncate` is false, because the server's default cuts long texts
/// silently (https://github.com/ollama/ollama/blob/main/docs/api.md, "Generate Embeddings", 2026-11). context_size and
/// keep_alive are written as encode() does. Errors: invalid_argument.
Result<HttpRequest> encode_embed(const EmbedQuestion& question);

/// The engine options that encode() writes; see Protocol::engine_options.
std::span<const std::string_view> engine_options();

}  // namespace abstractllm::ollama_chat
