// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/loaded_model.hpp"

#include <algorithm>
#include <chrono>
#include <future>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "engines/llama_cpp/chat_template.hpp"
#include "engines/llama_cpp/engine_log.hpp"
#include "engines/llama_cpp/engine_params.hpp"
#include "engines/llama_cpp/model_cache.hpp"
#include "engines/llama_cpp/sampling_defaults.hpp"
#include "engines/llama_cpp/template_budget.hpp"
#include "engines/llama_cpp/thread_check.hpp"
#include "llama.h"

namespace abstractllm {
namespace {

std::chrono::microseconds since(TimePoint began) {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
}

/// The engine counts each file separately: {"stages": ["text_model", …], "current": "text_model", "value": 0.5}.
void report_progress(const std::string& model, const json& state) {
  if (!state.contains("value")) return;
  double share = state.at("value").get<double>();
  if (state.contains("stages") && state.contains("current")) {
    const auto stages = state.at("stages").get<std::vector<std::string>>();
    const auto current = std::find(stages.begin(), stages.end(), state.at("current").get<std::string>());
    if (current != stages.end())
      share = (static_cast<double>(current - stages.begin()) + share) / static_cast<double>(stages.size());
  }
  ModelCache::report_loading({model, share});
  if (!log_enabled(LogLevel::debug)) return;
  LogRecord record;
  record.level = LogLevel::debug;
  record.event = "load_progress";
  record.fields = {{"model", model}, {"progress", share}};
  log(record);
}

std::string device_names(const common_params& params) {
  if (params.n_gpu_layers == 0) return "CPU";
  std::string names;
  for (ggml_backend_dev_t device : params.devices)
    if (device != nullptr) (names += names.empty() ? "" : ", ") += ggml_backend_dev_name(device);
  return names.empty() ? "all GPUs" : names;
}

void log_loaded(const LoadedModel& model) {
  if (!log_enabled(LogLevel::info)) return;
  LogRecord record;
  record.level = LogLevel::info;
  record.event = "load";
  record.message = "model loaded";
  record.fields = {{"model", model.params().model.path},
                   {"ms", in_milliseconds(model.load_time())},
                   {"warmup_ms", in_milliseconds(model.warmup_time())},
                   {"model_bytes", static_cast<std::int64_t>(model.meta().model_size)},
                   {"parameters", static_cast<std::int64_t>(model.meta().model_n_params)},
                   {"context_tokens", model.context_tokens()},
                   {"parallel", static_cast<std::int64_t>(model.params().n_parallel)},
                   {"device", device_names(model.params())},
                   {"gpu_layers", model.gpu_layers()},
                   {"layers", model.layers()},
                   {"threads", static_cast<std::int64_t>(model.params().cpuparams.n_threads)}};
  log(record);
}

Error load_failure(const std::string& model, const std::string& reason) {
  return {ErrorKind::engine_failed,
          "model file '" + model + "' cannot be loaded: " + (reason.empty() ? "the engine gave no reason" : reason)};
}

/// The budget for loading a model: the engine tries its template in a dozen ways to find its capabilities.
constexpr std::int64_t template_units = std::int64_t{256} << 20U;

Error template_failure(const std::string& model) {
  return load_failure(model,
                      "its chat template does not end, or writes or nests too much; give another with chat_template "
                      "(--chat-template)");
}

/// Nullopt if the model is to answer.
Result<std::optional<EmbeddingPlan>> embedding_plan(const ModelSettings& settings, common_params& params) {
  const ModelFacts facts = model_facts(settings.model);
  if (settings.purpose == ModelPurpose::answers && !facts.has_no_memory()) return std::optional<EmbeddingPlan>();
  auto plan = plan_embeddings(facts, params);
  if (!plan) return std::move(plan).error();
  return std::optional<EmbeddingPlan>(*plan);
}

struct LoopFailure : server_task_result {
  json to_json() override { return {}; }
  server_task_result* clone() const override { return new LoopFailure(*this); }
};

}  // namespace

Result<std::unique_ptr<LoadedModel>> LoadedModel::load(const ModelSettings& settings, const std::atomic<bool>& stopping,
                                                       std::stop_token nobody_waits) {
  TemplateBudget budget(template_units, [&] { return stopping || nobody_waits.stop_requested(); });
  auto params = engine_params(settings);
  if (budget.exceeded()) return template_failure(settings.model);
  if (!params) return params.error();
  const auto plan = embedding_plan(settings, *params);
  if (!plan) return plan.error();
  // OpenMP's team includes the loop's own thread. The dispatcher comes in addition.
  if (auto enough = check_threads(std::max(params->cpuparams.n_threads, params->cpuparams_batch.n_threads) + 1);
      !enough)
    return std::move(enough).error();
  if (params->numa != GGML_NUMA_STRATEGY_DISABLED) llama_numa_init(params->numa);

  const auto began = std::chrono::steady_clock::now();
  std::unique_ptr<LoadedModel> model(new LoadedModel(std::move(*params), *plan, stopping));
  model->note_settings(settings);
  const auto failure = model->start(settings.auto_warmup, nobody_waits);
  if (stopping) return Error{ErrorKind::cancelled, "the engine was stopped while it loaded the model"};
  if (nobody_waits.stop_requested()) return Error{ErrorKind::cancelled, "nobody waited for the model any more"};
  if (failure) return *failure;
  model->load_time_ = since(began);
  log_loaded(*model);
  return model;
}

// OpenMP keeps a team of threads for each thread that computes. If there are more threads than cores, teams sleep
// between operations and do not spin, which cost two thirds of the speed. So the thread that loads the model also runs
// it.
std::optional<Error> LoadedModel::start(bool warmup, const std::stop_token& nobody_waits) {
  std::promise<std::optional<Error>> loaded;
  auto failure = loaded.get_future();
  loop_ = std::thread([this, &loaded, warmup, &nobody_waits] {
    auto failed = load_weights(nobody_waits);
    const bool runs = !failed && !nobody_waits.stop_requested();
    if (runs && warmup) warm_up();
    if (runs) log_until_stopping(&stopping_);
    loaded.set_value(std::move(failed));  // destroyed together with load() from here on
    if (runs) run_loop();
    loop_ended_ = true;
  });
  return failure.get();
}

std::optional<Error> LoadedModel::load_weights(const std::stop_token& nobody_waits) {
  context_.set_state_callback([this, nobody_waits](server_state state, const json& payload) {
    if (state != SERVER_STATE_LOADING) return;
    // This runs inside the engine's loader. An exception makes the load fail; there is no other way to stop it.
    if (stopping_ || nobody_waits.stop_requested()) throw std::runtime_error("the engine was stopped");
    report_progress(params_.model.path, payload);
  });
  EngineLogCapture said;
  TemplateBudget budget(template_units, [&] { return stopping_ || nobody_waits.stop_requested(); });
  try {
    const bool loaded = load_context();
    gpu_layers_ = said.gpu_layers();
    if (budget.exceeded()) return template_failure(params_.model.path);
    if (loaded) return std::nullopt;
  } catch (const std::exception& thrown) {
    if (budget.exceeded()) return template_failure(params_.model.path);
    return load_failure(params_.model.path, thrown.what());
  }
  return load_failure(params_.model.path, said.first_error());
}

bool LoadedModel::load_context() {
  if (!context_.load_model(params_)) return false;
  llama_context* context = context_.get_llama_context();
  meta_.emplace(context_.get_meta());
  vocab_ = llama_model_get_vocab(llama_get_model(context));
  special_tokens_.emplace(vocab_);
  context_tokens_ = llama_n_ctx(context);
  layers_ = llama_model_n_layer(llama_get_model(context));
  reader_.emplace(context_.get_response_reader());
  adapters_.emplace(const_cast<llama_model*>(model()));
  if (plan_) prepare_embeddings();
  else prepare_answers();
  return true;
}

void LoadedModel::prepare_answers() {
  llama_set_abort_callback(
      context_.get_llama_context(),
      [](void* stopping) { return static_cast<const std::atomic<bool>*>(stopping)->load(std::memory_order_relaxed); },
      const_cast<std::atomic<bool>*>(&stopping_));
  set_sampling_defaults(model(), params_.model.path, params_.sampling);
  if (params_.chat_template.empty()) choose_template();
}

void LoadedModel::prepare_embeddings() {
  embeddings_ = std::make_unique<EmbeddingLoop>(context_.get_llama_context(), *plan_, *adapters_, stopping_);
  if (plan_->pooling_is_a_guess)
    warnings_.push_back({"pooling_unspecified",
                         "the model was not made for embeddings: its file does not say how to make a vector of a text, "
                         "so the vectors of its tokens are averaged. Take a model for embeddings, or say how with "
                         "engine_args --pooling"});
}

void LoadedModel::note_settings(const ModelSettings& settings) {
  reads_special_tokens_ = settings.chat_template == plain_template;
  warnings_ = settings.warnings;
  if (const auto used = usable_context_size(settings.context_size); used != settings.context_size)
    warnings_.push_back({"context_size_raised", "context_size " + std::to_string(settings.context_size) +
                                                    " is less than the engine can use; it is " + std::to_string(used)});
}

void LoadedModel::choose_template() {
  const llama_model* model = llama_get_model(context_.get_llama_context());
  auto inferred = infer_chat_template(model, params_.model.path);
  if (!inferred) return;
  meta_->chat_params.tmpls = common_chat_templates_init(model, inferred->source);
  reads_special_tokens_ = inferred->is_plain;
  warnings_.push_back(std::move(inferred->warning));
}

/// The engine's own warm-up (common_init_from_params), but timed and after the whole model is loaded.
void LoadedModel::warm_up() {
  const auto began = std::chrono::steady_clock::now();
  llama_context* context = context_.get_llama_context();
  const llama_model* model = llama_get_model(context);
  std::vector<llama_token> tokens;
  for (const llama_token token : {llama_vocab_bos(vocab_), llama_vocab_eos(vocab_)})
    if (token != LLAMA_TOKEN_NULL) tokens.push_back(token);
  if (tokens.empty()) tokens.push_back(0);
  if (llama_model_has_decoder(model))
    llama_decode(context, llama_batch_get_one(tokens.data(), static_cast<std::int32_t>(tokens.size())));
  llama_memory_clear(llama_get_memory(context), true);
  llama_synchronize(context);
  llama_perf_context_reset(context);
  warmup_time_ = since(began);
}

void LoadedModel::run_loop() {
  try {
    if (!embeddings_) return context_.start_loop();
    if (const auto failure = embeddings_->run()) fail(*failure);
  } catch (const EngineStopped&) {
    log({LogLevel::debug, "engine_stopped", "the engine was stopped in the middle of a decode", {}});
  } catch (const std::exception& failure) {
    if (!stopping_) fail(failure.what());
  }
}

void LoadedModel::fail(const std::string& reason) {
  failure_ = reason;
  failed_ = true;  // before the broadcast, so that whoever posts a task after it sees this
  results().broadcast(std::make_unique<LoopFailure>());
}

std::optional<Error> LoadedModel::failure() const {
  if (!failed_) return std::nullopt;
  return Error{ErrorKind::engine_failed,
               "the engine stopped working (" + failure_ + "): the next call loads the model again"};
}

LoadedModel::~LoadedModel() {
  if (!loop_.joinable()) return;
  // The loop forgets a terminate() that comes before it has started. So it is called until the loop has ended.
  while (!loop_ended_) {
    if (embeddings_) embeddings_->stop();
    else context_.terminate();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  loop_.join();
}

}  // namespace abstractllm
