// SPDX-License-Identifier: Apache-2.0
//
// The parts of an answer are sent back: reasoning with its provider data, calls and results, in each wire format.
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "protocols/openai_chat/openai_chat.hpp"
#include "protocols/protocols.hpp"

namespace abstractllm {
namespace {

/// `data` is what the provider sent with the reasoning.
Request with_tools(const std::string& data, const std::string& model = "m") {
  Text text("Looking.");
  Request request;
  request.messages = {Message::user("Where?"),
                      Message::assistant({Reasoning("hm", ProviderData("p", "w", "h", "m", data)), Reasoning("no data"),
                                          text, ToolCall("c1", "look", R"({ "id": 123456789012345678901, "z": 1.0})"),
                                          ToolCall("c2", "stop"), ToolCall("c3", "cut", R"({"a)", true)}),
                      Message::tool({ToolResult("c1", "look", "here"), ToolResult("c2", "", "broken", true)}),
                      Message::tool({ToolResult("c3", "cut", "again")}), Message::user("Thanks")};
  request.options.model(model);
  request.delivery = Delivery::body;
  return request;
}

/// Returns the bytes, which are the same each time.
std::string encoded(const Protocol& protocol, const Request& request) {
  const auto first = protocol.encode(request);
  EXPECT_TRUE(first) << first.error().message;
  if (!first) return {};
  EXPECT_EQ(first->http.body, protocol.encode(request).value().http.body);
  EXPECT_TRUE(first->warnings.empty());
  return first->http.body;
}

std::string encoded(std::string_view protocol, const Request& request) {
  return encoded(*find_protocol(protocol), request);
}

Json part_of(const std::string& body, const char* name) { return Json::parse(body).at(name); }

void expect_spelled(const std::string& body, const char* spelling) {
  EXPECT_NE(body.find(spelling), std::string::npos) << body;
}

TEST(SendBack, AnthropicMessages) {
  const std::string body = encoded("anthropic_messages", with_tools(R"({"type":"thinking","signature":"sig"})"));
  Json expected = Json::parse(R"([
    {"role": "user", "content": "Where?"},
    {"role": "assistant", "content": [
      {"type": "thinking", "thinking": "hm", "signature": "sig"}, {"type": "text", "text": "Looking."},
      {"type": "tool_use", "id": "c1", "name": "look", "input": {"id": 123456789012345678901, "z": 1.0}},
      {"type": "tool_use", "id": "c2", "name": "stop", "input": {}},
      {"type": "tool_use", "id": "c3", "name": "cut", "input": {"INVALID_JSON": "{\"a"}}]},
    {"role": "user", "content": [
      {"type": "tool_result", "tool_use_id": "c1", "content": "here"},
      {"type": "tool_result", "tool_use_id": "c2", "content": "broken", "is_error": true},
      {"type": "tool_result", "tool_use_id": "c3", "content": "again"},
      {"type": "text", "text": "Thanks"}]}])");
  EXPECT_EQ(part_of(body, "messages"), expected);
  expect_spelled(body, R"("input":{"id":123456789012345678901,"z":1.0}})");
}

TEST(SendBack, AnthropicMessagesRedacted) {
  const std::string body =
      encoded("anthropic_messages", with_tools(R"({"type":"redacted_thinking", "data":"red","new":1.0})"));
  expect_spelled(body, R"("content":[{"type":"redacted_thinking","data":"red","new":1.0},{"type":"text")");
}

TEST(SendBack, OpenaiResponses) {
  const char* item = R"({"type":"reasoning","id":"rs","summary":[],"encrypted_content":"enc","n":1.0})";
  Request request = with_tools(item, "gpt-5.3-codex");
  std::vector<Part> parts = request.messages[1].parts();
  std::get<Text>(parts[2]).provider_data = ProviderData("p", "w", "h", "m", R"({"phase":"commentary"})");
  request.messages[1] = Message::assistant(parts);
  const std::string body = encoded("openai_responses", request);
  EXPECT_EQ(part_of(body, "input"), Json::parse(R"([
    {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Where?"}]},
    {"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "enc", "n": 1.0},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Looking."}],
     "phase": "commentary"},
    {"type": "function_call", "call_id": "c1", "name": "look",
     "arguments": "{ \"id\": 123456789012345678901, \"z\": 1.0}"},
    {"type": "function_call", "call_id": "c2", "name": "stop", "arguments": "{}"},
    {"type": "function_call", "call_id": "c3", "name": "cut", "arguments": "{\"a"},
    {"type": "function_call_output", "call_id": "c1", "output": "here"},
    {"type": "function_call_output", "call_id": "c2", "output": "broken"},
    {"type": "function_call_output", "call_id": "c3", "output": "again"},
    {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Thanks"}]}])"));
  expect_spelled(body, item);
  EXPECT_EQ(part_of(body, "include"), Json::parse(R"(["reasoning.encrypted_content"])"));
  EXPECT_FALSE(Json::parse(encoded("openai_responses", with_tools(item, "gpt-4.1"))).contains("include"));
}

Json chat_messages() {
  return Json::parse(R"([
    {"role": "user", "content": "Where?"},
    {"role": "assistant", "content": "Looking.", "tool_calls": [
      {"id": "c1", "type": "function",
       "function": {"name": "look", "arguments": "{ \"id\": 123456789012345678901, \"z\": 1.0}"}},
      {"id": "c2", "type": "function", "function": {"name": "stop", "arguments": "{}"}},
      {"id": "c3", "type": "function", "function": {"name": "cut", "arguments": "{\"a"}}]},
    {"role": "tool", "tool_call_id": "c1", "content": "here"},
    {"role": "tool", "tool_call_id": "c2", "content": "broken"},
    {"role": "tool", "tool_call_id": "c3", "content": "again"},
    {"role": "user", "content": "Thanks"}])");
}

TEST(SendBack, OpenaiChat) {
  const std::string body = encoded("openai_chat", with_tools(R"([{"type":"reasoning.text", "n":1.0},{"x":1}])"));
  Json expected = chat_messages();
  expected[1]["reasoning_details"] = Json::parse(R"([{"type": "reasoning.text", "n": 1.0}, {"x": 1}])");
  EXPECT_EQ(part_of(body, "messages"), expected);
  expect_spelled(body, R"("reasoning_details":[{"type":"reasoning.text","n":1.0},{"x":1}])");
}

TEST(SendBack, OpenaiChatWithWhatGeminiAndDeepseekWant) {
  Request request = with_tools("");
  std::vector<Part> parts = request.messages[1].parts();
  std::get<ToolCall>(parts[3]).provider_data =
      ProviderData("p", "w", "h", "m", R"({"google":{"thought_signature":"s"}})");
  request.messages[1] = Message::assistant(parts);
  openai_chat::Dialect dialect;
  dialect.reasoning_content = "reasoning_content";
  Json expected = chat_messages();
  expected[1]["tool_calls"][0]["extra_content"] = Json::parse(R"({"google": {"thought_signature": "s"}})");
  expected[1]["reasoning_content"] = "hmno data";
  EXPECT_EQ(part_of(encoded(*make_openai_chat_protocol(dialect), request), "messages"), expected);
  request.messages[1] = Message::assistant({ToolCall("c1", "look", "{}")});
  const Json call = part_of(encoded(*make_openai_chat_protocol(dialect), request), "messages")[1];
  EXPECT_TRUE(call.at("content").is_null());
  EXPECT_EQ(call.at("reasoning_content"), "") << "DeepSeek wants it, be it empty";
}

TEST(SendBack, OllamaChat) {
  const std::string body = encoded("ollama_chat", with_tools(""));
  EXPECT_EQ(part_of(body, "messages"), Json::parse(R"([
    {"role": "user", "content": "Where?"},
    {"role": "assistant", "content": "Looking.", "thinking": "hmno data", "tool_calls": [
      {"id": "c1", "function": {"name": "look", "arguments": {"id": 123456789012345678901, "z": 1.0}}},
      {"id": "c2", "function": {"name": "stop", "arguments": {}}},
      {"id": "c3", "function": {"name": "cut", "arguments": {"INVALID_JSON": "{\"a"}}}]},
    {"role": "tool", "content": "here", "tool_name": "look", "tool_call_id": "c1"},
    {"role": "tool", "content": "broken", "tool_name": "stop", "tool_call_id": "c2"},
    {"role": "tool", "content": "again", "tool_name": "cut", "tool_call_id": "c3"},
    {"role": "user", "content": "Thanks"}])"));
  expect_spelled(body, R"("arguments":{"id":123456789012345678901,"z":1.0}})");
}

/// A call of another provider, whose result has text and an image.
Request with_image_in_result() {
  Request request;
  request.messages = {Message::user("Where?"), Message::assistant({ToolCall("functions.look:0", "look", "{}")}),
                      Message::tool({ToolResult("functions.look:0", "look", {Text("Here:"), Image::bytes("i")})}),
                      Message::user({Text("And this?"), Image::bytes("u")})};
  request.images.resize(2);
  request.images[0].media_type = request.images[1].media_type = "image/png";
  request.images[0].base64 = "SQ==";
  request.images[1].base64 = "VQ==";
  request.options.model("m");
  request.delivery = Delivery::body;
  return request;
}

TEST(SendBack, ImagesInResultsOfAnthropic) {
  const Json messages = part_of(encoded("anthropic_messages", with_image_in_result()), "messages");
  const Json id = messages[1]["content"][0]["id"];
  EXPECT_EQ(id.get<std::string>().find_first_of(".:"), std::string::npos);
  EXPECT_EQ(messages[2]["content"][0]["tool_use_id"], id);
  EXPECT_EQ(messages[2]["content"][0]["content"], Json::parse(R"([{"type": "text", "text": "Here:"},
    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "SQ=="}}])"));
  EXPECT_EQ(messages[2]["content"][2]["source"]["data"], "VQ==");
  EXPECT_EQ(messages.size(), 3U);
}

TEST(SendBack, ImagesInResultsOfResponses) {
  const Json input = part_of(encoded("openai_responses", with_image_in_result()), "input");
  EXPECT_EQ(input[2]["output"], Json::parse(R"([{"type": "input_text", "text": "Here:"},
    {"type": "input_image", "image_url": "data:image/png;base64,SQ=="}])"));
  EXPECT_EQ(input[3]["content"][1]["image_url"], "data:image/png;base64,VQ==");
}

TEST(SendBack, IdsInMistralsForm) {
  openai_chat::Dialect dialect;
  dialect.call_ids = CallIdForm::nine;
  Request request = with_image_in_result();
  request.messages.pop_back();
  const Json messages = part_of(encoded(*make_openai_chat_protocol(dialect), request), "messages");
  const Json id = messages[1]["tool_calls"][0]["id"];
  EXPECT_EQ(id.get<std::string>().size(), 9U);
  EXPECT_EQ(messages[2]["tool_call_id"], id);
  EXPECT_EQ(messages[2]["content"], "Here:");
}

TEST(SendBack, HostedToolsAsTheyCame) {
  for (const char* protocol : {"anthropic_messages", "openai_responses"}) {
    const std::string json = R"({"type":"x","n":1.0})";
    Request request = with_tools("");
    request.messages[1] =
        Message::assistant({HostedToolCall("h", "web_search", json, ProviderData("p", "w", "h", "m", json)),
                            HostedToolCall("h", "web_search", R"({"type":"foreign"})"), Text("Found.")});
    request.messages.erase(request.messages.begin() + 2, request.messages.end());
    expect_spelled(encoded(protocol, request), json.c_str());
    EXPECT_EQ(encoded(protocol, request).find("foreign"), std::string::npos);
  }
}

TEST(SendBack, RefusesDataThatIsNoJson) {
  for (const char* protocol : {"anthropic_messages", "openai_responses"})
    for (const std::string& data : {std::string("{"), std::string(1000, '['), std::string("{\"a\":\"\xff\"}")}) {
      const auto refused = find_protocol(protocol)->encode(with_tools(data));
      ASSERT_FALSE(refused) << protocol << data;
      EXPECT_EQ(refused.error().kind, ErrorKind::invalid_argument);
    }
}

TEST(SendBack, NamesTextThatIsNotUtf8) {
  for (const std::string_view protocol : protocol_names())
    for (const Part& part :
         {Part(ToolCall("\xff", "f", "{}")), Part(ToolCall("a", "\xff", "{}")), Part(ToolCall("a", "f", "\xff"))}) {
      Request request = with_tools("");
      request.messages[1] = Message::assistant({part});
      const auto refused = find_protocol(protocol)->encode(request);
      ASSERT_FALSE(refused) << protocol;
      EXPECT_EQ(refused.error().message, "message 1 (counted from 0) is not valid UTF-8 at byte 0");
    }
}

}  // namespace
}  // namespace abstractllm
