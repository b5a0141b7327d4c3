// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abstractllm/export.hpp"
#include "abstractllm/message.hpp"
#include "abstractllm/options.hpp"
#include "abstractllm/prompt.hpp"
#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

/// One question of a batch. Its options override those of the batch.
class BatchItem {
 public:
  explicit BatchItem(Prompt prompt, Options item_options = {})
      : messages(std::move(prompt).messages()), options(std::move(item_options)) {}

  std::vector<Message> messages;
  Options options;
  std::string id_json;  ///< a value of the caller as JSON, or empty; the caller finds its result by it
};

/// Reads one question from a line of a batch file: a JSON string (the prompt), or an object with `prompt` or
/// `messages`. The object may have `options` (with the names in docs/options.md) and `id` (any value).
///
/// A line may come from an untrusted source. Unless `allowed` is OptionTrust::trusted, it must not set a trusted option
/// and must not name a file on this machine as an attachment. URLs, data URLs and base64 are always allowed. Errors:
/// invalid_argument.
ABSTRACTLLM_API Result<BatchItem> batch_item_from_json(std::string_view json, OptionTrust allowed = OptionTrust::open);

/// The `id` of such a line as JSON, even if the rest of the line is not a valid question. Empty if there is no `id`.
ABSTRACTLLM_API std::string batch_item_id(std::string_view json);

/// The answer to one question of a batch.
class BatchResult {
 public:
  BatchResult(std::size_t item_index, Result<Response> item_outcome)
      : index(item_index), outcome(std::move(item_outcome)) {}

  std::size_t index;  ///< of the question, counted from 0
  Result<Response> outcome;
};

/// The order of the results.
enum class BatchOrder {
  input,     ///< the order of the questions
  finished,  ///< the order in which answers arrive
};

/// Options for the run of a batch.
class BatchOptions {
 public:
  BatchOptions() {}

  int max_in_flight = 16;                ///< calls that run at once, at least 1
  BatchOrder order = BatchOrder::input;  ///< at most 4 × max_in_flight results wait for an earlier one
};

/// Runs many questions, several at once, on the library's loop thread. It has one consumer, which blocks for the next
/// result. Calls start while the consumer waits or asks. A failure is the result of that question and does not stop the
/// others. Dropping the batch cancels the running calls and returns at once.
class ABSTRACTLLM_API Batch {
 public:
  class Impl;
  class iterator;

  explicit Batch(std::unique_ptr<Impl> impl);
  Batch(Batch&&) noexcept;
  Batch& operator=(Batch&&) noexcept;
  ~Batch();

  /// Blocks until the next result. Returns nullopt after the last result. After a stop request no further question is
  /// asked, and running calls end in `cancelled`. On the library's loop thread it would wait for ever. There it returns
  /// an Error of kind invalid_argument if the result has not arrived, and ends the batch. If the function that makes
  /// the questions throws, the exception becomes the Error of the last result.
  std::optional<BatchResult> next();

  /// For range-for. Call it once. Incrementing the iterator calls next().
  iterator begin();
  std::default_sentinel_t end() { return {}; }

 private:
  std::unique_ptr<Impl> impl_;
};

class Batch::iterator {
 public:
  using iterator_concept = std::input_iterator_tag;
  using value_type = BatchResult;
  using difference_type = std::ptrdiff_t;

  explicit iterator(Batch* batch) : batch_(batch) { ++*this; }
  const BatchResult& operator*() const { return *result_; }
  const BatchResult* operator->() const { return &*result_; }
  iterator& operator++() {
    result_ = batch_->next();
    return *this;
  }
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const { return !result_; }

 private:
  Batch* batch_;
  std::optional<BatchResult> result_;
};

inline Batch::iterator Batch::begin() { return iterator(this); }

}  // namespace abstractllm
