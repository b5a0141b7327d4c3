// SPDX-License-Identifier: Apache-2.0
//
// One protocol (ABSTRACTLLM_FUZZ_PROTOCOL), from the server to us: any bytes as an answer (stream or body) and as the
// body of an HTTP error.
#include <optional>
#include <string>

#include "base/utf8.hpp"
#include "fuzzing.hpp"
#include "protocols/protocols.hpp"

namespace {

using abstractllm::Decoded;
using abstractllm::Error;
using abstractllm::ErrorKind;
using abstractllm::fuzzing::require;

const abstractllm::Protocol& protocol() {
  static const std::shared_ptr<const abstractllm::Protocol> instance =
      abstractllm::find_protocol(ABSTRACTLLM_FUZZ_PROTOCOL);
  return *instance;
}

struct Outcome {
  Decoded decoded;
  std::optional<Error> error;
};

Outcome decode(const std::vector<std::string_view>& pieces) {
  const std::unique_ptr<abstractllm::Decoder> decoder = protocol().decoder(abstractllm::Delivery::stream);
  Outcome outcome;
  abstractllm::Result<void> result;
  for (const std::string_view piece : pieces) {
    if (result) result = decoder->feed(std::string(piece), outcome.decoded);
  }
  if (result) result = decoder->finish(outcome.decoded);
  if (!result) outcome.error = result.error();
  return outcome;
}

bool alike(const Outcome& a, const Outcome& b) {
  return a.decoded == b.decoded && a.error.has_value() == b.error.has_value() &&
         (!a.error || to_json(*a.error) == to_json(*b.error));
}

bool is_text(std::string_view text) { return !abstractllm::find_invalid_utf8(text); }

void check(const Error& error) {
  require(!error.message.empty() && is_text(error.message), "our message is text");
  require(is_text(error.provider_message) && is_text(error.provider_code), "the provider's words are UTF-8");
  require(error.kind != ErrorKind::internal && error.kind != ErrorKind::cancelled,
          "the kind is one that a server can cause");
}

void check(const Outcome& outcome) {
  std::size_t finished = 0;
  for (const abstractllm::StreamEvent& event : outcome.decoded.events) {
    if (const auto* text = std::get_if<abstractllm::TextDelta>(&event))
      require(!text->text.empty() && is_text(text->text), "text is whole UTF-8");
    if (std::holds_alternative<abstractllm::Finished>(event)) ++finished;
  }
  require(
      outcome.decoded.events.empty() || !std::holds_alternative<abstractllm::PartEnded>(outcome.decoded.events.back()),
      "the end of a part comes with an event");
  require(finished == (outcome.error ? 0U : 1U), "an answer has one Finished or one error");
  require(outcome.error || std::holds_alternative<abstractllm::Finished>(outcome.decoded.events.back()),
          "Finished is the last event");
  if (outcome.error) check(*outcome.error);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = abstractllm::fuzzing::text_of(data, size);
  const Outcome whole = decode({input});
  check(whole);
  require(alike(decode(abstractllm::fuzzing::pieces_of(input)), whole), "cuts make no difference");

  abstractllm::HttpHead head;
  head.status = static_cast<int>(400 + size % 200);
  head.headers.emplace_back("retry-after", std::string(input.substr(0, 40)));
  head.headers.emplace_back("date", "Sun, 06 Nov 1994 08:49:37 GMT");
  const Error error = protocol().decode_error(head, input);
  check(error);
  require(!error.retry_after || error.retry_after->count() >= 0, "nobody waits for less than nothing");
  return 0;
}
