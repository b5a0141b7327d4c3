// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "abstractllm/result.hpp"

namespace abstractllm {

/// One event of a `text/event-stream`. The views live until the parser is used again.
struct SseEvent {
  std::string_view name;   ///< the `event` field; empty where there was none
  std::string_view data;   ///< the `data` lines joined by '\n'; SseParser::padding readable bytes lie behind it
  bool terminated = true;  ///< false: the stream ended before the blank line that closes an event
};

/// Cuts the bytes of a `text/event-stream` into events (https://html.spec.whatwg.org/multipage/server-sent-events.html,
/// read 2026-08). Where the bytes were cut makes no difference to what comes out.
///
/// Lines end in LF, CR or CRLF, mixed as they like. One byte order mark at the start is skipped. Comments, `id`,
/// `retry` and unknown fields are skipped, and so is an event without a `data` line. UTF-8 is not checked here.
///
/// Beyond the standard, because servers report failures so: a field `error` is an event of that name with its value as
/// data; and lines from one that starts with '{' up to a blank line, or up to the next field, are the data of an event.
///
/// Use: feed(), then next() until it gives nothing, and so on; at the end finish() in the same way. Costs one copy of
/// the bytes and, after the first few events, no allocation.
class SseParser {
 public:
  static constexpr std::size_t default_max_event_bytes = std::size_t{64} << 20;
  /// Readable bytes behind SseEvent::data, of unspecified value: simdjson reads over the end.
  static constexpr std::size_t padding = 64;

  /// `max_event_bytes` limits the data lines of one event and its longest line together.
  explicit SseParser(std::size_t max_event_bytes = default_max_event_bytes) : max_event_bytes_(max_event_bytes) {}

  /// Takes the next bytes, cut anywhere.
  void feed(std::string_view bytes);

  /// The next whole event, or nothing until more bytes are fed. Error protocol where an event is larger than allowed;
  /// each further call then gives the same.
  Result<std::optional<SseEvent>> next();

  /// To be called at the end of the bytes, after next() gave nothing, until it gives nothing too: the events that no
  /// blank line closed. The last one may be cut.
  std::optional<SseEvent> finish();

 private:
  /// Where one byte value comes next; remembers, so that no byte is looked at twice.
  struct Finder {
    char wanted;
    std::size_t found = 0;  ///< valid where found < searched
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
    const std::size_t line_feed = has_data_ && line_bytes > 0 ? 1 : 0;  // joins the line to the data
    return data_end_ - data_begin_ + line_feed + line_bytes > max_event_bytes_;
  }

  // buffer_: [data_begin_, data_end_) the data of the open event, joined in place; [at_, end_) bytes not yet read.
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;  // without the padding
  std::size_t data_begin_ = 0;
  std::size_t data_end_ = 0;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  Finder line_feed_{'\n'};
  Finder carriage_return_{'\r'};
  std::string name_;        // of the open event
  std::string given_name_;  // of the event that was handed out
  std::size_t max_event_bytes_;
  bool has_data_ = false;
  bool in_bare_json_ = false;  // the open event is JSON that stands in lines without a field
  bool at_start_ = true;
  bool skip_line_feed_ = false;  // the last line ended in CR: an LF that follows belongs to it
  bool failed_ = false;
};

}  // namespace abstractllm
