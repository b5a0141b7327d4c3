// SPDX-License-Identifier: Apache-2.0
#include "base/ndjson.hpp"

#include <algorithm>
#include <cstring>

namespace abstractllm {

void NdjsonParser::feed(std::string_view bytes) {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    at_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() < end_ + bytes.size() + padding) buffer_.resize((end_ + bytes.size()) * 2 + padding);
  std::memcpy(buffer_.data() + end_, bytes.data(), bytes.size());
  end_ += bytes.size();
}

Result<std::optional<std::string_view>> NdjsonParser::next() {
  constexpr std::string_view white_space = " \t\r\n";
  if (at_ == begin_) {
    while (at_ < end_ && white_space.find(buffer_[at_]) != std::string_view::npos) ++at_;
    begin_ = at_;
  }
  const bool whole = scan();
  if (at_ - begin_ > max_value_bytes_)
    return Error(ErrorKind::protocol,
                 "a line of the stream is larger than " + std::to_string(max_value_bytes_) + " bytes");
  if (!whole) return std::optional<std::string_view>();
  const std::string_view value(buffer_.data() + begin_, at_ - begin_);
  begin_ = at_;
  return std::optional(value);
}

/// Advances to the end of the open value. Returns false if the bytes end before it.
bool NdjsonParser::scan() {
  if (at_ < end_ && buffer_[begin_] != '{' && buffer_[begin_] != '[') {
    // A line of text: its quotes and brackets have no meaning.
    at_ += std::min(std::string_view(buffer_).substr(at_, end_ - at_).find('\n'), end_ - at_);
    return at_ < end_;
  }
  while (at_ < end_) {
    const char c = buffer_[at_++];
    if (in_string_) {
      if (escaped_) escaped_ = false;
      else if (c == '\\') escaped_ = true;
      else if (c == '"') in_string_ = false;
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if (c == '}' || c == ']') {
      if (depth_ > 0) --depth_;
      if (depth_ == 0) return true;
    }
  }
  return false;
}

}  // namespace abstractllm
