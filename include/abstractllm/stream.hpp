// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "abstractllm/export.hpp"
#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"

namespace abstractllm {

/// More text of the answer. It always consists of whole UTF-8 characters.
struct TextDelta {
  std::string text;
  bool operator==(const TextDelta&) const = default;
};

/// More reasoning text.
struct ReasoningDelta {
  std::string text;
  bool operator==(const ReasoningDelta&) const = default;
};

/// The model begins a tool call.
struct ToolCallStarted {
  std::string id;
  std::string name;
  bool operator==(const ToolCallStarted&) const = default;
};

/// More of a call's arguments. The fragments of one id, joined, are its JSON text.
struct ToolCallDelta {
  std::string id;
  std::string arguments_fragment;
  bool operator==(const ToolCallDelta&) const = default;
};

/// The kinds of parts that arrive piece by piece.
enum class PartKind { text, reasoning };

/// A Decoder emits this event when a part is complete. The next delta of its kind begins a new part of Response::parts.
/// `provider_json` is the data that the provider wants back with the part, or empty. It belongs to the latest part of
/// the kind that has not been ended. If there is no such part, it belongs to a new one without text.
///
/// The event is for the library: streams and callbacks do not deliver it. A Decoder appends at least one event of
/// another kind after it in the same feed() or finish(), so that no consumer is woken for nothing.
struct PartEnded {
  PartKind kind = PartKind::text;
  std::string provider_json;
  bool operator==(const PartEnded&) const = default;
};

/// One request of a call with tools has ended, and its calls have been answered. It comes only in calls with
/// Options::tools, also after the last request.
struct StepFinished {
  FinishReason finish_reason = FinishReason::other;
  std::string raw_finish_reason;
  Usage usage;             ///< of this request
  std::string id;          ///< the provider's id of this answer
  std::string model;       ///< the model that answered, as the provider names it
  std::string request_id;  ///< the provider's id of this HTTP request
  Timing timing;           ///< of this request, without the tools
  bool operator==(const StepFinished&) const = default;
};

/// The last event of a stream that ended well. The whole answer is then in Stream::response().
struct Finished {
  FinishReason finish_reason = FinishReason::other;
  std::string raw_finish_reason;
  Usage usage;
  bool operator==(const Finished&) const = default;
};

/// The events of a stream. A finished call has any number of the others, then one Finished. PartEnded is only passed
/// from a Decoder to the library. In a call with Options::tools, a ToolResult follows for each call that is answered, in
/// the order in which the tools end, and StepFinished after each request.
using StreamEvent = std::variant<TextDelta, ReasoningDelta, ToolCallStarted, ToolCallDelta, ToolCall, Warning, Finished,
                                 PartEnded, HostedToolCall, ToolResult, StepFinished>;

/// Returns one JSON object on one line, `{"type": "text_delta", …}`. A Finished event has the field `response`, so the
/// function also needs the folded answer.
ABSTRACTLLM_API std::string to_json(const StreamEvent& event, const Response& response);

/// The answer of one call, as it arrives. It is move-only and has one consumer, on one thread at a time.
///
/// Nothing is sent before the first next() or next_async(), which decides how the stream is read: next() runs the call
/// on the caller's thread, next_async() on the library's loop thread. Dropping the stream cancels the call and returns
/// at once. The connection or the engine's slot is released afterwards.
class ABSTRACTLLM_API Stream {
 public:
  class Impl;
  class iterator;
  class NextEvent;

  explicit Stream(std::unique_ptr<Impl> impl);
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  ~Stream();

  /// Blocks until the next event. An empty result means that the stream has ended well. After the end or an error, each
  /// further call returns the same. Errors: every kind of docs/errors.md. A cancelled call gives exactly one outcome.
  Result<std::optional<StreamEvent>> next();

  /// Returns an object for `co_await`, which gives the next event. Await one event at a time. It is next() without
  /// blocking. The coroutine continues on the executor of the call's options, or on the loop thread if there is none.
  /// If the consumer does not take events, the transfer stops after a bounded number of them, and nothing is lost.
  /// After next(), it gives an Error of kind invalid_argument. next() after it blocks as usual, but not on the loop
  /// thread.
  NextEvent next_async();

  /// The answer folded so far, which is whole after the end. The reference is valid as long as the stream exists.
  const Response& response() const;

  /// For range-for. Use it once. An error is thrown as Exception, so that it cannot be overlooked.
  iterator begin();
  std::default_sentinel_t end() { return {}; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// The result of Stream::next_async(). Programs only `co_await` it. The Stream must outlive it.
class ABSTRACTLLM_API Stream::NextEvent {
 public:
  explicit NextEvent(Stream::Impl* stream) : stream_(stream) {}
  bool await_ready();
  bool await_suspend(std::coroutine_handle<> waiter);
  Result<std::optional<StreamEvent>> await_resume();

 private:
  Stream::Impl* stream_;
};

inline Stream::NextEvent Stream::next_async() { return NextEvent(impl_.get()); }

class Stream::iterator {
 public:
  using iterator_concept = std::input_iterator_tag;
  using value_type = StreamEvent;
  using difference_type = std::ptrdiff_t;

  explicit iterator(Stream* stream) : stream_(stream) { ++*this; }
  const StreamEvent& operator*() const { return *event_; }
  const StreamEvent* operator->() const { return &*event_; }
  iterator& operator++() {
    event_ = stream_->next().value();
    return *this;
  }
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const { return !event_; }

 private:
  Stream* stream_;
  std::optional<StreamEvent> event_;
};

inline Stream::iterator Stream::begin() { return iterator(this); }

}  // namespace abstractllm
