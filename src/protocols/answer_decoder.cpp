// SPDX-License-Identifier: Apache-2.0
#include "protocols/answer_decoder.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/json_parser.hpp"
#include "base/ndjson.hpp"
#include "base/sse.hpp"
#include "base/utf8.hpp"
#include "protocols/errors.hpp"
#include "protocols/part_ends.hpp"
#include "protocols/split_characters.hpp"

namespace abstractllm {
namespace {

static_assert(SseParser::padding >= simdjson::SIMDJSON_PADDING);
static_assert(NdjsonParser::padding >= simdjson::SIMDJSON_PADDING);

constexpr std::size_t max_body_bytes = SseParser::default_max_event_bytes;
// Blank lines keep a connection alive before a body (DeepSeek, OpenRouter). The rest is a byte order mark.
constexpr std::string_view skipped_at_start = " \t\r\n\xEF\xBB\xBF";
constexpr std::string_view fields_of_events[] = {"data:", "event:", "id:", "retry:", "error:", ":"};
constexpr std::size_t most_quoted_bytes = 200;

/// Whether a piece of the stream cannot be JSON of an answer. "null" and similar values are not an answer either.
bool is_plain_text(std::string_view text) { return !text.starts_with('{') && !text.starts_with('['); }

/// A parsed object is read before the next piece is parsed, so all answers that one thread reads share this memory.
/// Otherwise each of ten thousand streams would hold 30 KiB.
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
      if (start_.empty()) bytes.remove_prefix(std::min(bytes.find_first_not_of(skipped_at_start), bytes.size()));
      if (bytes.empty()) return {};
      if (start_.empty() && bytes.front() == '<') {
        return Error(ErrorKind::protocol,
                     "a web page came back instead of an answer: is there a proxy, or is the base URL wrong?");
      }
      return take_start(bytes, out);
    }
    if (shape_ == Shape::events && object_count_ == 0)
      start_ += bytes.substr(0, most_quoted_bytes - std::min(most_quoted_bytes, start_.size()));
    return take_shaped(bytes, out);
  }

  /// Recognises the shape. If lines are expected, a first line of text may be part of them, and only the whole answer
  /// shows it.
  Result<void> take_start(std::string_view bytes, Decoded& out) {
    if (start_.empty() && !is_plain_text(bytes)) {
      shape_ = expects_lines_ ? Shape::lines : Shape::body;
      return take_shaped(bytes, out);
    }
    if (!expects_lines_) {
      shape_ = Shape::events;
      start_ = bytes.substr(0, most_quoted_bytes);
      return take_shaped(bytes, out);
    }
    if (start_.size() + bytes.size() > max_body_bytes) return too_large();
    start_ += bytes;
    return bytes.find_first_of("\r\n") == std::string_view::npos ? Result<void>() : settle_start(out);
  }

  Result<void> settle_start(Decoded& out) {
    const bool events = std::any_of(std::begin(fields_of_events), std::end(fields_of_events),
                                    [&](std::string_view field) { return start_.starts_with(field); });
    shape_ = events ? Shape::events : Shape::lines;
    const std::string all = std::move(start_);
    start_ = all.substr(0, most_quoted_bytes);
    return take_shaped(all, out);
  }

  Result<void> take_shaped(std::string_view bytes, Decoded& out) {
    if (shape_ == Shape::events) {
      sse_.feed(bytes);
      return take_events(out);
    }
    if (shape_ == Shape::lines) {
      lines_.feed(bytes);
      return take_lines(out);
    }
    if (body_.size() + bytes.size() > max_body_bytes) return too_large();
    body_ += bytes;
    return {};
  }

  static Error too_large() {
    return {ErrorKind::protocol, "the answer is larger than " + std::to_string(max_body_bytes) + " bytes"};
  }

  Result<void> take_events(Decoded& out) {
    while (!finished_) {
      Result<std::optional<SseEvent>> event = sse_.next();
      if (!event) return std::move(event).error();
      if (!*event) return {};
      if (Result<void> taken = take_event(**event, out); !taken) return taken;
    }
    return {};  // what follows the end is not part of the answer
  }

  Result<void> take_lines(Decoded& out) {
    while (!finished_) {
      Result<std::optional<std::string_view>> line = lines_.next();
      if (!line) return std::move(line).error();
      if (!*line) return {};
      if (is_plain_text(**line)) note_text(**line);
      else if (Result<void> taken = take_chunk(**line, {}, out); !taken) return taken;
    }
    return {};
  }

  Result<void> take_event(const SseEvent& event, Decoded& out) {
    const std::size_t begin = std::min(event.data.find_first_not_of(" \t\n"), event.data.size());
    const std::size_t end_of_data = event.data.find_last_not_of(" \t\n") + 1;  // npos + 1 is 0
    const std::string_view data = event.data.substr(begin, end_of_data - std::min(begin, end_of_data));
    if (data == "[DONE]") {
      ++object_count_;
      return end(Form::chunk, true, out);
    }
    // A comment that a server sends as data is still a comment.
    if (data.empty() || data.starts_with(':')) {
      ++object_count_;
      return {};
    }
    if (is_plain_text(data)) return take_text(event.name, data);
    Result<void> taken = take_chunk(event.data, event.name, out);
    // Half an event at the end of the bytes was cut off and is not malformed. end() decides whether it matters.
    if (!taken && !parsed_ && !event.terminated) return {};
    return taken;
  }

  Result<void> take_text(std::string_view name, std::string_view text) {
    ++object_count_;
    note_text(text);
    if (name != "error") return {};
    ProviderError said;
    said.message = std::exchange(text_, std::string());
    return error_within_answer(said);
  }

  /// Takes text that a proxy or a server sends between the parts of the answer. The end decides whether it matters.
  void note_text(std::string_view text) {
    if (text_.empty() && text != "null") text_ = escaped_start(text, most_quoted_bytes);
  }

  Result<void> take_chunk(std::string_view text, std::string_view name, Decoded& out) {
    return take_object(text, ++object_count_, Form::chunk, name, out);
  }

  /// For `number`, see JsonParser::parse().
  Result<void> take_object(std::string_view text, std::size_t number, Form form, std::string_view name, Decoded& out) {
    JsonParser& parser = parser_of_this_thread();
    const Result<JsonElement> root = parser.parse(text, number, HalfPairs::mark);
    parsed_ = root.has_value();
    if (!root) return root.error();
    const SplitCharacters::Before before(out);
    Result<void> taken = reader_->take({*root, form, name, parser}, out);
    split_.settle(before, parser.has_marks(), out);
    part_ends_.settle(before.events, out);
    if (!taken) return failure(std::move(taken).error(), parser.has_marks());
    return form == Form::whole || reader_->is_ended() ? end(form, true, out) : Result<void>();
  }

  static Error failure(Error error, bool has_marks) {
    if (has_marks) SplitCharacters::settle(error);
    return error;
  }

  Result<void> take_end(Decoded& out) {
    if (finished_) return {};
    if (shape_ == Shape::unknown && !start_.empty()) {
      if (Result<void> taken = settle_start(out); !taken || finished_) return taken;
    }
    if (shape_ == Shape::unknown) return Error(ErrorKind::protocol, "the answer is empty");
    if (shape_ == Shape::body) return take_body(out);
    if (shape_ == Shape::lines && is_plain_text(lines_.rest()) && !lines_.rest().empty()) note_text(lines_.rest());
    return shape_ == Shape::events ? take_end_of_events(out) : end(Form::chunk, false, out);
  }

  Result<void> take_end_of_events(Decoded& out) {
    while (const std::optional<SseEvent> last = sse_.finish()) {
      if (Result<void> taken = take_event(*last, out); !taken || finished_) return taken;
    }
    if (object_count_ > 0) return end(Form::chunk, false, out);
    Error error(ErrorKind::protocol, "the answer is neither JSON nor a stream of events");
    error.provider_message = escaped_start(start_, most_quoted_bytes);
    return error;
  }

  Result<void> take_body(Decoded& out) {
    const std::size_t size = body_.size();
    body_.resize(size + simdjson::SIMDJSON_PADDING);
    const std::string_view body = std::string_view(body_).substr(0, size);
    Result<void> taken = take_object(body, 0, Form::whole, {}, out);
    if (parsed_ || body.find("\ndata:") == std::string_view::npos) return taken;
    // The first event of this stream lacks its field. This is usually an error.
    shape_ = Shape::events;
    if (taken = take_shaped(body, out); !taken || finished_) return taken;
    return take_end_of_events(out);
  }

  Result<void> end(Form form, bool end_marked, Decoded& out) {
    const SplitCharacters::Before before(out);
    Result<void> result = reader_->finish(form, end_marked, out);
    split_.settle(before, false, out);
    part_ends_.settle(before.events, out);
    finished_ = result.has_value();
    if (text_.empty()) return result;
    if (finished_) {
      out.events.insert(
          out.events.end() - 1,
          Warning{"text_ignored", "the server sent text that does not belong to the answer; it was ignored"});
      return result;
    }
    Error error = std::move(result).error();
    if (error.provider_message.empty()) error.provider_message = text_;
    return error;
  }

  std::unique_ptr<AnswerReader> reader_;
  bool expects_lines_;
  Shape shape_ = Shape::unknown;
  SseParser sse_;
  NdjsonParser lines_;
  std::string body_;
  std::size_t object_count_ = 0;
  SplitCharacters split_;
  PartEnds part_ends_;
  std::string start_;    // of an answer that does not begin as JSON: used to recognise its shape and to quote it
  std::string text_;     // the first text between the parts of the answer
  bool parsed_ = false;  // the last chunk was JSON
  bool finished_ = false;
  std::optional<Error> failure_;
};

}  // namespace

std::unique_ptr<Decoder> make_answer_decoder(std::unique_ptr<AnswerReader> reader, Framing framing) {
  return std::make_unique<AnswerDecoder>(std::move(reader), framing);
}

}  // namespace abstractllm
