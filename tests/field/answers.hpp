// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "protocols/decode_testing.hpp"
#include "protocols/protocols.hpp"

/// For tests of what servers send: an answer, and the same at any cut.
namespace abstractllm::field_cases {

inline const std::vector<std::string_view> all_protocols = protocol_names();

/// What the bytes decode to; a test fails where a cut makes a difference.
inline Outcome answer(std::string_view protocol, std::string_view bytes, Delivery delivery = Delivery::stream) {
  const auto wire = find_protocol(protocol);
  Outcome whole = decode(*wire, bytes, delivery);
  for (std::size_t cut = 1; cut < bytes.size(); ++cut)
    EXPECT_TRUE(decode_pieces(*wire, {bytes.substr(0, cut), bytes.substr(cut)}, delivery) == whole)
        << protocol << ", cut at " << cut;
  for (const std::size_t size : {1U, 2U, 3U, 7U})
    EXPECT_TRUE(decode_pieces(*wire, in_pieces_of(size, bytes), delivery) == whole)
        << protocol << ", in pieces of " << size;
  return whole;
}

inline std::string event(std::string_view data) { return "data: " + std::string(data) + "\n\n"; }
inline const std::string done = "data: [DONE]\n\n";

/// A chunk of Chat Completions with this delta.
inline std::string chat_delta(std::string_view delta) {
  return event(R"({"choices":[{"index":0,"delta":)" + std::string(delta) + "}]}");
}
/// The chunk of Chat Completions that ends the answer.
inline std::string chat_end(std::string_view reason) {
  return event(R"({"choices":[{"index":0,"delta":{},"finish_reason":")" + std::string(reason) + "\"}]}") + done;
}

/// An answer of a protocol in which `before`, a text for its wire, comes as two deltas of text: strings of JSON without
/// their quotes.
inline std::string two_texts(std::string_view protocol, std::string_view first, std::string_view second) {
  const std::string a(first), b(second);
  if (protocol == "openai_chat")
    return chat_delta("{\"content\":\"" + a + "\"}") + chat_delta("{\"content\":\"" + b + "\"}") + chat_end("stop");
  if (protocol == "openai_responses")
    return event(R"({"type":"response.output_text.delta","output_index":0,"delta":")" + a + "\"}") +
           event(R"({"type":"response.output_text.delta","output_index":0,"delta":")" + b + "\"}") +
           event(R"({"type":"response.completed","response":{"status":"completed"}})");
  if (protocol == "anthropic_messages")
    return event(R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})") +
           event(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":")" + a + "\"}}") +
           event(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":")" + b + "\"}}") +
           event(R"({"type":"message_delta","delta":{"stop_reason":"end_turn"}})") +
           event(R"({"type":"message_stop"})");
  return R"({"message":{"content":")" + a + "\"},\"done\":false}\n" + R"({"message":{"content":")" + b +
         "\"},\"done\":false}\n" + R"({"message":{"content":""},"done":true,"done_reason":"stop"})" + "\n";
}

/// An answer of a protocol with one call whose arguments come as two fragments: strings of JSON without their quotes.
/// Ollama's arguments come whole.
inline std::string two_fragments(std::string_view protocol, std::string_view first, std::string_view second,
                                 std::string_view reason = "") {
  const std::string a(first), b(second);
  const auto word = [&](std::string_view usual) { return std::string(reason.empty() ? usual : reason); };
  if (protocol == "openai_chat")
    return chat_delta(R"({"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":")" + a + "\"}}]}") +
           chat_delta(R"({"tool_calls":[{"index":0,"function":{"arguments":")" + b + "\"}}]}") +
           chat_end(word("tool_calls"));
  if (protocol == "openai_responses") {
    const std::string end = reason.empty() ? R"({"type":"response.completed","response":{"status":"completed"}})"
                                           : R"({"type":"response.incomplete","response":{"status":"incomplete",)"
                                             R"("incomplete_details":{"reason":")" +
                                                 std::string(reason) + "\"}}}";
    return event(R"({"type":"response.output_item.added","output_index":0,"item":{"type":"function_call",)"
                 R"("call_id":"c","name":"f","arguments":""}})") +
           event(R"({"type":"response.function_call_arguments.delta","output_index":0,"delta":")" + a + "\"}") +
           event(R"({"type":"response.function_call_arguments.delta","output_index":0,"delta":")" + b + "\"}") +
           event(end);
  }
  if (protocol == "anthropic_messages")
    return event(
               R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"c","name":"f"}})") +
           event(R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":")" + a +
                 "\"}}") +
           event(R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":")" + b +
                 "\"}}") +
           event(R"({"type":"content_block_stop","index":0})") +
           event(R"({"type":"message_delta","delta":{"stop_reason":")" + word("tool_use") + "\"}}") +
           event(R"({"type":"message_stop"})");
  return R"({"message":{"tool_calls":[{"id":"c","function":{"name":"f","arguments":")" + a + b +
         "\"}}]},\"done\":false}\n" + R"({"message":{"content":""},"done":true,"done_reason":")" + word("stop") +
         "\"}\n";
}

}  // namespace abstractllm::field_cases
