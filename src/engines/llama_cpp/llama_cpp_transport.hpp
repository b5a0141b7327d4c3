// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "abstractllm/capability.hpp"
#include "abstractllm/options.hpp"
#include "abstractllm/transport.hpp"
#include "engines/llama_cpp/model_settings.hpp"

namespace abstractllm {

/// A local model behind the contract of an HTTP server that speaks Chat Completions. It sends the bytes that
/// llama-server would send. The end of the URL's path decides:
///
/// * /chat/completions answers. An invalid request is 400, even if llama-server says 500, because repeating it would
///   not help.
/// * /chat/completions/input_tokens takes the same body: {"input_tokens": N}. Images are 400.
/// * /embeddings makes vectors, and /rerank scores documents for a query. For these the model is loaded once more, in
///   another way, unless it can do nothing else. What a request may have is in docs/local-models.md.
/// * /models loads the model and returns its name and capabilities.
/// * All others are 404.
///
/// Lazy: it opens nothing and starts no thread before the first request. Transports for the same files with equal
/// engine options share one runner, whose model stays in memory as model_cache.hpp describes. Problems with the model
/// file or the engine options are reported by the channel as an Error, and the next request tries again. Errors:
/// not_configured in a build without the engine.
Result<std::shared_ptr<Transport>> make_llama_cpp_transport(const Options& merged, ModelFinder finder = {});

/// What the model of these options can do with the projector in these files: nothing without one. Unset fields: the
/// projector does not say. Looks at the disk and loads nothing.
Capabilities capabilities_with(const Options& merged, const ModelFiles& files);

}  // namespace abstractllm
