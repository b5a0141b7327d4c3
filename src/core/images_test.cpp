// SPDX-License-Identifier: Apache-2.0
//
// These tests make calls with images and check the request that is sent.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "abstractllm/llm.hpp"
#include "abstractllm/log.hpp"
#include "abstractllm/registry.hpp"
#include "base/base64.hpp"
#include "base/json.hpp"
#include "providers/known_models.hpp"
#include "support/pictures.hpp"
#include "support/scripted_transport.hpp"

namespace abstractllm {
namespace {

using namespace abstractllm::test;
using namespace testing_support;

class ImagesTest : public ::testing::Test {
 protected:
  Llm model(std::optional<bool> sees = std::nullopt, ImageLimits limits = {}) {
    static int number = 0;
    server =
        std::make_shared<ScriptedTransport>(std::vector<Script>{{Head{}, Bytes{chat_body("A cat.")}, End{}}}, clock);
    Provider made;
    made.name = "seeing_" + std::to_string(++number);
    made.protocols = {protocol("openai_chat")};
    made.base_url = "http://scripted.invalid/v1";
    made.image_limits = limits;
    made.defaults.model("m");
    made.capabilities = [sees](const Options&) {
      Capabilities found;
      found.vision = sees;
      return found;
    };
    made.transport = [to = server](const Options&) -> Result<std::shared_ptr<Transport>> {
      return std::shared_ptr<Transport>(to);
    };
    EXPECT_TRUE(register_provider(made));
    return create_llm(made.name).value();
  }
  Json sent() { return Json::parse(server->requests().at(0)->body); }

  FakeClock clock;
  std::shared_ptr<ScriptedTransport> server;
  const std::string picture = png(8, 8);
  const std::string data_url = "data:image/png;base64," + to_base64(picture);
};

TEST_F(ImagesTest, StandBeforeTheTextOfTheLastMessageOfTheUser) {
  const Llm llm = model();
  const auto reply = llm.generate({Message::user("Hi"), Message::user("What is this?"), Message::assistant("It is")},
                                  Options().image(Image::bytes(picture)).image("https://example.com/b.png"));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->text, "A cat.");
  const Json messages = sent()["messages"];
  EXPECT_EQ(messages[0]["content"], "Hi");
  ASSERT_EQ(messages[1]["content"].size(), 3u);
  EXPECT_EQ(messages[1]["content"][0]["image_url"]["url"], data_url);
  EXPECT_EQ(messages[1]["content"][1]["image_url"]["url"], "https://example.com/b.png");
  EXPECT_EQ(messages[1]["content"][2]["text"], "What is this?");
  EXPECT_EQ(messages[2]["content"], "It is");
}

TEST_F(ImagesTest, AnImageAloneIsAPrompt) {
  ASSERT_TRUE(model().generate("", Options().image(Image::bytes(picture))));
  EXPECT_EQ(sent()["messages"][0]["content"].size(), 1u);
}

TEST_F(ImagesTest, TheMarksOfOtherPeoplesTextAreLeftAlone) {
  const Llm llm = model();
  const std::string text = "abstractllm-image-0-0d \"quoted\" \\ end";
  ASSERT_TRUE(llm.generate(text, Options().image(Image::bytes(picture)).image(Image::bytes(picture))));
  EXPECT_EQ(sent()["messages"][0]["content"][2]["text"], text);
  EXPECT_EQ(sent()["messages"][0]["content"][0]["image_url"]["url"], data_url);
  EXPECT_EQ(sent()["messages"][0]["content"][1]["image_url"]["url"], data_url);
}

TEST_F(ImagesTest, AModelThatCannotSeeAnswersWithoutThem) {
  const Llm llm = model(false);
  const auto reply = llm.generate({Message::user({Image::bytes(picture)}), Message::assistant("Nice."),
                                   Message::user({Image("no such file"), std::string("And "), std::string("this?")})});
  ASSERT_TRUE(reply) << reply.error().message;
  ASSERT_EQ(reply->warnings.size(), 1u);
  EXPECT_EQ(reply->warnings[0].code, "image_dropped");
  EXPECT_EQ(reply->warnings[0].message, "model m cannot see: 2 images were left out of the request");
  EXPECT_EQ(sent()["messages"], Json::parse(R"([{"role": "assistant", "content": "Nice."},
                                                {"role": "user", "content": "And this?"}])"));
  EXPECT_EQ(llm.capabilities()->vision, false);
}

TEST_F(ImagesTest, UnderStrictNothingIsSentToAModelThatCannotSee) {
  const auto reply = model(false).generate("Hi", Options().image(Image::bytes(picture)).strict(true));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::unsupported);
  EXPECT_TRUE(server->requests().empty());
}

TEST_F(ImagesTest, NothingIsLeftOfAnImageAloneForAModelThatCannotSee) {
  const auto reply = model(false).generate("", Options().image(Image::bytes(picture)));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::invalid_argument);
}

TEST_F(ImagesTest, LimitsAreCheckedBeforeAnythingIsSent) {
  ImageLimits limits;
  limits.count = 10;
  limits.bytes = 100'000;
  limits.side = 9'000;
  limits.many = 2;
  limits.side_of_many = 100;
  const Llm llm = model(true, limits);
  const auto refused = [&](const std::vector<std::string>& pictures) {
    Options options;
    for (const std::string& bytes : pictures) options.image(Image::bytes(bytes));
    const auto reply = llm.generate("Hi", options);
    if (reply) return std::string("sent");
    EXPECT_EQ(reply.error().kind, ErrorKind::invalid_argument);
    return reply.error().message;
  };
  EXPECT_NE(refused(std::vector<std::string>(12, picture)).find("the request holds 12 images; provider"),
            std::string::npos);
  EXPECT_NE(refused({png(200, 200)}).find("has 120"), std::string::npos);
  EXPECT_NE(refused({png_beginning(20000, 20000)}).find("is 20000x20000: a side of 20000 pixels"), std::string::npos);
  EXPECT_NE(refused({png(1, 1), png(101, 1), png(1, 1)}).find("one of 3: a side of 101 pixels"), std::string::npos);
  EXPECT_TRUE(server->requests().empty());
  EXPECT_EQ(refused({png(1, 1), png(101, 1)}), "sent");
}

TEST_F(ImagesTest, OnlyTheUserShowsPictures) {
  for (const Role role : {Role::system, Role::assistant}) {
    const auto reply = model().generate({Message(role, {Image::bytes(picture)}), Message::user("Hi")});
    ASSERT_FALSE(reply);
    EXPECT_NE(reply.error().message.find("messages[0] has the role"), std::string::npos);
  }
  EXPECT_FALSE(model().generate({Message::assistant("Hi")}, Options().image(Image::bytes(picture))));
}

TEST_F(ImagesTest, AreNeverLogged) {
  std::string logged;
  const LogSink sink = add_log_sink(LogLevel::trace, [&](const LogRecord& record) {
    for (const LogField& field : record.fields) {
      logged += field.name + "=";
      if (const auto* text = std::get_if<std::string>(&field.value)) logged += *text;
      if (const auto* number = std::get_if<std::int64_t>(&field.value)) logged += std::to_string(*number);
      logged += "\n";
    }
  });
  ASSERT_TRUE(model().generate("Hi", Options().image(Image::bytes(picture)).image("http://h.example/x.png?secret")));
  EXPECT_EQ(logged.find(to_base64(picture).substr(0, 40)), std::string::npos) << logged;
  EXPECT_NE(logged.find("image/png, " + std::to_string(picture.size()) + " bytes, 8x8"), std::string::npos) << logged;
  EXPECT_NE(logged.find("image_count=2"), std::string::npos) << logged;
}

TEST_F(ImagesTest, ARequestForPeopleIsWhatIsSent) {
  const Llm llm = model();
  const auto request = llm.request({Message::user("Hi")}, Options().image(Image::bytes(picture)), Delivery::body);
  ASSERT_TRUE(request);
  ASSERT_TRUE(llm.generate("Hi", Options().image(Image::bytes(picture))));
  EXPECT_EQ(request->body, server->requests().at(0)->body);
}

TEST(KnownModels, TheLongestNameWins) {
  EXPECT_EQ(known_vision("openai", "gpt-4-0613"), false);
  EXPECT_EQ(known_vision("openai", "gpt-4o-mini"), true);
  EXPECT_EQ(known_vision("openai", "gpt-4-turbo-preview"), false);
  EXPECT_EQ(known_vision("openai", "gpt-7"), std::nullopt);
  EXPECT_EQ(known_vision("moonshot", "moonshot-v1-8k-vision-preview"), true);
  EXPECT_EQ(known_vision("groq", "qwen/qwen3.8-27b"), std::nullopt);
  EXPECT_EQ(known_vision("nobody", "gpt-3.5"), std::nullopt);
}

TEST(MessagesFromJson, HoldImages) {
  const auto messages = messages_from_json(R"([{"role": "user", "content": [
    {"type": "text", "text": "Compare"}, {"type": "image", "image": "a.png", "detail": "low"},
    {"type": "image_url", "image_url": {"url": "https://h/b.png"}}]}])");
  ASSERT_TRUE(messages) << messages.error().message;
  EXPECT_EQ(messages->front(),
            Message::user({std::string("Compare"), Image("a.png").detail("low"), Image("https://h/b.png")}));
  EXPECT_EQ(messages->front().text(), "Compare");
  for (const char* part : {R"({"type": "video"})", R"({"type": "audio"})", R"({"type": "text"})",
                           R"({"type": "text", "text": "a", "b": 1})", R"({"type": "image", "image": 3})",
                           R"({"type": "image_url", "image_url": "u"})", "3"}) {
    const auto refused = messages_from_json(R"([{"role": "user", "content": [)" + std::string(part) + "]}]");
    ASSERT_FALSE(refused) << part;
    EXPECT_TRUE(refused.error().message.starts_with("messages[0] has a part")) << refused.error().message;
  }
}

}  // namespace
}  // namespace abstractllm
