// SPDX-License-Identifier: Apache-2.0
//
// Audio and files that have to be fetched, and models that have to be asked whether they hear.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <mutex>

#include "abstractllm/abstractllm.hpp"
#include "base/base64.hpp"
#include "base/json.hpp"
#include "support/loopback_server.hpp"
#include "support/pictures.hpp"
#include "support/scripted_transport.hpp"
#include "support/sounds.hpp"
#include "support/tool_answers.hpp"

namespace abstractllm {
namespace {

using namespace testing_support;
using test::http_answer;
using test::LoopbackConnection;
using test::LoopbackServer;

const std::string sound = wav(800);
const std::string sees_only = R"({"vision": true, "audio": false})";
const std::string pdf = "%PDF-1.7\n\xE2\xE3\xCF\xD3";

/// A llama-server, and a web server of recordings and files.
class Server {
 public:
  explicit Server(std::string modalities = R"({"vision": false, "audio": true})")
      : modalities_(std::move(modalities)) {}

  std::string url() const { return server_.url(); }
  Llm model(const std::string& provider = "llama_server") const {
    return create_llm(provider, Options().base_url(url() + "/v1").model("m").max_retries(0)).value();
  }
  std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  Json content() const {
    const std::lock_guard lock(mutex_);
    return Json::parse(bodies_.back())["messages"].back()["content"];
  }
  /// The messages of a chat request, counted from 0.
  Json messages(std::size_t index) const {
    const std::lock_guard lock(mutex_);
    return Json::parse(bodies_.at(index))["messages"];
  }

 private:
  bool answer(LoopbackConnection& connection) {
    const std::string path = connection.path();
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(path);
      if (path == "/v1/chat/completions") bodies_.push_back(connection.body());
    }
    const auto send = [&](const std::string& bytes, const char* type) {
      return connection.send(http_answer(bytes, type));
    };
    if (path == "/props?model=m") return send(R"({"modalities": )" + modalities_ + "}", "application/json");
    if (path == "/v1/chat/completions") return send(chat_answer(connection.body()), "application/json");
    if (path == "/call") return send(sound, "text/html");
    if (path == "/notes.txt?key=secret") return send("some <notes>", "application/octet-stream");
    if (path == "/report.pdf") return send(pdf, "application/pdf");
    if (path == "/page.wav") return send("<html>Gone</html>", "audio/wav");
    if (path == "/away.wav")
      return connection.send("HTTP/1.1 302 Found\r\nLocation: http://[::1]:9/a.wav\r\nContent-Length: 0\r\n\r\n");
    if (path == "/endless") return send_endlessly(connection);
    return connection.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  }
  /// Calls a tool that is offered, until it has a result.
  static std::string chat_answer(const std::string& request) {
    const bool calls =
        request.find(R"("tools":)") != std::string::npos && request.find(R"("role":"tool")") == std::string::npos;
    if (!calls) return test::chat_body("Yes.");
    return test::answer_bytes("openai_chat", Delivery::body, {"", {ToolCall("call_1", "look", "{}")}, ""});
  }
  static bool send_endlessly(LoopbackConnection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + wav_header(0x7FFFFFF0));
    const std::string more(65536, '\0');
    while (connection.send(more)) {
    }
    return false;
  }

  std::string modalities_;
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
  std::vector<std::string> bodies_;
  LoopbackServer server_{[this](LoopbackConnection& connection) { return answer(connection); }};
};

using Paths = std::vector<std::string>;

std::string message_of(const Result<Response>& reply) {
  return reply ? "answered" : std::string(to_string(reply.error().kind)) + ": " + reply.error().message;
}

TEST(Media, AudioIsFetchedAndItsContentDecides) {
  const Server server;
  const auto reply = server.model("vllm").generate("Hi", Options().audio(server.url() + "/call"));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(server.asked(), (Paths{"/call", "/v1/chat/completions"}));
  EXPECT_EQ(server.content()[0]["input_audio"], (Json{{"data", to_base64(sound)}, {"format", "wav"}}));
}

TEST(Media, ACallWithToolsOpensAndFetchesOnce) {
  const Server server(R"({"vision": true, "audio": true})");
  const std::filesystem::path picture = std::filesystem::temp_directory_path() / "abstractllm_media_test.png";
  std::ofstream(picture, std::ios::binary) << png(2, 2);
  const auto look = [picture] { return std::filesystem::remove(picture); };
  const auto reply = server.model().generate("Hi", Options()
                                                       .image(picture.string())
                                                       .audio(server.url() + "/call")
                                                       .tools({Tool::from("look", "Removes the picture", look)}));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->steps.at(0).tool_results.at(0).text, "true");
  EXPECT_EQ(server.asked(), (Paths{"/props?model=m", "/call", "/v1/chat/completions", "/v1/chat/completions"}));
  EXPECT_EQ(server.messages(0)[0]["content"].size(), 3u);
  EXPECT_EQ(server.messages(1)[0], server.messages(0)[0]);
  EXPECT_EQ(server.messages(1).size(), 3u);
}

TEST(Media, ACallWithToolsDropsTheSameInEachRequest) {
  const Server deaf(sees_only);
  const auto reply = deaf.model().generate(
      "Hi", Options().audio(deaf.url() + "/call").tools({Tool::from("look", "Looks", [] { return true; })}));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(deaf.asked(), (Paths{"/props?model=m", "/v1/chat/completions", "/v1/chat/completions"}));
  EXPECT_EQ(deaf.messages(1)[0], deaf.messages(0)[0]);
  ASSERT_EQ(reply->warnings.size(), 1u);
  EXPECT_EQ(reply->warnings[0].code, "audio_dropped");
}

TEST(Media, LlamaServerIsAskedWhetherTheModelHears) {
  const Server deaf(sees_only);
  const auto dropped = deaf.model().generate("Hi", Options().audio(Audio::bytes(sound)));
  ASSERT_TRUE(dropped) << dropped.error().message;
  EXPECT_EQ(dropped->warnings.at(0).code, "audio_dropped");
  EXPECT_EQ(deaf.content(), "Hi");
  const Server hears(R"({"vision": false, "video": false, "audio": true})");
  const auto reply = hears.model().generate("Hi", Options().audio(Audio::bytes(sound)).image(Image::bytes(png(2, 2))));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->warnings.at(0).code, "image_dropped") << "it hears and does not see";
  EXPECT_EQ(hears.content().size(), 2u);
  EXPECT_EQ(hears.content()[0]["type"], "input_audio");
  EXPECT_EQ(hears.model().capabilities()->hearing, true);
  const Server old("null");
  ASSERT_TRUE(old.model().generate("Hi", Options().audio(Audio::bytes(sound))));
  EXPECT_EQ(old.content()[0]["type"], "input_audio") << "a server that says nothing decides";
}

TEST(Media, UnderStrictADeafModelIsAskedNothingElse) {
  const Server deaf(sees_only);
  const auto reply = deaf.model().generate("Hi", Options().audio(Audio::bytes(sound)).strict(true));
  EXPECT_TRUE(message_of(reply).starts_with("unsupported: ")) << message_of(reply);
  EXPECT_EQ(deaf.asked(), Paths{"/props?model=m"});
}

TEST(Media, ADroppedRecordingIsNotFetched) {
  const Server deaf(sees_only);
  ASSERT_TRUE(deaf.model().generate("Hi", Options().audio(deaf.url() + "/call")));
  EXPECT_EQ(deaf.asked(), (Paths{"/props?model=m", "/v1/chat/completions"}));
}

TEST(Media, AFetchedTextIsWrittenIntoThePrompt) {
  const Server server;
  const Message question = Message::user({File(server.url() + "/notes.txt?key=secret"), Text("Summarise.")});
  const auto reply = server.model("vllm").generate(question);
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(server.content(), "<file name=\"notes.txt\">\nsome <notes>\n</file>\n\nSummarise.");
  ASSERT_EQ(reply->warnings.size(), 1u);
  EXPECT_EQ(reply->warnings[0].code, "file_inlined");
  const auto strict = server.model("vllm").generate(question, Options().strict(true));
  EXPECT_TRUE(message_of(strict).starts_with("unsupported: ")) << message_of(strict);
}

TEST(Media, ADryRunShowsWhatWillBeFetched) {
  const Server server;
  const auto shown =
      server.model("vllm").request(Message::user({File(server.url() + "/notes.txt?key=secret"), Text("Summarise.")}));
  ASSERT_TRUE(shown) << shown.error().message;
  EXPECT_NE(shown->body.find("/notes.txt?…, fetched when it is sent>"), std::string::npos) << shown->body;
  EXPECT_EQ(shown->body.find("secret"), std::string::npos) << shown->body;
  EXPECT_EQ(shown->body.find("abstractllm-media-"), std::string::npos) << "no mark is left";
  EXPECT_TRUE(server.asked().empty());
}

TEST(Media, AFetchedPdfIsRefusedWhereItHasNoPlace) {
  const Server server;
  const auto reply =
      server.model("vllm").generate(Message::user({File(server.url() + "/report.pdf"), Text("Summarise.")}));
  EXPECT_TRUE(message_of(reply).starts_with("unsupported: file 1 (")) << message_of(reply);
  EXPECT_EQ(server.asked(), Paths{"/report.pdf"});
}

TEST(Media, WhatIsFetchedIsChecked) {
  const Server server;
  const Llm model = server.model("vllm");
  const std::pair<const char*, const char*> rows[] = {
      {"/page.wav", "is an HTML page; it must be WAV, MP3 or FLAC"},
      {"/nowhere", "audio 1 cannot be fetched: its server answers 404"},
      {"/away.wav", "not a public one"},
      {"/endless", "it has more than 100000 bytes (option max_audio_bytes)"},
  };
  for (const auto& [path, problem] : rows) {
    const auto reply = model.generate("Hi", Options().audio(server.url() + path).max_audio_bytes(100'000));
    EXPECT_TRUE(message_of(reply).starts_with("invalid_argument: ")) << message_of(reply);
    EXPECT_NE(message_of(reply).find(problem), std::string::npos) << message_of(reply);
  }
  const auto file =
      model.generate(Message::user({File(server.url() + "/endless"), Text("Hi")}), Options().max_file_bytes(100'000));
  EXPECT_NE(message_of(file).find("(option max_file_bytes)"), std::string::npos) << message_of(file);
}

TEST(Media, AStrangersAddressIsCheckedForAudioAndFiles) {
  const Server server, stranger;
  const Llm model = server.model("vllm");
  const auto audio = model.generate("Hi", Options().audio(stranger.url() + "/call"));
  EXPECT_NE(message_of(audio).find("not a public one"), std::string::npos) << message_of(audio);
  const auto file = model.generate(Message::user({File(stranger.url() + "/notes.txt"), Text("Hi")}));
  EXPECT_NE(message_of(file).find("not a public one"), std::string::npos) << message_of(file);
  EXPECT_TRUE(stranger.asked().empty());
}

TEST(Media, UrlsGoToTheServersThatFetchThem) {
  const auto url = [](const char* provider, const char* protocol, const std::string& file) {
    const Llm model = create_llm(provider, Options().api_key("k").model("gpt-5").protocol(protocol)).value();
    const auto request = model.request(Message::user({File(file), Text("Hi")}));
    return request ? request->body : request.error().message;
  };
  EXPECT_NE(url("openai", "openai_responses", "https://h/a.txt").find(R"("file_url":"https://h/a.txt")"),
            std::string::npos);
  EXPECT_NE(
      url("anthropic", "anthropic_messages", "https://h/a.PDF?x").find(R"({"type":"url","url":"https://h/a.PDF?x"})"),
      std::string::npos);
  EXPECT_NE(url("anthropic", "anthropic_messages", "https://h/a").find("fetched when it is sent"), std::string::npos);
  EXPECT_NE(url("openrouter", "openai_chat", "https://h/a.pdf").find(R"("file_data":"https://h/a.pdf")"),
            std::string::npos);
  EXPECT_NE(url("openai", "openai_chat", "https://h/a.pdf").find("fetched when it is sent"), std::string::npos);
}

}  // namespace
}  // namespace abstractllm
