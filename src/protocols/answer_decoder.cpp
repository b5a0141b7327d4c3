// SPDX-License-Identifier: Apache-2.0
#include "protocols/answer_decoder.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "base/json_parser.hpp"
#include "base/ndjson.hpp"
#include "base/sse.hpp"

namespace abstractllm {
namespace {

static_assert(SseParser::padding >= simdjson::SIMDJSON_PADDING);
static_assert(NdjsonParser::padding >= simdjson::SIMDJSON_PADDING);

constexpr std::size_t max_body_bytes = SseParser::default_max_event_bytes;
// Blank lines keep a connection alive before a body (DeepSeek, OpenRouter); the rest is a byte order mark.
constexpr std::string_view skipped_at_start = " \t\r\n\xEF\xBB\xBF";

/// What was parsed is read before the next piece is, so the answers that a thread reads in turn share the memory: 30
/// KiB that each of ten thousand streams would otherwise hold.
JsonParser& parser_of_this_thread() {
  thread_local JsonParser parser;
  return parser;
}

class AnswerDecoder final : public Decoder {
 public:
  AnswerDecoder(std::unique_ptr<AnswerReader> reader, Framing framing)
      : reader_(std::move(reader)), expects_lines_(framing == Framing::lines) {}

  Result<void> feed(std::string_view bytes, Decoded& out) override {
    if (failure_) return *failure_;
    return remembered(take_bytes(bytes, out));
  }

  Result<void> finish(Decoded& out) override {
    if (failure_) return *failure_;
    return remembered(take_end(out));
  }

 private:
  enum class Shape { unknown, events, lines, body };

  Result<void> remembered(Result<void> result) {
    if (!result) failure_ = result.error();
    return result;
  }

  Result<void> take_bytes(std::string_view bytes, Decoded& out) {
    if (finished_) return {};
    if (shape_ == Shape::unknown) {
      bytes.remove_prefix(std::min(bytes.find_first_not_of(skipped_at_start), bytes.size()));
      if (bytes.empty()) return {};
      if (bytes.front() == '<') {
        return Error(ErrorKind::protocol,
                     "a web page came back instead of an answer: is there a proxy, or is the base URL wrong?");
      }
      const bool json = bytes.front() == '{' || bytes.front() == '[';
      shape_ = !json ? Shape::events : expects_lines_ ? Shape::lines : Shape::body;
    }
    if (shape_ == Shape::events) {
      sse_.feed(bytes);
      return take_events(out);
    }
    if (shape_ == Shape::lines) {
      lines_.feed(bytes);
      return take_lines(out);
    }
    if (body_.size() + bytes.size() > max_body_bytes) {
      return Error(ErrorKind::protocol, "the answer is larger than " + std::to_string(max_body_bytes) + " bytes");
    }
    body_ += bytes;
    return {};
  }

  Result<void> take_events(Decoded& out) {
    while (!finished_) {
      Result<std::optional<SseEvent>> event = sse_.next();
      if (!event) return std::move(event).error();
      if (!*event) return {};
      if (Result<void> taken = take_event(**event, out); !taken) return taken;
    }
    return {};  // whatever follows the end is no part of the answer
  }

  Result<void> take_lines(Decoded& out) {
    while (!finished_) {
      Result<std::optional<std::string_view>> line = lines_.next();
      if (!line) return std::move(line).error();
      if (!*line) return {};
      if (Result<void> taken = take_chunk(**line, {}, out); !taken) return taken;
    }
    return {};
  }

  Result<void> take_event(const SseEvent& event, Decoded& out) {
    const std::size_t size = event.data.find_last_not_of(" \t\n") + 1;  // npos + 1 is 0
    if (size == 0) {
      ++object_count_;
      return {};
    }
    if (event.data.substr(0, size) == "[DONE]") {
      ++object_count_;
      return end(Form::chunk, true, out);
    }
    Result<void> taken = take_chunk(event.data, event.name, out);
    // Half an event at the end of the bytes is a cut, not a malformed one; end() tells whether it matters.
    if (!taken && !parsed_ && !event.terminated) return {};
    return taken;
  }

  Result<void> take_chunk(std::string_view text, std::string_view name, Decoded& out) {
    const Result<JsonElement> root = parser_of_this_thread().parse(text, ++object_count_);
    parsed_ = root.has_value();
    if (!root) return root.error();
    if (Result<void> taken = reader_->take(*root, Form::chunk, name, out); !taken) return taken;
    return reader_->is_ended() ? end(Form::chunk, true, out) : Result<void>();
  }

  Result<void> take_end(Decoded& out) {
    if (finished_) return {};
    if (shape_ == Shape::unknown) return Error(ErrorKind::protocol, "the answer is empty");
    if (shape_ == Shape::body) return take_body(out);
    if (shape_ == Shape::events) {
      if (const std::optional<SseEvent> cut = sse_.finish()) {
        if (Result<void> taken = take_event(*cut, out); !taken || finished_) return taken;
      }
    }
    if (object_count_ == 0 && shape_ == Shape::events)
      return Error(ErrorKind::protocol, "the answer is neither JSON nor a stream of events");
    return end(Form::chunk, false, out);
  }

  Result<void> take_body(Decoded& out) {
    const std::size_t size = body_.size();
    body_.resize(size + simdjson::SIMDJSON_PADDING);
    const Result<JsonElement> root = parser_of_this_thread().parse(std::string_view(body_).substr(0, size), 0);
    if (!root) return root.error();
    if (Result<void> taken = reader_->take(*root, Form::whole, {}, out); !taken) return taken;
    return end(Form::whole, true, out);
  }

  Result<void> end(Form form, bool end_marked, Decoded& out) {
    Result<void> result = reader_->finish(form, end_marked, out);
    finished_ = result.has_value();
    return result;
  }

  std::unique_ptr<AnswerReader> reader_;
  bool expects_lines_;
  Shape shape_ = Shape::unknown;
  SseParser sse_;
  NdjsonParser lines_;
  std::string body_;
  std::size_t object_count_ = 0;
  bool parsed_ = false;  // the last chunk was JSON
  bool finished_ = false;
  std::optional<Error> failure_;
};

}  // namespace

std::unique_ptr<Decoder> make_answer_decoder(std::unique_ptr<AnswerReader> reader, Framing framing) {
  return std::make_unique<AnswerDecoder>(std::move(reader), framing);
}

}  // namespace abstractllm
