// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"

struct llama_model;

namespace abstractllm {

/// The Jinja source for Options::chat_template: a row of chat_templates.def by its name, the content of a file, or the
/// text itself if it has "{{" or "{%". Errors: invalid_argument (the message says what was tried and lists the names).
Result<std::string> read_chat_template(const std::string& asked);

/// The row of chat_templates.def that writes the messages unchanged.
constexpr std::string_view plain_template = "plain";

/// A template for a model without one.
struct InferredTemplate {
  std::string source;
  bool is_plain = false;
  Warning warning;  ///< "chat_template_inferred" or "no_chat_template"
};

/// Returns nullopt if the model's file has its own template. For a model whose name says that it was made for
/// conversations, returns the row of chat_templates.def whose tokens it knows, otherwise the row of its architecture.
/// For all other models, returns plain completion. `file` counts as a name, too.
std::optional<InferredTemplate> infer_chat_template(const llama_model* model, const std::string& file);

}  // namespace abstractllm
