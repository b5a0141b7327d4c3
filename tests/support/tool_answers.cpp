// SPDX-License-Identifier: Apache-2.0
#include "support/tool_answers.hpp"

#include "base/json.hpp"

namespace abstractllm::test {
namespace {

std::vector<std::string> pieces_of(const std::string& text) {
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < text.size(); at += 5) pieces.push_back(text.substr(at, 5));
  return pieces;
}

std::string frame(const Json& json) { return "data: " + json.dump() + "\n\n"; }

std::string event(const Json& json) { return "event: " + json.at("type").get<std::string>() + "\n" + frame(json); }

// ---- Chat Completions

Json chat_call(const ToolCall& call, const std::string& arguments) {
  return {{"id", call.id}, {"type", "function"}, {"function", {{"name", call.name}, {"arguments", arguments}}}};
}

std::string chat_chunk(const Json& delta, const Json& reason = nullptr) {
  return frame({{"id", "chat-1"},
                {"object", "chat.completion.chunk"},
                {"model", "m-1"},
                {"choices", Json::array({{{"index", 0}, {"delta", delta}, {"finish_reason", reason}}})}});
}

const Json chat_usage = {{"prompt_tokens", 7}, {"completion_tokens", 3}, {"total_tokens", 10}};

std::string chat_reason(const Answer& answer) {
  if (!answer.finish_reason.empty()) return answer.finish_reason;
  return answer.calls.empty() ? "stop" : "tool_calls";
}

std::string chat_streamed(const Answer& answer) {
  std::string bytes;
  if (!answer.text.empty()) bytes += chat_chunk({{"content", answer.text}});
  for (std::size_t index = 0; index < answer.calls.size(); ++index) {
    Json call = chat_call(answer.calls[index], "");
    call["index"] = index;
    bytes += chat_chunk({{"tool_calls", Json::array({call})}});
    for (const std::string& piece : pieces_of(answer.calls[index].arguments_json))
      bytes += chat_chunk({{"tool_calls", Json::array({{{"index", index}, {"function", {{"arguments", piece}}}}})}});
  }
  bytes += chat_chunk(Json::object(), chat_reason(answer));
  return bytes + frame({{"id", "chat-1"}, {"model", "m-1"}, {"choices", Json::array()}, {"usage", chat_usage}}) +
         "data: [DONE]\n\n";
}

std::string chat_whole(const Answer& answer) {
  Json message = {{"role", "assistant"}, {"content", answer.text.empty() ? Json() : Json(answer.text)}};
  for (const ToolCall& call : answer.calls) message["tool_calls"].push_back(chat_call(call, call.arguments_json));
  return Json{{"id", "chat-1"},
              {"object", "chat.completion"},
              {"model", "m-1"},
              {"choices", Json::array({{{"index", 0}, {"message", message}, {"finish_reason", chat_reason(answer)}}})},
              {"usage", chat_usage}}
      .dump();
}

// ---- Responses

Json responses_items(const Answer& answer) {
  Json items = Json::array();
  if (!answer.text.empty())
    items.push_back(
        {{"type", "message"},
         {"id", "msg_1"},
         {"role", "assistant"},
         {"status", "completed"},
         {"content", Json::array({{{"type", "output_text"}, {"text", answer.text}, {"annotations", Json::array()}}})}});
  for (const ToolCall& call : answer.calls)
    items.push_back({{"type", "function_call"},
                     {"id", "fc_" + call.id},
                     {"call_id", call.id},
                     {"name", call.name},
                     {"arguments", call.arguments_json},
                     {"status", "completed"}});
  return items;
}

Json response_object(const Answer& answer) {
  return {{"id", "resp_1"},
          {"object", "response"},
          {"status", "completed"},
          {"model", "m-1"},
          {"output", responses_items(answer)},
          {"usage", {{"input_tokens", 7}, {"output_tokens", 3}, {"total_tokens", 10}}}};
}

std::string responses_streamed(const Answer& answer) {
  std::string bytes = event(
      {{"type", "response.created"}, {"response", {{"id", "resp_1"}, {"model", "m-1"}, {"status", "in_progress"}}}});
  const Json items = responses_items(answer);
  for (std::size_t index = 0; index < items.size(); ++index) {
    const Json& item = items[index];
    Json added = item;
    if (item.at("type") == "function_call") added["arguments"] = "";
    else added["content"] = Json::array();
    bytes += event({{"type", "response.output_item.added"}, {"output_index", index}, {"item", added}});
    if (item.at("type") == "message") {
      bytes += event({{"type", "response.output_text.delta"},
                      {"output_index", index},
                      {"content_index", 0},
                      {"delta", answer.text}});
    } else {
      for (const std::string& piece : pieces_of(item.at("arguments").get<std::string>()))
        bytes += event({{"type", "response.function_call_arguments.delta"},
                        {"output_index", index},
                        {"item_id", item.at("id")},
                        {"delta", piece}});
    }
    bytes += event({{"type", "response.output_item.done"}, {"output_index", index}, {"item", item}});
  }
  return bytes + event({{"type", "response.completed"}, {"response", response_object(answer)}});
}

// ---- Messages

Json anthropic_blocks(const Answer& answer) {
  Json blocks = Json::array();
  if (!answer.text.empty()) blocks.push_back({{"type", "text"}, {"text", answer.text}});
  for (const ToolCall& call : answer.calls)
    blocks.push_back({{"type", "tool_use"},
                      {"id", call.id},
                      {"name", call.name},
                      {"input", Json::parse(call.arguments_json.empty() ? "{}" : call.arguments_json)}});
  return blocks;
}

std::string anthropic_reason(const Answer& answer) {
  if (!answer.finish_reason.empty()) return answer.finish_reason;
  return answer.calls.empty() ? "end_turn" : "tool_use";
}

Json anthropic_message(const Json& content, const Json& reason) {
  return {{"id", "msg_1"},
          {"type", "message"},
          {"role", "assistant"},
          {"model", "m-1"},
          {"content", content},
          {"stop_reason", reason},
          {"usage", {{"input_tokens", 7}, {"output_tokens", 3}}}};
}

std::string anthropic_streamed(const Answer& answer) {
  std::string bytes = event({{"type", "message_start"}, {"message", anthropic_message(Json::array(), nullptr)}});
  std::size_t index = 0;
  const auto block = [&](Json start, const std::vector<Json>& deltas) {
    bytes += event({{"type", "content_block_start"}, {"index", index}, {"content_block", std::move(start)}});
    for (const Json& delta : deltas)
      bytes += event({{"type", "content_block_delta"}, {"index", index}, {"delta", delta}});
    bytes += event({{"type", "content_block_stop"}, {"index", index++}});
  };
  if (!answer.text.empty()) block({{"type", "text"}, {"text", ""}}, {{{"type", "text_delta"}, {"text", answer.text}}});
  for (const ToolCall& call : answer.calls) {
    std::vector<Json> deltas;
    for (const std::string& piece : pieces_of(call.arguments_json))
      deltas.push_back({{"type", "input_json_delta"}, {"partial_json", piece}});
    block({{"type", "tool_use"}, {"id", call.id}, {"name", call.name}, {"input", Json::object()}}, deltas);
  }
  bytes += event({{"type", "message_delta"},
                  {"delta", {{"stop_reason", anthropic_reason(answer)}, {"stop_sequence", nullptr}}},
                  {"usage", {{"output_tokens", 3}}}});
  return bytes + event({{"type", "message_stop"}});
}

// ---- Ollama

Json ollama_object(const std::string& text, const std::vector<ToolCall>& calls) {
  Json message = {{"role", "assistant"}, {"content", text}};
  for (const ToolCall& call : calls)
    message["tool_calls"].push_back(
        {{"function",
          {{"name", call.name},
           {"arguments", Json::parse(call.arguments_json.empty() ? "{}" : call.arguments_json)}}}});
  return {{"model", "m-1"}, {"created_at", "2026-11-28T00:00:00Z"}, {"message", message}, {"done", false}};
}

Json ollama_end(Json object, const Answer& answer) {
  object["done"] = true;
  object["done_reason"] = answer.finish_reason.empty() ? "stop" : answer.finish_reason;
  object["prompt_eval_count"] = 7;
  object["eval_count"] = 3;
  return object;
}

std::string ollama_streamed(const Answer& answer) {
  std::string bytes;
  if (!answer.text.empty()) bytes += ollama_object(answer.text, {}).dump() + "\n";
  for (const ToolCall& call : answer.calls) bytes += ollama_object("", {call}).dump() + "\n";
  return bytes + ollama_end(ollama_object("", {}), answer).dump() + "\n";
}

}  // namespace

std::string answer_bytes(std::string_view protocol, Delivery delivery, const Answer& answer) {
  const bool streamed = delivery == Delivery::stream;
  if (protocol == "openai_chat") return streamed ? chat_streamed(answer) : chat_whole(answer);
  if (protocol == "openai_responses") return streamed ? responses_streamed(answer) : response_object(answer).dump();
  if (protocol == "anthropic_messages")
    return streamed ? anthropic_streamed(answer)
                    : anthropic_message(anthropic_blocks(answer), anthropic_reason(answer)).dump();
  return streamed ? ollama_streamed(answer) : ollama_end(ollama_object(answer.text, answer.calls), answer).dump();
}

}  // namespace abstractllm::test
