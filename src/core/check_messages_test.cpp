// SPDX-License-Identifier: Apache-2.0
#include "core/check_messages.hpp"

#include <gtest/gtest.h>

#include "abstractllm/llm.hpp"
#include "abstractllm/registry.hpp"
#include "abstractllm/testing.hpp"
#include "core/endpoint.hpp"

namespace abstractllm {
namespace {

/// Makes a provider `name` that answers with these bytes.
Llm model(const std::string& name, const std::string& wire = "anthropic_messages", const std::string& bytes = "",
          const std::string& url = "https://h.example/base") {
  Provider provider;
  provider.name = name;
  provider.base_url = url;
  provider.protocols = {protocol(wire)};
  provider.transport = [bytes](const Options&) -> Result<std::shared_ptr<Transport>> {
    return scripted_transport({Reply().bytes(bytes)});
  };
  register_provider(provider).value();
  return create_llm(name, Options().model("m").max_retries(0)).value();
}

std::vector<Message> thinking_of(const std::string& provider, const std::string& wire, const std::string& host) {
  return {
      Message::user("Hi"),
      Message::assistant(
          {Reasoning("hm", ProviderData(provider, wire, host, "m", R"({"type":"thinking","signature":"sig"})")), "a"}),
      Message::user("And?")};
}

TEST(ProviderDataSentBack, GoesToTheOneWhoGaveItAlone) {
  const Llm llm = model("own_data");
  const auto sent = [&](const std::string& provider, const std::string& wire, const std::string& host) {
    const auto encoded = llm.encode(thinking_of(provider, wire, host), {});
    const bool has_it = encoded.value().http.body.find("\"signature\":\"sig\"") != std::string::npos;
    std::vector<Warning> warnings = encoded.value().warnings;
    EXPECT_EQ(warnings.size(), has_it ? 0U : 1U);
    if (!has_it) {
      EXPECT_EQ(warnings.at(0).code, "reasoning_dropped");
    }
    EXPECT_NE(encoded.value().http.body.find("\"a\""), std::string::npos) << "the text stays";
    return has_it;
  };
  EXPECT_TRUE(sent("own_data", "anthropic_messages", "h.example"));
  EXPECT_TRUE(sent("own_data", "anthropic_messages", "")) << "read from JSON without a host";
  EXPECT_FALSE(sent("own_data", "anthropic_messages", "other.example"));
  EXPECT_FALSE(sent("own_data", "openai_chat", "h.example"));
  EXPECT_FALSE(sent("another", "anthropic_messages", "h.example"));
}

TEST(ProviderDataSentBack, IsAnErrorUnderStrictWhereItIsForeign) {
  const auto refused = model("strict_data").encode(thinking_of("x", "y", ""), Options().strict(true));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unsupported);
}

TEST(ProviderDataSentBack, TakesReasoningWithoutTextAwayAsAWhole) {
  std::vector<Message> messages = {Message::user("Hi"),
                                   Message::assistant({Reasoning("", ProviderData("x", "y", "", "", "{}"))}),
                                   Message::user("And?")};
  const auto encoded = model("whole_data").encode(messages, {});
  ASSERT_TRUE(encoded) << encoded.error().message;
  EXPECT_EQ(encoded->http.body.find("assistant"), std::string::npos) << encoded->http.body;
  Provider provider;
  provider.name = "p";
  EXPECT_TRUE(drop_foreign_data(messages, provider, *protocol("ollama_chat"), "https://h.example"));
  EXPECT_EQ(messages, (std::vector<Message>{Message::user("Hi"), Message::user("And?")}));
}

TEST(ProviderDataSentBack, NamesWhoGaveIt) {
  const std::string bytes =
      R"({"type":"message","model":"claude","content":[{"type":"thinking","thinking":"hm","signature":"sig"},)"
      R"({"type":"redacted_thinking","data":"red"},{"type":"text","text":"a"}],"stop_reason":"end_turn"})";
  const Llm llm = model("stamped", "anthropic_messages", bytes, "https://H.Example:443/base");
  const auto response = llm.generate("Hi");
  ASSERT_TRUE(response) << response.error().message;
  const auto data = [](const char* json) {
    return ProviderData("stamped", "anthropic_messages", "h.example", "claude", json);
  };
  EXPECT_EQ(response->parts,
            (std::vector<Part>{Reasoning("hm", data(R"({"type":"thinking","signature":"sig"})")),
                               Reasoning("", data(R"({"type":"redacted_thinking","data":"red"})")), "a"}));
  const auto again = llm.encode({Message::user("Hi"), Message::assistant(*response), Message::user("And?")}, {});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->warnings.empty());
  EXPECT_NE(again->http.body.find(R"([{"type":"thinking","thinking":"hm","signature":"sig"},)"
                                  R"({"type":"redacted_thinking","data":"red"},{"type":"text","text":"a"}])"),
            std::string::npos)
      << again->http.body;
}

TEST(ProviderDataSentBack, IsNotHandedOutAsAnEvent) {
  const std::string bytes =
      R"({"type":"message","content":[{"type":"redacted_thinking","data":"red"},{"type":"text","text":"a"},)"
      R"({"type":"redacted_thinking","data":"red"}],"stop_reason":"end_turn"})";
  std::vector<std::size_t> kinds;
  Stream stream = model("unseen", "anthropic_messages", bytes).stream("Hi");
  for (const StreamEvent& event : stream) kinds.push_back(event.index());
  EXPECT_EQ(kinds, (std::vector<std::size_t>{StreamEvent(TextDelta()).index(), StreamEvent(Finished()).index()}));
  EXPECT_EQ(stream.response().parts.size(), 3U);
}

TEST(PartialAnswers, HaveTheirParts) {
  const std::string bytes =
      "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"
      "data: "
      "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]}}]}"
      "\n\n";
  const auto response = model("cut_parts", "openai_chat", bytes).generate("Hi");
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().partial->parts, (std::vector<Part>{"a", ToolCall("c", "f", "{", true)}));
}

TEST(CheckMessages, RefusesPartsInTheWrongPlace) {
  const auto problem = [](Message message) {
    const auto checked = check_messages({Message::user("Hi"), std::move(message)});
    if (!checked) {
      EXPECT_EQ(checked.error().kind, ErrorKind::invalid_argument);
    }
    return checked ? std::string("nothing") : checked.error().message;
  };
  EXPECT_EQ(problem(Message::tool({})), "messages[1] has the role tool but holds no result");
  EXPECT_EQ(problem(Message(Role::tool, "ok")), "messages[1] has the role tool but holds no result");
  EXPECT_EQ(problem(Message(Role::tool, {ToolResult("a", "f", "ok"), "b"})),
            "messages[1] has the role tool and holds text outside of a result");
  EXPECT_EQ(problem(Message::user({Reasoning("hm")})), "messages[1] holds reasoning; only those of the assistant can");
  EXPECT_EQ(problem(Message::user({ToolCall("a", "f")})),
            "messages[1] holds a tool call; only those of the assistant can");
  EXPECT_EQ(problem(Message::assistant({ToolResult("a", "f", "ok")})),
            "messages[1] holds a tool result; only those with the role tool can");
  EXPECT_EQ(problem(Message::tool({ToolResult("", "f", "ok")})),
            "messages[1] holds a tool result without the id of its call");
  EXPECT_EQ(problem(Message::tool({ToolResult("a", "f", "")})), "nothing");
}

TEST(ServerOf, IsTheHostWithAPortThatIsNotTheUsualOne) {
  EXPECT_EQ(server_of("https://API.h.example:443/v1"), "api.h.example");
  EXPECT_EQ(server_of("http://localhost:8080/v1"), "localhost:8080");
  EXPECT_EQ(server_of("http://user:pass@h:80"), "h");
}

}  // namespace
}  // namespace abstractllm
