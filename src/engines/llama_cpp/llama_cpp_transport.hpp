// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "abstractllm/options.hpp"
#include "abstractllm/transport.hpp"
#include "engines/llama_cpp/engine_settings.hpp"

namespace abstractllm {

/// A model in this process, behind the contract of an HTTP server that speaks Chat Completions, with the bytes that
/// llama-server would send. By the end of the URL's path:
///
/// * /chat/completions answers. A request that cannot be understood is 400, also where llama-server says 500: repeating
///   it would not help.
/// * /chat/completions/input_tokens takes the same body: {"input_tokens": N}. Images are 400.
/// * /models loads the model and names it, with what it can do.
/// * All others are 404.
///
/// Lazy: nothing is opened, no thread is started, before the first request. Transports for the same files with equal
/// engine options share one engine; its model stays in memory as model_cache.hpp says. What goes wrong with the model
/// file or the engine options comes out of the channel as an Error, and is tried again by the next request. Errors:
/// not_configured, in a build without the engine.
Result<std::shared_ptr<Transport>> make_llama_cpp_transport(const Options& merged, ModelFinder finder = {});

/// Whether there is a projector with which the model of these options, in these files, sees. Looks at the disk, loads
/// nothing.
bool has_projector(const Options& merged, const ModelFiles& files);

}  // namespace abstractllm
