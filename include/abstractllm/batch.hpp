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
#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

/// One question of a batch, with options over those of the batch.
class BatchItem {
 public:
  explicit BatchItem(std::string prompt, Options the_options = {}) : options(std::move(the_options)) {
    messages.push_back(Message::user(std::move(prompt)));
  }
  explicit BatchItem(std::vector<Message> the_messages, Options the_options = {})
      : messages(std::move(the_messages)), options(std::move(the_options)) {}

  std::vector<Message> messages;
  Options options;
  std::string id_json;  ///< whatever the caller wants to find in the result again, as JSON; or empty
};

/// One question from a line of a batch file: a JSON string (the prompt), or an object with `prompt` or `messages`, and
/// perhaps `options` (by their names, as in options.md) and `id` (anything).
///
/// A line may come from a stranger. Unless `allowed` is OptionTrust::trusted, it may not set a trusted option and may
/// not name an image file of this machine; images as URLs, data URLs or base64 may always be given. Errors:
/// invalid_argument.
ABSTRACTLLM_API Result<BatchItem> batch_item_from_json(std::string_view json, OptionTrust allowed = OptionTrust::open);

/// The `id` of such a line as JSON, also where the rest of the line is no question; empty where there is none.
ABSTRACTLLM_API std::string batch_item_id(std::string_view json);

/// The answer to one question of a batch.
class BatchResult {
 public:
  BatchResult(std::size_t the_index, Result<Response> the_outcome)
      : index(the_index), outcome(std::move(the_outcome)) {}

  std::size_t index;  ///< of the question, from 0
  Result<Response> outcome;
};

/// In which order results are handed out.
enum class BatchOrder {
  input,     ///< that of the questions
  finished,  ///< as answers come
};

/// How a batch runs.
class BatchOptions {
 public:
  BatchOptions() {}

  int max_in_flight = 16;                ///< calls at once, at least 1
  BatchOrder order = BatchOrder::input;  ///< at most 4 × max_in_flight results wait for one before them
};

/// Many questions, several at once, on the library's loop thread. For one consumer, who blocks for the next result:
/// calls begin while he waits or asks. A failure is that question's result and stops nothing else. Dropping the batch
/// cancels what is under way and returns at once.
class ABSTRACTLLM_API Batch {
 public:
  class Impl;
  class iterator;

  explicit Batch(std::unique_ptr<Impl> impl);
  Batch(Batch&&) noexcept;
  Batch& operator=(Batch&&) noexcept;
  ~Batch();

  /// Blocks until the next result; nothing: all have been handed out. After a stop request no further question is
  /// asked, and those under way end in `cancelled`. On the library's loop thread, where it would wait for ever, it
  /// gives an Error of kind invalid_argument in place of a result that is not there yet, and ends the batch. What the
  /// function that makes the questions throws is the Error of the last result.
  std::optional<BatchResult> next();

  /// For range-for; use it once.
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
