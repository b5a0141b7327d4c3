// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_chat/decode.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "base/sse.hpp"
#include "protocols/openai_chat/answer.hpp"
#include "protocols/openai_chat/chunk_parser.hpp"

namespace abstractllm::openai_chat {
namespace {

static_assert(SseParser::padding >= simdjson::SIMDJSON_PADDING);

constexpr std::size_t max_body_bytes = SseParser::default_max_event_bytes;
// Blank lines keep a connection alive before a body (DeepSeek, OpenRouter); the rest is a byte order mark.
constexpr std::string_view skipped_at_start = " \t\r\n\xEF\xBB\xBF";

class ChatDecoder final : public Decoder {
 public:
  Result<void> feed(std::string_view bytes, Decoded& out) override {
    if (failure_) return *failure_;
    return remembered(take_bytes(bytes, out));
  }

  Result<void> finish(Decoded& out) override {
    if (failure_) return *failure_;
    return remembered(take_end(out));
  }

 private:
  enum class Framing { unknown, events, body };

  Result<void> remembered(Result<void> result) {
    if (!result) failure_ = result.error();
    return result;
  }

  Result<void> take_bytes(std::string_view bytes, Decoded& out) {
    if (finished_) return {};
    if (framing_ == Framing::unknown) {
      bytes.remove_prefix(std::min(bytes.find_first_not_of(skipped_at_start), bytes.size()));
      if (bytes.empty()) return {};
      if (bytes.front() == '<') {
        return Error(ErrorKind::protocol,
                     "a web page came back instead of an answer: is there a proxy, or is the base URL wrong?");
      }
      framing_ = bytes.front() == '{' || bytes.front() == '[' ? Framing::body : Framing::events;
    }
    if (framing_ == Framing::events) {
      sse_.feed(bytes);
      return take_events(out);
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
    return {};  // whatever follows [DONE] is no part of the answer
  }

  Result<void> take_event(const SseEvent& event, Decoded& out) {
    ++event_count_;
    const std::size_t size = event.data.find_last_not_of(" \t\n") + 1;  // npos + 1 is 0
    if (size == 0) return {};
    if (event.data.substr(0, size) == "[DONE]") return end(Form::chunk, true, out);
    const Result<Element> root = parser_.parse(event.data, event_count_);
    if (root) return answer_.take(*root, Form::chunk, event.name, out);
    // Half an event at the end of the bytes is a cut, not a malformed one; end() tells whether it matters.
    if (!event.terminated) return {};
    return root.error();
  }

  Result<void> take_end(Decoded& out) {
    if (finished_) return {};
    if (framing_ == Framing::unknown) return Error(ErrorKind::protocol, "the answer is empty");
    if (framing_ == Framing::body) return take_body(out);
    if (const std::optional<SseEvent> cut = sse_.finish()) {
      if (Result<void> taken = take_event(*cut, out); !taken || finished_) return taken;
    }
    if (event_count_ == 0) return Error(ErrorKind::protocol, "the answer is neither JSON nor a stream of events");
    return end(Form::chunk, false, out);
  }

  Result<void> take_body(Decoded& out) {
    const std::size_t size = body_.size();
    body_.resize(size + simdjson::SIMDJSON_PADDING);
    const Result<Element> root = parser_.parse(std::string_view(body_).substr(0, size), 0);
    if (!root) return root.error();
    if (Result<void> taken = answer_.take(*root, Form::whole, {}, out); !taken) return taken;
    return end(Form::whole, true, out);
  }

  Result<void> end(Form form, bool end_marked, Decoded& out) {
    Result<void> result = answer_.finish(form, end_marked, out);
    finished_ = result.has_value();
    return result;
  }

  Framing framing_ = Framing::unknown;
  SseParser sse_;
  std::string body_;
  ChunkParser parser_;
  Answer answer_;
  std::size_t event_count_ = 0;
  bool finished_ = false;
  std::optional<Error> failure_;
};

}  // namespace

std::unique_ptr<Decoder> make_decoder() { return std::make_unique<ChatDecoder>(); }

}  // namespace abstractllm::openai_chat
