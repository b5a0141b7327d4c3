// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/loaded_model.hpp"

#include <chrono>
#include <future>

#include "base/log.hpp"
#include "engines/llama_cpp/engine_log.hpp"
#include "engines/llama_cpp/engine_params.hpp"
#include "llama.h"

namespace abstractllm {
namespace {

using Clock = std::chrono::steady_clock;

void log_progress(const std::string& model, const json& state) {
  if (!log_enabled(LogLevel::debug) || !state.contains("value")) return;
  LogRecord record;
  record.level = LogLevel::debug;
  record.event = "load_progress";
  record.fields = {{"model", model}, {"progress", state.at("value").get<double>()}};
  log(record);
}

void log_loaded(const LoadedModel& model, Clock::time_point began) {
  if (!log_enabled(LogLevel::info)) return;
  const std::chrono::duration<double, std::milli> took = Clock::now() - began;
  LogRecord record;
  record.level = LogLevel::info;
  record.event = "load";
  record.message = "model loaded";
  record.fields = {{"model", model.params().model.path},
                   {"ms", took.count()},
                   {"model_bytes", static_cast<std::int64_t>(model.meta().model_size)},
                   {"parameters", static_cast<std::int64_t>(model.meta().model_n_params)},
                   {"context_tokens", model.context_tokens()},
                   {"parallel", static_cast<std::int64_t>(model.params().n_parallel)},
                   {"threads", static_cast<std::int64_t>(model.params().cpuparams.n_threads)}};
  log(record);
}

Error load_failure(const std::string& model, const std::string& reason) {
  return {ErrorKind::engine_failed,
          "model file '" + model + "' cannot be loaded: " + (reason.empty() ? "the engine gave no reason" : reason)};
}

struct LoopFailure : server_task_result {
  json to_json() override { return {}; }
  server_task_result* clone() const override { return new LoopFailure(*this); }
};

}  // namespace

Result<std::unique_ptr<LoadedModel>> LoadedModel::load(const EngineSettings& settings,
                                                       const std::atomic<bool>& stopping) {
  auto params = engine_params(settings);
  if (!params) return params.error();
  if (params->numa != GGML_NUMA_STRATEGY_DISABLED) llama_numa_init(params->numa);

  const auto began = Clock::now();
  std::unique_ptr<LoadedModel> model(new LoadedModel(std::move(*params), stopping));
  const auto failure = model->start();
  if (stopping) return Error{ErrorKind::cancelled, "the engine was stopped while it loaded the model"};
  if (failure) return *failure;
  log_loaded(*model, began);
  return model;
}

// OpenMP keeps a team of threads for each thread that computes. Teams beyond the number of cores no longer spin between
// operations but sleep, which cost two thirds of the speed: so the thread that loads the model is the one that runs it.
std::optional<Error> LoadedModel::start() {
  std::promise<std::optional<Error>> loaded;
  auto failure = loaded.get_future();
  loop_ = std::thread([this, &loaded] {
    auto failed = load_weights();
    const bool runs = !failed;
    if (runs) log_until_stopping(&stopping_);
    loaded.set_value(std::move(failed));  // gone with load() from here on
    if (runs) run_loop();
    loop_ended_ = true;
  });
  return failure.get();
}

std::optional<Error> LoadedModel::load_weights() {
  const EngineErrorCapture errors;
  try {
    if (load_context()) return std::nullopt;
  } catch (const std::exception& thrown) {
    return load_failure(params_.model.path, thrown.what());
  }
  return load_failure(params_.model.path, errors.first());
}

bool LoadedModel::load_context() {
  context_.set_state_callback([this](server_state state, const json& payload) {
    if (state != SERVER_STATE_LOADING) return;
    // Inside the engine's loader: it takes an exception for a failed load, and has no other way out.
    if (stopping_) throw EngineStopped();
    log_progress(params_.model.path, payload);
  });
  if (!context_.load_model(params_)) return false;
  llama_context* context = context_.get_llama_context();
  llama_set_abort_callback(
      context,
      [](void* stopping) { return static_cast<const std::atomic<bool>*>(stopping)->load(std::memory_order_relaxed); },
      const_cast<std::atomic<bool>*>(&stopping_));
  meta_.emplace(context_.get_meta());
  vocab_ = llama_model_get_vocab(llama_get_model(context));
  context_tokens_ = llama_n_ctx(context);
  reader_.emplace(context_.get_response_reader());
  return true;
}

void LoadedModel::run_loop() {
  try {
    context_.start_loop();
  } catch (const std::exception& failure) {
    if (!stopping_) fail(failure.what());
  }
}

void LoadedModel::fail(const std::string& reason) {
  failure_ = reason;
  failed_ = true;  // before the broadcast: who posts a task after it must see this
  results().broadcast(std::make_unique<LoopFailure>());
}

std::optional<Error> LoadedModel::failure() const {
  if (!failed_) return std::nullopt;
  return Error{ErrorKind::engine_failed,
               "the engine stopped working (" + failure_ + "): load the model again with a new handle"};
}

LoadedModel::~LoadedModel() {
  if (!loop_.joinable()) return;
  // The loop forgets a terminate() that comes before it has begun: so it is told until it has ended.
  while (!loop_ended_) {
    context_.terminate();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  loop_.join();
}

}  // namespace abstractllm
