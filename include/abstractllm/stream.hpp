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

/// More text of the answer. Always whole UTF-8 characters.
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

/// More of a call's arguments; the fragments of one id, joined, are its JSON text.
struct ToolCallDelta {
  std::string id;
  std::string arguments_fragment;
  bool operator==(const ToolCallDelta&) const = default;
};

/// The kinds of parts that an answer writes piece by piece.
enum class PartKind { text, reasoning };

/// A Decoder says so that a part is complete: what follows of its kind begins a new part of Response::parts.
/// `provider_json`: what the provider wants back with the part, or empty. It belongs to the latest part of the kind
/// that has not been ended; where there is none, to a new one without text.
///
/// It is for the library: streams and callbacks do not hand it out. A Decoder appends at least one event of another
/// kind after it in the same feed() or finish(), so that nobody is woken for nothing.
struct PartEnded {
  PartKind kind = PartKind::text;
  std::string provider_json;
  bool operator==(const PartEnded&) const = default;
};

/// The last event of a stream that ended well. The whole answer is then in Stream::response().
struct Finished {
  FinishReason finish_reason = FinishReason::other;
  std::string raw_finish_reason;
  Usage usage;
  bool operator==(const Finished&) const = default;
};

/// What a stream yields. A finished call is: any number of the first six kinds, then one Finished. PartEnded is between
/// a Decoder and the library alone.
using StreamEvent =
    std::variant<TextDelta, ReasoningDelta, ToolCallStarted, ToolCallDelta, ToolCall, Warning, Finished, PartEnded>;

/// One JSON object on one line, `{"type": "text_delta", …}`. A Finished event holds `response`, so it needs the folded
/// answer beside the event.
ABSTRACTLLM_API std::string to_json(const StreamEvent& event, const Response& response);

/// The answer of one call, as it comes. Move-only, for one consumer (one thread at a time).
///
/// Nothing is sent before the first next() or next_async(), which decides how the stream is read: next() runs the call
/// on the caller's thread, next_async() on the library's loop thread. Dropping the stream cancels the call and returns
/// at once: the connection or the engine's slot is let go behind it.
class ABSTRACTLLM_API Stream {
 public:
  class Impl;
  class iterator;
  class NextEvent;

  explicit Stream(std::unique_ptr<Impl> impl);
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;
  ~Stream();

  /// Blocks until the next event. Empty: the stream has ended well. After the end or an error it stays there: each
  /// further call gives the same. Errors: every kind of docs/errors.md; a call that was cancelled gives exactly one
  /// outcome.
  Result<std::optional<StreamEvent>> next();

  /// To be awaited in a coroutine, one at a time: as next(), without blocking. Goes on on the executor of the call's
  /// options; without one, on the loop thread. What the consumer does not take stops the transfer after a bounded
  /// number of events, and nothing is lost. After next(), an Error of kind invalid_argument; next() after it blocks as
  /// ever, but not on the loop thread.
  NextEvent next_async();

  /// What has been folded so far; whole after the end. Lives as long as the stream.
  const Response& response() const;

  /// For range-for; use it once. An error is thrown as Exception, so that it cannot be overlooked.
  iterator begin();
  std::default_sentinel_t end() { return {}; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// See Stream::next_async().
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
