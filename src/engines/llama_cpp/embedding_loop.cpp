// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/embedding_loop.hpp"

#include <algorithm>
#include <utility>

#include "common.h"

namespace abstractllm {
namespace {

constexpr int aborted = 2;  // llama_decode, after the abort callback

std::int64_t longest_of(llama_context* context, const EmbeddingPlan& plan) {
  std::int64_t longest = std::min<std::int64_t>(plan.longest_text, llama_n_ctx(context));
  const std::int64_t trained = llama_model_n_ctx_train(llama_get_model(context));
  if (trained > 0) longest = std::min(longest, trained);
  return plan.needs_whole_texts ? std::min<std::int64_t>(longest, llama_n_ubatch(context)) : longest;
}

}  // namespace

EmbeddingLoop::EmbeddingLoop(llama_context* context, const EmbeddingPlan& plan, ModelAdapters& adapters,
                             const std::atomic<bool>& stopping)
    : context_(context),
      plan_(plan),
      adapters_(adapters),
      stopping_(stopping),
      scores_(llama_pooling_type(context) == LLAMA_POOLING_TYPE_RANK),
      dimensions_(static_cast<std::size_t>(llama_model_n_embd_out(llama_get_model(context)))),
      longest_text_(longest_of(context, plan)),
      batch_(llama_batch_init(static_cast<std::int32_t>(llama_n_batch(context)), 0, 1)) {
  if (scores_) token_types_ = TokenTypes::of(llama_get_model(context));
  llama_set_abort_callback(
      context_,
      [](void* self) {
        const auto* loop = static_cast<const EmbeddingLoop*>(self);
        return loop->stopping_.load(std::memory_order_relaxed) || loop->give_up_.load(std::memory_order_relaxed);
      },
      this);
}

EmbeddingLoop::~EmbeddingLoop() {
  fail_all({ErrorKind::cancelled, "the local engine was shut down"});
  llama_batch_free(batch_);
}

void EmbeddingLoop::submit(PreparedTexts call) {
  const std::lock_guard lock(mutex_);
  if (closed_) return call.call->fail(*closed_);
  jobs_.emplace_back(std::move(call));
  changed_.notify_one();
}

void EmbeddingLoop::look_for_abandoned() {
  const std::lock_guard lock(mutex_);
  if (!parts_.empty() && nobody_waits()) give_up_ = true;
  changed_.notify_one();
}

bool EmbeddingLoop::nobody_waits() {
  return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.job->abandoned(); });
}

void EmbeddingLoop::stop() {
  const std::lock_guard lock(mutex_);
  stop_ = true;
  changed_.notify_one();
}

std::optional<std::string> EmbeddingLoop::run() {
  while (next_batch()) {
    if (!apply_adapters()) {
      finish_jobs();
      continue;
    }
    const auto failure = compute();
    if (stopping_) break;
    if (failure) {
      fail_all({ErrorKind::engine_failed, "the local engine failed: " + *failure});
      return failure;
    }
    deliver();
    finish_jobs();
  }
  return std::nullopt;
}

/// Waits for work and chooses the texts of a batch. Returns false if the loop must end.
bool EmbeddingLoop::next_batch() {
  std::unique_lock lock(mutex_);
  parts_.clear();
  give_up_ = false;
  for (;;) {
    jobs_.remove_if([](const Job& job) { return job.abandoned(); });
    if (stop_ || stopping_) return false;
    if (!jobs_.empty()) break;
    changed_.wait(lock);
  }
  std::size_t tokens = 0;
  for (bool added = true; added;) {
    added = false;
    for (Job& job : jobs_)
      if (job.adapters == jobs_.front().adapters) added = add_next_text(job, tokens) || added;
  }
  // The next batch begins with another call, so that a text that fits into no rest of a batch has its turn.
  jobs_.splice(jobs_.end(), jobs_, jobs_.begin());
  return true;
}

bool EmbeddingLoop::add_next_text(Job& job, std::size_t& tokens) {
  if (job.next == job.texts.size() || parts_.size() >= llama_n_seq_max(context_)) return false;
  TextTokens& text = job.texts[job.next];
  const std::size_t room = std::min<std::size_t>(llama_n_batch(context_), embedding_batch_tokens);
  if (!parts_.empty() && tokens + text.tokens.size() > room) return false;
  tokens += text.tokens.size();
  parts_.push_back({&job, std::move(text)});
  ++job.next;
  return true;
}

/// Those of the batch. Returns false if the engine cannot use them; then its calls have failed.
bool EmbeddingLoop::apply_adapters() {
  auto loaded = adapters_.load(parts_.front().job->adapters);
  if (loaded) {
    common_set_adapter_lora(context_, *loaded);
    return true;
  }
  for (const Part& part : parts_) {
    part.job->answer.call()->fail(loaded.error());
    part.job->next = part.job->texts.size();
  }
  return false;
}

/// Puts the batch through the model, in several steps if a single text is longer than a batch.
std::optional<std::string> EmbeddingLoop::compute() {
  llama_memory_clear(llama_get_memory(context_), false);
  sums_.assign(parts_.size(), {});
  const std::size_t step = llama_n_batch(context_);
  const std::size_t longest = parts_.size() > 1 ? 1 : parts_.front().text.tokens.size();
  for (std::size_t begin = 0; begin < longest; begin += step) {
    if (const auto failure = decode(begin)) return failure;
    if (give_up_) break;
    if (plan_.averages) take_sums();
  }
  return std::nullopt;
}

std::optional<std::string> EmbeddingLoop::decode(std::size_t begin) {
  common_batch_clear(batch_);
  const auto size = static_cast<std::size_t>(llama_n_batch(context_));
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const auto& tokens = parts_[i].text.tokens;
    for (std::size_t at = begin; at < std::min(tokens.size(), begin + size); ++at)
      common_batch_add(batch_, tokens[at], static_cast<llama_pos>(at), {static_cast<llama_seq_id>(i)}, true);
  }
  const llama_batch batch = token_types_ ? with_token_types() : batch_;
  const llama_model* model = llama_get_model(context_);
  const bool encodes = llama_model_has_encoder(model) && !llama_model_has_decoder(model);
  const int status = encodes ? llama_encode(context_, batch) : llama_decode(context_, batch);
  if (status == 0 || (status == aborted && (give_up_ || stopping_))) return std::nullopt;
  return "it could not compute a batch of " + std::to_string(batch_.n_tokens) + " tokens (status " +
         std::to_string(status) + ")";
}

/// The batch with vectors in place of tokens. The model needs whole texts, so all their tokens are in it.
llama_batch EmbeddingLoop::with_token_types() {
  token_vectors_.clear();
  for (std::int32_t i = 0; i < batch_.n_tokens; ++i) {
    const TextTokens& text = parts_[static_cast<std::size_t>(batch_.seq_id[i][0])].text;
    const bool in_second_text = static_cast<std::size_t>(batch_.pos[i]) >= text.second_text;
    token_types_->append(batch_.token[i], in_second_text, token_vectors_);
  }
  llama_batch batch = batch_;
  batch.token = nullptr;
  batch.embd = token_vectors_.data();
  return batch;
}

void EmbeddingLoop::take_sums() {
  for (std::int32_t i = 0; i < batch_.n_tokens; ++i) {
    const float* vector = llama_get_embeddings_ith(context_, i);
    auto& sum = sums_[static_cast<std::size_t>(batch_.seq_id[i][0])];
    sum.resize(dimensions_);
    if (vector == nullptr) continue;
    for (std::size_t at = 0; at < dimensions_; ++at) sum[at] += vector[at];
  }
}

std::vector<float> EmbeddingLoop::made_of(std::size_t part) {
  if (plan_.averages) {
    auto mean = std::move(sums_[part]);
    for (float& value : mean) value /= static_cast<float>(parts_[part].text.tokens.size());
    return mean;
  }
  const float* made = llama_get_embeddings_seq(context_, static_cast<llama_seq_id>(part));
  if (made == nullptr) return {};
  return {made, made + (scores_ ? 1 : dimensions_)};
}

void EmbeddingLoop::deliver() {
  if (give_up_) return;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Job& job = *parts_[i].job;
    if (!job.answer.add(made_of(i))) job.next = job.texts.size();  // the others are of no use
  }
}

void EmbeddingLoop::finish_jobs() {
  std::list<Job> finished;
  {
    const std::lock_guard lock(mutex_);
    parts_.clear();
    for (auto job = jobs_.begin(); job != jobs_.end();) {
      const auto each = job++;
      if (each->next == each->texts.size()) finished.splice(finished.end(), jobs_, each);
    }
  }
  for (Job& job : finished) job.answer.finish();
}

void EmbeddingLoop::fail_all(const Error& error) {
  std::list<Job> unfinished;
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) closed_ = error;
    parts_.clear();
    unfinished.swap(jobs_);
  }
  for (Job& job : unfinished) job.answer.call()->fail(error);
}

}  // namespace abstractllm
