// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "abstractllm/capability.hpp"
#include "abstractllm/result.hpp"
#include "gguf/gguf_description.hpp"

namespace abstractllm {

/// The first number in a GGUF file with which the engine would end the process or take all memory, and not fail
/// properly: "llama.block_count is 0". Reads only the metadata. If they cannot be read, the engine decides.
std::optional<std::string> metadata_problem(const std::string& path);

/// The same as an error: engine_failed.
Result<void> check_model_metadata(const std::string& path);

/// What a projector file says that a model can do with it: see, hear, or both. Both are unknown if the file cannot be
/// read or says neither: then the engine decides. Reads only the metadata.
Capabilities projector_capabilities(const std::string& path);

/// What the metadata of a model says about how it reads text.
struct ModelFacts {
  std::string architecture;
  std::optional<std::uint32_t> context_length;  ///< tokens, as it was trained
  std::optional<std::uint32_t> pooling;         ///< llama_pooling_type; unset if nothing is declared
  bool causal = true;                           ///< a token sees only the tokens before it
  bool has_state = false;                       ///< recurrent layers, with a state for each sequence

  /// The engine keeps nothing between two batches of such a model. So it can make embeddings, but cannot write.
  bool has_no_memory() const;
};

/// Reads only the metadata of `path`, and of the other parts if it is the first of several. Errors: engine_failed (not
/// readable any more).
Result<GgufDescription> describe_model(const std::string& path);

/// Reads only the metadata of `path`. Everything is unset if it cannot be read.
ModelFacts model_facts(const std::string& path);

}  // namespace abstractllm
