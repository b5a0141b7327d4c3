// SPDX-License-Identifier: Apache-2.0
#include "base/sse.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace abstractllm {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

std::size_t SseParser::Finder::find(const char* buffer, std::size_t from, std::size_t end) {
  if (found < searched && found >= from) return found;
  from = std::max(from, searched);
  if (from >= end) return end;
  const void* hit = std::memchr(buffer + from, wanted, end - from);
  found = hit ? static_cast<std::size_t>(static_cast<const char*>(hit) - buffer) : end;
  searched = hit ? found + 1 : end;
  return found;
}

void SseParser::Finder::move_down(std::size_t distance) {
  searched -= std::min(searched, distance);
  found = found >= distance ? found - distance : searched;  // a hit that was used up does not count
}

void SseParser::feed(std::string_view bytes) {
  if (failed_ || bytes.empty()) return;
  drop_consumed();
  make_room(bytes.size());
  std::memcpy(buffer_.get() + end_, bytes.data(), bytes.size());
  end_ += bytes.size();
}

void SseParser::drop_consumed() {
  const std::size_t data_size = data_end_ - data_begin_;
  const std::size_t kept = data_size + (has_data_ ? 1 : 0);  // one byte for the '\n' before the next line
  const std::size_t distance = at_ - kept;
  // The kept bytes move only after the same number was dropped. An event of many lines must not move with each piece.
  if (distance == 0 || distance < data_size + (end_ - at_)) return;
  if (data_size > 0) std::memmove(buffer_.get(), buffer_.get() + data_begin_, data_size);
  if (end_ > at_) std::memmove(buffer_.get() + kept, buffer_.get() + at_, end_ - at_);
  line_feed_.move_down(distance);
  carriage_return_.move_down(distance);
  data_begin_ = 0;
  data_end_ = data_size;
  at_ -= distance;
  end_ -= distance;
}

void SseParser::make_room(std::size_t bytes) {
  if (capacity_ - end_ >= bytes) return;
  const std::size_t wanted = std::max({end_ + bytes, capacity_ * 2, std::size_t{256}});
  auto larger =
      std::make_unique<char[]>(wanted + padding);  // zeroed, because the padding is read, although it is never used
  if (end_ > 0) std::memcpy(larger.get(), buffer_.get(), end_);
  buffer_ = std::move(larger);
  capacity_ = wanted;
}

Result<std::optional<SseEvent>> SseParser::next() {
  while (!failed_ && skip_byte_order_mark()) {
    const std::optional<std::string_view> line = take_line();
    failed_ = too_large(line ? line->size() : end_ - at_);
    if (failed_ || !line) break;
    if (begins_anew(*line)) {
      put_back(*line);
      return take_event(true);
    }
    if (!line->empty()) {
      take_field(*line);
    } else if (std::optional<SseEvent> event = take_event(true)) {
      return event;
    }
  }
  if (!failed_) return std::optional<SseEvent>();
  return Error(ErrorKind::protocol,
               "an event of the stream is larger than " + std::to_string(max_event_bytes_) + " bytes");
}

/// Returns false while it is unknown whether there is a mark.
bool SseParser::skip_byte_order_mark() {
  if (!at_start_) return true;
  const std::string_view begin = view(at_, std::min(end_, at_ + byte_order_mark.size()));
  if (begin == byte_order_mark) {
    at_ += byte_order_mark.size();
  } else if (byte_order_mark.starts_with(begin)) {
    return false;
  }
  at_start_ = false;
  return true;
}

std::optional<std::string_view> SseParser::take_line() {
  if (skip_line_feed_ && at_ < end_) {
    if (buffer_[at_] == '\n') ++at_;
    skip_line_feed_ = false;
  }
  const std::size_t line_end =
      std::min(line_feed_.find(buffer_.get(), at_, end_), carriage_return_.find(buffer_.get(), at_, end_));
  if (line_end >= end_) return std::nullopt;
  // A line is complete as soon as its CR has arrived. Waiting for an LF would hold back the last event of a CR stream.
  skip_line_feed_ = buffer_[line_end] == '\r';
  return view(std::exchange(at_, line_end + 1), line_end);
}

/// Whether the line starts a new event without a blank line before it: a field after JSON without a field, or such JSON
/// after other data.
bool SseParser::begins_anew(std::string_view line) const {
  if (!has_data_) return false;
  return line.starts_with('{') || (in_bare_json_ && (line.starts_with("data:") || line.starts_with("event:")));
}

/// The line is read again, together with its line end.
void SseParser::put_back(std::string_view line) {
  at_ = static_cast<std::size_t>(line.data() - buffer_.get());
  skip_line_feed_ = false;
}

void SseParser::take_field(std::string_view line) {
  in_bare_json_ = in_bare_json_ || (!has_data_ && line.starts_with('{'));
  if (in_bare_json_) return append_data(line);
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  if (name != "data" && name != "event" && name != "error") return;
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "event") {
    name_ = value;
    return;
  }
  if (name == "error") {
    if (value.empty() || value == "null") return;
    name_ = name;
    has_data_ = false;  // only the failure of this event counts
  }
  append_data(value);
}

void SseParser::append_data(std::string_view value) {
  const std::size_t value_begin = value.empty() ? at_ : static_cast<std::size_t>(value.data() - buffer_.get());
  if (!has_data_) {
    data_begin_ = value_begin;
    data_end_ = value_begin + value.size();
    has_data_ = true;
    return;
  }
  // In place: "data:" and the line end, which are already read, leave room for the '\n'.
  buffer_[data_end_++] = '\n';
  if (!value.empty()) std::memmove(buffer_.get() + data_end_, value.data(), value.size());
  data_end_ += value.size();
}

std::optional<SseEvent> SseParser::take_event(bool terminated) {
  in_bare_json_ = false;
  given_name_.swap(name_);
  name_.clear();
  const std::string_view data = view(data_begin_, data_end_);
  data_begin_ = data_end_;
  if (!std::exchange(has_data_, false)) return std::nullopt;
  return SseEvent{given_name_, data, terminated};
}

std::optional<SseEvent> SseParser::finish() {
  if (failed_) return std::nullopt;
  const std::string_view rest = view(at_, end_);
  if (begins_anew(rest)) return take_event(true);
  at_ = end_;
  if (!rest.empty()) take_field(rest);
  return take_event(false);
}

}  // namespace abstractllm
