// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engines/llama_cpp/embedding_answer.hpp"
#include "engines/llama_cpp/embedding_plan.hpp"
#include "engines/llama_cpp/model_adapters.hpp"
#include "engines/llama_cpp/token_types.hpp"
#include "llama.h"

namespace abstractllm {

/// A text, or a query and a document, as the model reads it.
struct TextTokens {
  std::vector<llama_token> tokens;
  std::size_t second_text = 0;  ///< of a pair: where the document's tokens begin
};

/// A call whose texts the model can read when there is time.
struct PreparedTexts {
  std::shared_ptr<Call> call;
  std::vector<TextTokens> texts;  ///< at least one; none is empty or too long
  EmbeddingForm form;
  AdapterScales adapters = {};
};

/// Makes vectors and scores, on the thread of the model. The texts of all calls share the batches in turn, so that a
/// short call does not wait for a long one.
class EmbeddingLoop {
 public:
  /// `context` was made for `plan`. It, `adapters` and `stopping` must outlive the loop.
  EmbeddingLoop(llama_context* context, const EmbeddingPlan& plan, ModelAdapters& adapters,
                const std::atomic<bool>& stopping);
  ~EmbeddingLoop();
  EmbeddingLoop(const EmbeddingLoop&) = delete;
  EmbeddingLoop& operator=(const EmbeddingLoop&) = delete;

  /// Whether the model scores pairs of texts. Otherwise it makes vectors.
  bool scores() const { return scores_; }
  std::size_t dimensions() const { return dimensions_; }
  std::int64_t longest_text() const { return longest_text_; }

  // On any thread:

  void submit(PreparedTexts call);
  /// A call was abandoned. Returns at once. A batch that nobody waits for is ended early.
  void look_for_abandoned();
  /// Ends run().
  void stop();

  /// Runs until stop(), or until the engine fails; then it returns the reason. Calls that are not finished end in
  /// Error{cancelled} or in that failure.
  std::optional<std::string> run();

 private:
  struct Job {
    explicit Job(PreparedTexts prepared)
        : texts(std::move(prepared.texts)),
          adapters(std::move(prepared.adapters)),
          answer(std::move(prepared.call), std::move(prepared.form)) {}
    bool abandoned() const { return answer.call()->abandoned(); }
    std::vector<TextTokens> texts;
    std::size_t next = 0;  // the first text that is in no batch yet
    AdapterScales adapters;
    EmbeddingAnswer answer;
  };
  struct Part {
    Job* job;
    TextTokens text;
  };

  bool next_batch();
  bool add_next_text(Job& job, std::size_t& tokens);
  bool apply_adapters();
  std::optional<std::string> compute();
  std::optional<std::string> decode(std::size_t begin);
  llama_batch with_token_types();
  void take_sums();
  void deliver();
  std::vector<float> made_of(std::size_t part);
  void finish_jobs();
  void fail_all(const Error& error);
  bool nobody_waits();

  llama_context* const context_;
  const EmbeddingPlan plan_;
  ModelAdapters& adapters_;
  const std::atomic<bool>& stopping_;
  const bool scores_;
  const std::size_t dimensions_;
  const std::int64_t longest_text_;
  llama_batch batch_;
  std::optional<TokenTypes> token_types_;  // of pairs
  std::vector<float> token_vectors_;       // in place of the batch's tokens

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Job> jobs_;      // only the loop's thread removes jobs, and reads or changes them without the lock
  std::vector<Part> parts_;  // the current batch
  bool stop_ = false;
  std::optional<Error> closed_;        // why no call is taken any more
  std::atomic<bool> give_up_ = false;  // nobody waits for the current batch

  std::vector<std::vector<float>> sums_;  // of the vectors of tokens, by part
};

}  // namespace abstractllm
