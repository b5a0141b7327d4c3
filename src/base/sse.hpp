// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// One event of a `text/event-stream`. The views are valid until the next use of the parser.
struct SseEvent {
  std::string_view name;   ///< the `event` field; empty if there was none
  std::string_view data;   ///< the `data` lines joined by '\n'; SseParser::padding readable bytes follow
  bool terminated = true;  ///< false if the stream ended before the blank line that closes an event
};

/// Splits the bytes of a `text/event-stream` into events
/// (https://html.spec.whatwg.org/multipage/server-sent-events.html, read 2026-08). The result does not depend on how
/// the bytes were cut.
///
/// Lines end in LF, CR or CRLF, in any mixture. One byte order mark at the start is skipped. Comments, `id`, `retry`,
/// unknown fields and events without a `data` line are skipped. UTF-8 is not checked here.
///
/// Two rules go beyond the standard, because servers report failures in these forms. A field `error` is an event with
/// that name and its value as data. Lines that begin with '{', up to a blank line or the next field, are the data of an
/// event.
///
/// Use: feed(), then next() until it returns nullopt, and again. At the end use finish() in the same way. Costs one
/// copy of the bytes and, after the first few events, no allocation.
class SseParser {
 public:
  static constexpr std::size_t default_max_event_bytes = std::size_t{64} << 20;
  /// Number of readable bytes of unspecified value after SseEvent::data, because simdjson reads past the end.
  static constexpr std::size_t padding = 64;

  /// `max_event_bytes` limits the data lines of one event and its longest line together.
  explicit SseParser(std::size_t max_event_bytes = default_max_event_bytes) : max_event_bytes_(max_event_bytes) {}

  /// Takes the next bytes. They may be cut anywhere.
  void feed(std::string_view bytes);

  /// The next whole event, or nullopt until more bytes are fed. Errors: protocol if an event is too large; each further
  /// call then returns the same error.
  Result<std::optional<SseEvent>> next();

  /// Returns the events that no blank line closed. Call it at the end of the bytes, after next() returned nullopt,
  /// until it returns nullopt too. The last event may be cut.
  std::optional<SseEvent> finish();

 private:
  /// Finds the next place of a byte value. It remembers the place, so that no byte is examined twice.
  struct Finder {
    char wanted;
    std::size_t found = 0;  ///< valid if found < searched
    std::size_t searched = 0;

    std::size_t find(const char* buffer, std::size_t from, std::size_t end);
    void move_down(std::size_t distance);
  };

  std::string_view view(std::size_t begin, std::size_t end) const { return {buffer_.get() + begin, end - begin}; }
  void make_room(std::size_t bytes);
  void drop_consumed();
  bool skip_byte_order_mark();
  std::optional<std::string_view> take_line();
  bool begins_anew(std::string_view line) const;
  void put_back(std::string_view line);
  void take_field(std::string_view line);
  void append_data(std::string_view value);
  std::optional<SseEvent> take_event(bool terminated);
  bool too_large(std::size_t line_bytes) const {
    const std::size_t line_feed = has_data_ && line_bytes > 0 ? 1 : 0;  // connects the line to the data
    return data_end_ - data_begin_ + line_feed + line_bytes > max_event_bytes_;
  }

  // buffer_: [data_begin_, data_end_) is the data of the open event, joined in place. [at_, end_) is not read yet.
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;  // without the padding
  std::size_t data_begin_ = 0;
  std::size_t data_end_ = 0;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  Finder line_feed_{'\n'};
  Finder carriage_return_{'\r'};
  std::string name_;        // name of the open event
  std::string given_name_;  // name of the event that was returned
  std::size_t max_event_bytes_;
  bool has_data_ = false;
  bool in_bare_json_ = false;  // the open event is JSON in lines without a field
  bool at_start_ = true;
  bool skip_line_feed_ = false;  // the last line ended in CR, and an LF that follows belongs to it
  bool failed_ = false;
};

}  // namespace abstractllm
