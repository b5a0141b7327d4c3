// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/registry.hpp"
#include "abstractllm/testing.hpp"
#include "base/json.hpp"

namespace abstractllm {
namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find(' ', 1), text.size());
    words.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return words;
}

std::string event(const Json& data) { return "data: " + dump_json(data) + "\n\n"; }
std::string named(const Json& data) { return "event: " + data["type"].get<std::string>() + "\n" + event(data); }

Reply chat(std::string_view text, Delivery delivery) {
  Reply reply;
  if (delivery == Delivery::body) {
    const Json message = {{"role", "assistant"}, {"content", text}};
    const Json choice = {{"index", 0}, {"message", message}, {"finish_reason", "stop"}};
    return reply.bytes(dump_json({{"id", "chat-1"}, {"model", "scripted"}, {"choices", Json::array({choice})}}));
  }
  const auto chunk = [](Json delta, Json reason) {
    const Json choice = {{"index", 0}, {"delta", std::move(delta)}, {"finish_reason", std::move(reason)}};
    return event({{"id", "chat-1"}, {"model", "scripted"}, {"choices", Json::array({choice})}});
  };
  for (const std::string& word : words_of(text)) reply.bytes(chunk({{"content", word}}, nullptr));
  return reply.bytes(chunk(Json::object(), "stop")).bytes("data: [DONE]\n\n");
}

Reply responses(std::string_view text, Delivery delivery) {
  Reply reply;
  const Json part = {{"type", "output_text"}, {"text", text}, {"annotations", Json::array()}};
  const Json item = {{"type", "message"}, {"role", "assistant"}, {"content", Json::array({part})}};
  const Json whole = {{"id", "resp-1"},
                      {"object", "response"},
                      {"status", "completed"},
                      {"model", "scripted"},
                      {"output", Json::array({item})}};
  if (delivery == Delivery::body) return reply.bytes(dump_json(whole));
  for (const std::string& word : words_of(text))
    reply.bytes(
        named({{"type", "response.output_text.delta"}, {"output_index", 0}, {"content_index", 0}, {"delta", word}}));
  return reply.bytes(named({{"type", "response.completed"}, {"response", whole}}));
}

Reply messages(std::string_view text, Delivery delivery) {
  Reply reply;
  if (delivery == Delivery::body) {
    const Json block = {{"type", "text"}, {"text", text}};
    return reply.bytes(dump_json({{"id", "msg-1"},
                                  {"type", "message"},
                                  {"role", "assistant"},
                                  {"model", "scripted"},
                                  {"content", Json::array({block})},
                                  {"stop_reason", "end_turn"}}));
  }
  const Json message = {
      {"id", "msg-1"}, {"type", "message"}, {"role", "assistant"}, {"model", "scripted"}, {"content", Json::array()}};
  reply.bytes(named({{"type", "message_start"}, {"message", message}}));
  reply.bytes(
      named({{"type", "content_block_start"}, {"index", 0}, {"content_block", {{"type", "text"}, {"text", ""}}}}));
  for (const std::string& word : words_of(text))
    reply.bytes(
        named({{"type", "content_block_delta"}, {"index", 0}, {"delta", {{"type", "text_delta"}, {"text", word}}}}));
  reply.bytes(named({{"type", "content_block_stop"}, {"index", 0}}));
  reply.bytes(named({{"type", "message_delta"}, {"delta", {{"stop_reason", "end_turn"}}}}));
  return reply.bytes(named({{"type", "message_stop"}}));
}

Reply ollama(std::string_view text, Delivery delivery) {
  Reply reply;
  const auto line = [](std::string_view content, bool done) {
    Json json = {{"model", "scripted"}, {"message", {{"role", "assistant"}, {"content", content}}}, {"done", done}};
    if (done) json["done_reason"] = "stop";
    return dump_json(json) + "\n";
  };
  if (delivery == Delivery::body) return reply.bytes(line(text, true));
  for (const std::string& word : words_of(text)) reply.bytes(line(word, false));
  return reply.bytes(line("", true));
}

}  // namespace

Result<Reply> text_reply(std::string_view protocol_name, std::string_view text, Delivery delivery) {
  if (protocol_name == "openai_chat") return chat(text, delivery);
  if (protocol_name == "openai_responses") return responses(text, delivery);
  if (protocol_name == "anthropic_messages") return messages(text, delivery);
  if (protocol_name == "ollama_chat") return ollama(text, delivery);
  return Error(ErrorKind::invalid_argument, "there is no protocol '" + std::string(protocol_name) + "' to reply in");
}

}  // namespace abstractllm
