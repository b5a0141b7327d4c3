// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "abstractllm/operation.hpp"
#include "protocols/body_writer.hpp"

namespace abstractllm {

/// Writes the texts of the question, each with its prefix, as the list `input`. A text that is not UTF-8 becomes an
/// error that names it.
void write_texts(BodyWriter& writer, const EmbedQuestion& question);

/// Merges Options::extra_body and returns the request to POST to `path`, whose answer is one body.
Result<HttpRequest> whole_request(BodyWriter& writer, const Options& options, std::string_view path);

}  // namespace abstractllm
