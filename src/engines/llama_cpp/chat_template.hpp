// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"

struct llama_model;

namespace abstractllm {

/// The Jinja source for Options::chat_template: one of chat_templates.def by its name, a file's content, or the text
/// itself where it holds "{{" or "{%". Errors: invalid_argument (says what was tried, lists the names).
Result<std::string> read_chat_template(const std::string& asked);

/// The row of chat_templates.def that writes the messages as they are.
constexpr std::string_view plain_template = "plain";

/// A template for a model that comes without one.
struct InferredTemplate {
  std::string source;
  bool is_plain = false;
  Warning warning;  ///< "chat_template_inferred" or "no_chat_template"
};

/// Nothing where the model's file has a template of its own. Else, for a model whose name says that it was made for
/// conversations, the row of chat_templates.def whose tokens it knows, or that of its architecture; and plain
/// completion for all others. `file` counts as a name, too.
std::optional<InferredTemplate> infer_chat_template(const llama_model* model, const std::string& file);

}  // namespace abstractllm
