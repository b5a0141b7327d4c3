// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "abstractllm/batch.hpp"
#include "abstractllm/message.hpp"

namespace abstractllm {
namespace {

Text with_data(Text text, ProviderData data) {
  text.provider_data = std::move(data);
  return text;
}

std::vector<Message> conversation() {
  ToolCall signed_call("c3", "h", R"({"a":1})");
  signed_call.provider_data = ProviderData("gemini", "openai_chat", "h", "m", R"({"google":{"s":"x"}})");
  return {Message::system("s"), Message::user({"Look", Image("https://h/a.png").detail("low"), "please"}),
          Message::assistant(
              {Reasoning("hm", ProviderData("anthropic", "anthropic_messages", "api.anthropic.com", "claude",
                                            R"({"type": "thinking",  "n": 1.50, "big": 123456789012345678901})")),
               Reasoning("", ProviderData("p", "w", "", "", R"("text")")), Reasoning("plain"),
               with_data("a", ProviderData("p", "w", "", "", "[1, 2]")), "b",
               ToolCall("c1", "f", R"({"id": 123456789012345678901, "z": 1.0, "u": "\u00e9"})"),
               ToolCall("c2", "g", R"({"cut": )", true), signed_call}),
          Message::tool({ToolResult("c1", "f", "ok"), ToolResult("c2", "", "no\nway", true)}), Message::user("Thanks")};
}

TEST(MessageJson, ComesBackAsItWas) {
  const std::vector<Message> messages = conversation();
  const std::string json = to_json(messages);
  EXPECT_EQ(json.find('\n'), std::string::npos);
  const auto read = messages_from_json(json);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), messages.size());
  for (std::size_t at = 0; at < messages.size(); ++at) EXPECT_EQ((*read)[at], messages[at]) << at;
  EXPECT_EQ(to_json(*read), json);
}

TEST(MessageJson, HasTheFormOfTheContract) {
  EXPECT_EQ(to_json(Message::user("Hi")), R"({"role":"user","content":"Hi"})");
  EXPECT_EQ(to_json(Message::assistant({Reasoning("hm", ProviderData("p", "w", "h", "m", R"({"s": 1})")),
                                        ToolCall("c", "f", R"({"a": 1.0})")})),
            R"({"role":"assistant","content":[{"type":"reasoning","text":"hm","provider_data":{"provider":"p",)"
            R"("protocol":"w","host":"h","model":"m","data":{"s": 1}}},)"
            R"({"type":"tool_call","id":"c","name":"f","arguments":{"a": 1.0}}]})");
  EXPECT_EQ(to_json(Message::tool({ToolResult("c", "f", "no", true)})),
            R"({"role":"tool","content":[{"type":"tool_result","id":"c","name":"f","content":"no","is_error":true}]})");
  EXPECT_EQ(to_json(Message::assistant({ToolCall("c", "f", "{\n\"a\": 1}")})),
            R"({"role":"assistant","content":[{"type":"tool_call","id":"c","name":"f","arguments":{"a":1}}]})")
      << "one line";
}

TEST(MessageJson, ReadsTheFormsOfOpenai) {
  const auto read = messages_from_json(R"([
    {"role": "assistant", "content": null, "refusal": null, "tool_calls": [
      {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{\"a\": 1.0}"}},
      {"id": "c2", "type": "function", "function": {"name": "g", "arguments": {"b": 2.0}}}]},
    {"role": "tool", "tool_call_id": "c1", "content": "ok"},
    {"role": "tool", "tool_call_id": "c2", "name": "g", "content": [{"type": "text", "text": "al"}, {"type": "text", "text": "so"}]}])");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, (std::vector<Message>{
                       Message::assistant({ToolCall("c1", "f", "{\"a\": 1.0}"), ToolCall("c2", "g", "{\"b\": 2.0}")}),
                       Message::tool({ToolResult("c1", "", "ok")}), Message::tool({ToolResult("c2", "g", "also")})}));
}

TEST(MessageJson, ReadsAMarkOfItsOwnAsWhatItIs) {
  const auto read = messages_from_json(
      R"([{"role": "assistant", "content": [{"type": "tool_call", "id": "a", "name": "f", "arguments": {"n": 1}},
          {"type": "tool_call", "id": "b", "name": "f", "arguments": {"n":0}}]}])");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->front(), Message::assistant({ToolCall("a", "f", R"({"n": 1})"), ToolCall("b", "f", R"({"n":0})")}));
}

TEST(MessageJson, GivesNoPartTheArgumentsOfAnother) {
  const auto read = messages_from_json(
      R"([{"role": "assistant", "content": [{"type": "tool_call", "id": "a", "name": "f", "arguments": {"key": "hush"}},
          {"type": "tool_call", "id": "b", "name": "f", "argument\u0073": {"n":0}}]}])");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->front(),
            Message::assistant({ToolCall("a", "f", R"({"key": "hush"})"), ToolCall("b", "f", R"({"n":0})")}));
}

TEST(MessageJson, SaysWhatIsWrongWithAPart) {
  const auto problem = [](const std::string& part) {
    const auto read = messages_from_json(R"([{"role": "assistant", "content": [)" + part + "]}]");
    return read ? std::string("nothing") : read.error().message;
  };
  EXPECT_EQ(problem(R"({"type": "video"})"),
            "messages[0] has a part of type 'video'; known are text, image, image_url, audio, input_audio, file, "
            "reasoning, tool_call, tool_result and hosted_tool_call");
  EXPECT_EQ(problem(R"({"type": "tool_call", "id": "a"})"), "messages[0] has a part without the string 'name'");
  EXPECT_EQ(problem(R"({"type": "tool_call", "id": "a", "name": "f", "arguments": 3})"),
            "messages[0] has a tool call whose 'arguments' are neither an object nor a string");
  EXPECT_EQ(problem(R"({"type": "reasoning", "text": "a", "provider_data": {"provider": "p", "protocol": "w"}})"),
            "messages[0] has a part whose 'provider_data' has no 'data'");
  EXPECT_EQ(problem(R"({"type": "text", "text": "a", "provider_data": {"protocol": "w", "data": 1}})"),
            "messages[0] has a part without the string 'provider'");
  EXPECT_EQ(problem(R"({"type": "tool_result", "id": "a", "content": [{"type": "audio", "audio": "a"}]})"),
            "messages[0] has a tool result with a part that is neither text nor an image");
  EXPECT_EQ(problem(R"({"type": "tool_result", "id": "a", "content": "b", "is_error": 1})"),
            "messages[0] has a part whose 'is_error' is neither true nor false");
  EXPECT_EQ(messages_from_json(R"([{"role": "tool", "tool_call_id": 3, "content": ""}])").error().message,
            "messages[0] has a tool_call_id or a name that is not a string");
  EXPECT_EQ(messages_from_json(R"([{"role": "assistant", "tool_calls": [{"id": "a"}]}])").error().message,
            "messages[0] has an element of tool_calls without the object 'function'");
  EXPECT_EQ(messages_from_json(R"([{"role": "user", "content": "a", "tool_calls": []}])").error().message,
            "messages[0] has an unknown field 'tool_calls'; known are role and content");
}

TEST(MessageJson, OfABatchLineKeepsItsSpelling) {
  const auto item =
      batch_item_from_json(R"({"id": {"data": 1}, "messages": [], "messages": [{"role": "assistant", "content": [)"
                           R"({"type": "tool_call", "id": "a", "name": "f", "arguments": {"z": 1.50}}]}]})",
                           OptionTrust::open);
  ASSERT_TRUE(item) << item.error().message;
  EXPECT_EQ(item->messages, (std::vector<Message>{Message::assistant({ToolCall("a", "f", R"({"z": 1.50})")})}));
  EXPECT_EQ(item->id_json, R"({"data":1})");
}

TEST(MessageJson, WritesThePartsOfAnAnswer) {
  Response response;
  response.text = "a";
  response.parts = {Reasoning("hm"), "a", ToolCall("c", "f", "{ }")};
  EXPECT_EQ(to_json(response),
            R"({"text":"a","parts":[{"type":"reasoning","text":"hm"},{"type":"text","text":"a"},)"
            R"({"type":"tool_call","id":"c","name":"f","arguments":{}}],"timing":{"total_ms":0.0,"attempts":0}})");
}

}  // namespace
}  // namespace abstractllm
