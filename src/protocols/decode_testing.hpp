// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/provider.hpp"

/// For the tests of protocols: an answer decoded from pieces of bytes.
namespace abstractllm {

struct Outcome {
  Decoded decoded;
  std::optional<Error> error;

  std::string text() const { return joined<TextDelta>(); }
  std::string reasoning() const { return joined<ReasoningDelta>(); }

  template <class Event>
  std::vector<Event> all() const {
    std::vector<Event> found;
    for (const StreamEvent& event : decoded.events) {
      if (const Event* wanted = std::get_if<Event>(&event)) found.push_back(*wanted);
    }
    return found;
  }

  /// Returns the last event, if it is Finished.
  std::optional<Finished> finished() const {
    if (decoded.events.empty() || !std::holds_alternative<Finished>(decoded.events.back())) return std::nullopt;
    return std::get<Finished>(decoded.events.back());
  }

  friend bool operator==(const Outcome& a, const Outcome& b) {
    return a.decoded == b.decoded && a.error.has_value() == b.error.has_value() &&
           (!a.error || to_json(*a.error) == to_json(*b.error));
  }

 private:
  template <class Delta>
  std::string joined() const {
    std::string text;
    for (const Delta& delta : all<Delta>()) text += delta.text;
    return text;
  }
};

inline Outcome decode_pieces(const Protocol& protocol, const std::vector<std::string_view>& pieces,
                             Delivery delivery = Delivery::stream) {
  const std::unique_ptr<Decoder> decoder = protocol.decoder(delivery);
  Outcome outcome;
  Result<void> result;
  for (const std::string_view piece : pieces) {
    // Each piece is in memory of its own size, so that a sanitizer sees a read past its end.
    const std::string copy(piece);
    if (result) result = decoder->feed(copy, outcome.decoded);
  }
  if (result) result = decoder->finish(outcome.decoded);
  if (!result) outcome.error = result.error();
  return outcome;
}

inline Outcome decode(const Protocol& protocol, std::string_view bytes, Delivery delivery = Delivery::stream) {
  return decode_pieces(protocol, {bytes}, delivery);
}

inline std::vector<std::string_view> in_pieces_of(std::size_t size, std::string_view bytes) {
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at < bytes.size(); at += size) pieces.push_back(bytes.substr(at, size));
  return pieces;
}

}  // namespace abstractllm
