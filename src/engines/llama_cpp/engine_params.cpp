// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/engine_params.hpp"

#include <algorithm>
#include <filesystem>
#include <thread>

#include "chat.h"
#include "engines/llama_cpp/backends.hpp"
#include "engines/llama_cpp/chat_template.hpp"
#include "engines/llama_cpp/engine_args.hpp"
#include "llama.h"

namespace abstractllm {
namespace {

/// The number of physical cores, because ggml's threads spin. Fewer if this process may not use all of them.
int default_threads() {
  const int usable = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  return std::clamp(common_cpu_get_num_physical_cores(), 1, usable);
}

/// The engine's threads wait for each other at every step, so thousands of them would take for ever.
Result<void> refuse_too_many_threads(std::int64_t asked) {
  const std::int64_t processors = std::max(1U, std::thread::hardware_concurrency());
  const std::int64_t most = std::min<std::int64_t>(std::max<std::int64_t>(4 * processors, 16), GGML_MAX_N_THREADS);
  if (asked <= most) return {};
  return Error{ErrorKind::invalid_argument, "threads: " + std::to_string(asked) + " are more than the " +
                                                std::to_string(processors) +
                                                " processors of this machine can run together; give at most " +
                                                std::to_string(most) + ", or leave it unset"};
}

void set_fixed(common_params& params) {
  params.ctx_shift = false;  // a full context ends the answer; the beginning is never forgotten silently
  params.warmup = false;     // the first prompt warms up the model as well
  params.use_jinja = true;
  params.sse_ping_interval = -1;     // there is no proxy that closes silent connections
  params.cache_ram_mib = 512;        // for prefixes of past calls outside the context
  params.n_batch = params.n_ubatch;  // a cancelled long prompt keeps its slot for at most one physical batch
  params.verbosity = -1;
}

/// The last steps of the engine's own parser.
void finish(common_params& params) {
  postprocess_cpu_params(params.cpuparams, nullptr);
  postprocess_cpu_params(params.cpuparams_batch, &params.cpuparams);
  postprocess_cpu_params(params.speculative.draft.cpuparams, &params.cpuparams);
  postprocess_cpu_params(params.speculative.draft.cpuparams_batch, &params.cpuparams_batch);
  if (!params.kv_overrides.empty()) {
    params.kv_overrides.emplace_back();
    params.kv_overrides.back().key[0] = 0;
  }
  while (params.tensor_buft_overrides.size() < llama_max_tensor_buft_overrides())
    params.tensor_buft_overrides.push_back({nullptr, nullptr});
  if (!params.speculative.draft.tensor_buft_overrides.empty())
    params.speculative.draft.tensor_buft_overrides.push_back({nullptr, nullptr});
  params.default_template_kwargs.emplace("preserve_reasoning", "true");
}

}  // namespace

Result<common_params> engine_params(const ModelSettings& settings) {
  auto device = choose_device(settings.device);
  if (!device) return device.error();
  if (const auto checked = refuse_too_many_threads(settings.threads.value_or(1)); !checked) return checked.error();

  common_params params;
  set_fixed(params);
  params.model.path = settings.model;
  params.mmproj.path = settings.mmproj;
  params.mmproj_use_gpu = device->uses_gpu;
  params.model_alias = {std::filesystem::path(settings.model).filename().string()};
  params.n_ctx = static_cast<int>(usable_context_size(settings.context_size));
  params.n_parallel = static_cast<int>(settings.parallel);
  // One pool of tokens for all calls. For a single call it is off, because the engine's bookkeeping would cost 0.2 ms
  // more per token.
  params.kv_unified = settings.parallel > 1;
  params.cpuparams.n_threads = settings.threads ? static_cast<int>(*settings.threads) : default_threads();
  params.devices = std::move(device->devices);
  params.n_gpu_layers = device->uses_gpu ? static_cast<int>(settings.gpu_layers) : 0;
  params.fit_params = device->uses_gpu;
  if (!settings.chat_template.empty()) {
    auto source = read_chat_template(settings.chat_template);
    if (!source) return source.error();
    params.chat_template = *std::move(source);
  }
  if (const auto applied = apply_engine_args(settings.engine_args, params); !applied) return applied.error();
  finish(params);
  if (!params.chat_template.empty() && !common_chat_verify_template(params.chat_template, params.use_jinja))
    return Error{ErrorKind::invalid_argument, "chat_template: the engine cannot use this chat template"};
  return params;
}

std::int64_t usable_context_size(std::int64_t asked) {
  // The engine rounds up to this size, but sizes its batches by the requested one, and asserts that they are not too
  // small.
  constexpr std::int64_t smallest = 256;
  return asked == 0 ? 0 : std::max(asked, smallest);
}

}  // namespace abstractllm
