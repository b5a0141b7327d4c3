// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "engines/llama_cpp/engine.hpp"

namespace abstractllm {

/// The engine for these settings: the one that others hold, or a new one that does nothing yet. It lives as long as
/// somebody holds it; letting it go returns at once, its threads end and its memory is freed behind.
std::shared_ptr<Engine> acquire_engine(const EngineSettings& settings);

/// From now on that is a key of this engine too, unless it is another's: what a name means was found out.
void add_engine_key(const std::string& key, const std::weak_ptr<Engine>& engine);

/// Waits until engines that were let go have freed their memory, so that a new model does not need room beside them; or
/// until `stopping`, as the one who waits may be among them.
void wait_for_dying_engines(const std::atomic<bool>& stopping);

/// The calling thread ends now, and is joined by whoever comes next, because no thread can join itself. Not under a
/// lock of an engine.
void retire_thread(std::thread thread);

/// Sees to it that all engines are stopped when the process exits, before anything that was constructed until now is
/// destroyed. The engine constructs statics as it goes, so this is called again whenever it may have made new ones.
void stop_engines_at_exit();

}  // namespace abstractllm
