// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <variant>

#include "engines/llama_cpp/call.hpp"
#include "engines/llama_cpp/direct_answer.hpp"
#include "engines/llama_cpp/embedding_loop.hpp"
#include "engines/llama_cpp/loaded_model.hpp"

namespace abstractllm {

/// Reads a request to a model that was loaded for embeddings, and makes tokens of its texts. llama_cpp_transport.hpp
/// lists the possible requests. `adapters` apply to the model while it reads them.
std::variant<PreparedTexts, DirectAnswer> tokenise_texts(const std::shared_ptr<Call>& call, const LoadedModel& model,
                                                         const AdapterScales& adapters);

}  // namespace abstractllm
