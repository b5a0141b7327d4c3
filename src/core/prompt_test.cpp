// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/prompt.hpp"

#include <gtest/gtest.h>

#include "abstractllm/llm.hpp"
#include "abstractllm/registry.hpp"
#include "abstractllm/task.hpp"
#include "abstractllm/testing.hpp"
#include "base/json.hpp"

namespace abstractllm {
namespace {

/// Every function that sends a prompt takes it.
template <class What>
concept is_prompt = requires(const Llm& model, What what, std::function<void(Result<Response>)> done,
                             std::function<void(const StreamEvent&)> on_event) {
  model.generate(what);
  model.stream(what);
  model.generate_async(what);
  model.generate_async(what, {}, done);
  model.generate_future(what);
  model.stream_async(what, {}, on_event, done);
  model.count_tokens(what);
  model.request(what);
  model.encode(what);
};
static_assert(is_prompt<const char*>);
static_assert(is_prompt<const char (&)[6]>);
static_assert(is_prompt<std::string>);
static_assert(is_prompt<const std::string&>);
static_assert(is_prompt<std::string_view>);
static_assert(is_prompt<Message>);
static_assert(is_prompt<const std::vector<Message>&>);
static_assert(is_prompt<Prompt>);
static_assert(!is_prompt<std::nullptr_t>);
static_assert(!is_prompt<int>);
static_assert(!is_prompt<char>);
static_assert(!is_prompt<bool>);
static_assert(!is_prompt<std::vector<std::string>>, "generate_many() is for those");
static_assert(!is_prompt<Image>);

Llm some_model() { return create_llm("vllm", Options().model("m").base_url("http://127.0.0.1:9/v1")).value(); }

/// Returns the messages that would be sent, as JSON.
std::string sent(const Result<HttpRequest>& request) { return Json::parse(request.value().body)["messages"].dump(); }

const char* const hello = R"([{"role":"user","content":"Hello"}])";
const char* const talk = R"([{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},)"
                         R"({"role":"assistant","content":"Hi."},{"role":"user","content":"Hello"}])";

TEST(Prompt, IsATextInAnyForm) {
  const Llm model = some_model();
  const std::string text = "Hello";
  char buffer[] = "Hello";
  EXPECT_EQ(sent(model.request("Hello")), hello);
  EXPECT_EQ(sent(model.request(text)), hello);
  EXPECT_EQ(sent(model.request(std::string_view("Hello, world").substr(0, 5))), hello);
  EXPECT_EQ(sent(model.request(static_cast<const char*>(buffer))), hello);
  EXPECT_EQ(sent(model.request({"Hello"})), hello);
  EXPECT_EQ(text, "Hello");
}

TEST(Prompt, IsAMessageOrAConversation) {
  const Llm model = some_model();
  EXPECT_EQ(sent(model.request(Message::user("Hello"))), hello);
  EXPECT_EQ(sent(model.request({Message::user("Hello")})), hello);
  EXPECT_EQ(sent(model.request({Message::system("Be brief."), Message::user("Hi"), Message::assistant("Hi."),
                                Message::user("Hello")})),
            talk);
  const std::vector<Message> messages = {Message::system("Be brief."), Message::user("Hi"), Message::assistant("Hi."),
                                         Message::user("Hello")};
  EXPECT_EQ(sent(model.request(messages)), talk);
  EXPECT_EQ(messages.size(), 4U) << "what was passed by name is left as it is";
  EXPECT_EQ(sent(model.request(Prompt(messages))), talk);
}

TEST(Prompt, KeepsEveryByteOfAString) {
  const std::string text("a\0b", 3);
  EXPECT_EQ(Prompt(text).messages().at(0).text(), text);
  EXPECT_EQ(Prompt(std::string_view(text)).messages().at(0).text(), text);
}

TEST(Prompt, OfATemporaryIsMovedFrom) {
  std::vector<Message> messages = {Message::user(std::string(100, 'x'))};
  const void* const text = messages[0].text().data();
  const std::vector<Message> taken = Prompt(std::move(messages)).messages();
  EXPECT_EQ(taken.at(0).text().data(), text);
}

TEST(Prompt, ThatIsEmptyIsTheCallsError) {
  const Llm model = some_model();
  EXPECT_EQ(model.request("").error().message, "the prompt is empty");
  EXPECT_EQ(model.request(std::vector<Message>()).error().message, "there is no message to answer");
}

Task<std::string> asked_in_a_coroutine(const Llm& model) {
  auto one = co_await model.generate_async("One?");
  auto two = co_await model.generate_async({Message::system("Be brief."), Message::user("Two?")});
  auto three = co_await model.generate_async(Message::user("Three?"), Options().temperature(0));
  co_return one.value().text + two.value().text + three.value().text;
}

// GCC 12 destroys some temporaries of such an expression wrongly. These must not be among them.
TEST(Prompt, MayBeATemporaryThatACoroutineWaitsFor) {
  std::vector<Reply> replies;
  for (const char* text : {"a", "b", "c"}) replies.push_back(text_reply("openai_chat", text, Delivery::body).value());
  Provider provider;
  provider.name = "prompts";
  provider.protocols = {protocol("openai_chat")};
  provider.base_url = "http://prompts.invalid/v1";
  provider.transport = [server = scripted_transport(std::move(replies))](const Options&) {
    return Result<std::shared_ptr<Transport>>(server);
  };
  ASSERT_TRUE(register_provider(std::move(provider)));
  EXPECT_EQ(sync_wait(asked_in_a_coroutine(create_llm("prompts").value())), "abc");
}

}  // namespace
}  // namespace abstractllm
