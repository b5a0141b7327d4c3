// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "abstractllm/options.hpp"
#include "abstractllm/transport.hpp"
#include "engines/llama_cpp/engine_settings.hpp"

namespace abstractllm {

/// A model in this process, behind the contract of an HTTP server that speaks Chat Completions: it answers requests
/// whose URL's path ends in /chat/completions, with the bytes that llama-server would send, and all others with 404. A
/// request that cannot be understood is 400, also where llama-server says 500: repeating it would not help.
///
/// Lazy: nothing is opened, no thread is started, before the first request. Transports with equal engine options share
/// one engine, which lives as long as one of them or of their channels does. What goes wrong with the model file or the
/// engine options comes out of the channel as an Error, and is tried again by the next request. Errors: not_configured,
/// in a build without the engine.
Result<std::shared_ptr<Transport>> make_llama_cpp_transport(const Options& merged, ModelFinder find_model = {});

/// Whether there is a projector with which the model of these options sees. Looks at the disk, loads nothing.
bool has_projector(const Options& merged);

}  // namespace abstractllm
