// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "engines/llama_cpp/model_runner.hpp"

namespace abstractllm {

/// The runner for these settings: an existing one that others hold, or a new one that has not started. It lives as long
/// as somebody holds it. Releasing it returns at once; its threads end and its memory is freed later.
std::shared_ptr<ModelRunner> acquire_runner(const ModelSettings& settings);

/// Adds a key to this runner, unless another runner has it. Call it when the meaning of a name is known.
void add_model_key(const std::string& key, const std::weak_ptr<ModelRunner>& runner);

/// Waits until released runners have freed their memory, so that a new model does not need room beside them. Ends early
/// at `stopping`, because the waiting runner may be one of them.
void wait_for_dying_runners(const std::atomic<bool>& stopping);

/// The calling thread ends now. The next caller joins it, because no thread can join itself. Do not call it under a
/// lock of a runner.
void retire_thread(std::thread thread);

/// Makes sure that all runners are stopped when the process exits, before any object that exists now is destroyed. The
/// engine constructs static objects at various times, so call this again whenever it may have made new ones.
void stop_runners_at_exit();

}  // namespace abstractllm
