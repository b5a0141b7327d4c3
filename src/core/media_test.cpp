// SPDX-License-Identifier: Apache-2.0
//
// These tests make calls with audio and files and check the request that is sent.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "abstractllm/batch.hpp"
#include "abstractllm/llm.hpp"
#include "abstractllm/log.hpp"
#include "abstractllm/registry.hpp"
#include "base/base64.hpp"
#include "base/json.hpp"
#include "protocols/openai_chat/openai_chat.hpp"
#include "providers/known_models.hpp"
#include "support/pictures.hpp"
#include "support/scripted_transport.hpp"
#include "support/sounds.hpp"

namespace abstractllm {
namespace {

using namespace abstractllm::test;
using namespace testing_support;
using namespace std::string_literals;
using openai_chat::Dialect;

const std::string pdf = "%PDF-1.7\n\xE2\xE3\xCF\xD3 not much of a PDF";

class MediaTest : public ::testing::Test {
 protected:
  Llm model(std::shared_ptr<const Protocol> protocol, std::optional<bool> hears = std::nullopt,
            std::optional<bool> sees = std::nullopt) {
    static int number = 0;
    server = std::make_shared<ScriptedTransport>(std::vector<Script>{{Head{}, Bytes{chat_body("Yes.")}, End{}}}, clock);
    Provider made;
    made.name = "hearing_" + std::to_string(++number);
    made.protocols = {std::move(protocol)};
    made.base_url = "http://scripted.invalid/v1";
    made.audio_limits.seconds = 60;
    made.defaults.model("m");
    made.capabilities = [hears, sees](const Options&) {
      Capabilities found;
      found.hearing = hears;
      found.vision = sees;
      return found;
    };
    made.transport = [to = server](const Options&) -> Result<std::shared_ptr<Transport>> {
      return std::shared_ptr<Transport>(to);
    };
    EXPECT_TRUE(register_provider(made));
    return create_llm(made.name).value();
  }
  Llm chat(std::optional<bool> hears = std::nullopt) { return model(protocol("openai_chat"), hears); }
  Llm chat(const Dialect& dialect) { return model(make_openai_chat_protocol(dialect)); }

  Json sent() { return Json::parse(server->requests().at(0)->body); }
  Json content() { return sent()["messages"].back()["content"]; }
  static std::string message_of(const Result<Response>& reply) {
    return reply ? "answered" : std::string(to_string(reply.error().kind)) + ": " + reply.error().message;
  }
  static std::vector<std::string> codes(const Result<Response>& reply) {
    std::vector<std::string> list;
    for (const Warning& warning : reply->warnings) list.push_back(warning.code);
    return list;
  }

  FakeClock clock;
  std::shared_ptr<ScriptedTransport> server;
  const std::string sound = wav(800);
};

using Codes = std::vector<std::string>;

TEST_F(MediaTest, AudioStandsBeforeTheTextAndBehindImages) {
  const Llm llm = chat();
  const auto reply = llm.generate("What is said?", Options().audio(Audio::bytes(sound)).image(Image::bytes(png(2, 2))));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(content().size(), 3u);
  EXPECT_EQ(content()[0]["type"], "image_url");
  EXPECT_EQ(content()[1], Json::parse(R"({"type": "input_audio", "input_audio": {"data": ")" + to_base64(sound) +
                                      R"(", "format": "wav"}})"));
  EXPECT_EQ(content()[2]["text"], "What is said?");
  EXPECT_TRUE(reply->warnings.empty());
}

TEST_F(MediaTest, EachFormatIsNamed) {
  for (const auto& [bytes, format] :
       {std::pair<std::string, const char*>{sound, "wav"}, {mp3(4), "mp3"}, {flac(), "flac"}}) {
    ASSERT_TRUE(chat().generate("Hi", Options().audio(Audio::base64(to_base64(bytes)))));
    EXPECT_EQ(content()[0]["input_audio"]["format"], format);
    EXPECT_EQ(content()[0]["input_audio"]["data"], to_base64(bytes));
  }
}

TEST_F(MediaTest, AFormatThatTheServerRefusesIsRefusedBeforeIt) {
  Dialect dialect;
  dialect.only_wav_and_mp3 = true;
  const auto reply = chat(dialect).generate("Hi", Options().audio(Audio::bytes(flac())));
  EXPECT_NE(message_of(reply).find("invalid_argument: audio 1 is flac; provider"), std::string::npos);
  EXPECT_NE(message_of(reply).find("takes only wav and mp3"), std::string::npos) << message_of(reply);
  EXPECT_TRUE(server->requests().empty());
}

TEST_F(MediaTest, AModelThatCannotHearAnswersWithoutAudio) {
  const auto reply = chat(false).generate(
      {Message::user({Audio::bytes(sound)}), Message::assistant("Nice."),
       Message::user({Audio("no such file"), std::string("And "), Image::bytes(png(2, 2)), std::string("this?")})});
  ASSERT_TRUE(reply) << reply.error().message;
  ASSERT_EQ(codes(reply), Codes{"audio_dropped"});
  EXPECT_EQ(reply->warnings[0].message, "model m cannot hear: 2 recordings were left out of the request");
  EXPECT_EQ(sent()["messages"].size(), 2u) << "a message with nothing else is left out";
  EXPECT_EQ(content().size(), 3u) << "the image stays";
}

TEST_F(MediaTest, NeitherSeenNorHeardIsTwoWarnings) {
  const auto reply = model(protocol("openai_chat"), false, false)
                         .generate("Hi", Options().audio(Audio::bytes(sound)).image(Image::bytes(png(2, 2))));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(codes(reply), (Codes{"image_dropped", "audio_dropped"}));
  EXPECT_EQ(content(), "Hi");
}

TEST_F(MediaTest, UnderStrictNothingIsSentToAModelThatCannotHear) {
  const auto reply = chat(false).generate("Hi", Options().audio(Audio::bytes(sound)).strict(true));
  EXPECT_EQ(message_of(reply), "unsupported: model m cannot hear: 1 recording was left out of the request (strict)");
  EXPECT_TRUE(server->requests().empty());
}

TEST_F(MediaTest, NothingIsLeftOfAudioAloneForAModelThatCannotHear) {
  const auto reply = chat(false).generate("", Options().audio(Audio::bytes(sound)));
  EXPECT_EQ(message_of(reply), "invalid_argument: the prompt is empty without its audio, and the model cannot hear");
}

TEST_F(MediaTest, EveryProtocolWritesDropsOrInlines) {
  // Each of them, with a model of which nothing is known.
  const auto check = [&](const std::string& name) {
    const Llm llm = model(protocol(name));
    const MediaSupport support = protocol(name)->media();
    const auto heard = llm.encode("Hi", Options().audio(Audio::bytes(sound)));
    ASSERT_TRUE(heard) << name;
    EXPECT_EQ(heard->http.body.find(to_base64(sound)) != std::string::npos, support.audio) << name;
    EXPECT_EQ(heard->warnings.size(), support.audio ? 0u : 1u) << name;
    const auto text = llm.encode(Message::user({File::bytes("some notes").name("n.txt"), std::string("Hi")}));
    ASSERT_TRUE(text) << name;
    const bool inlined =
        text->http.body.find(R"(<file name=\"n.txt\">\nsome notes\n</file>\n\nHi)") != std::string::npos;
    EXPECT_EQ(inlined, !support.text_files) << name << text->http.body;
    EXPECT_EQ(text->warnings.size(), inlined ? 1u : 0u) << name;
    const auto document = llm.encode(Message::user({File::bytes(pdf), std::string("Hi")}));
    EXPECT_EQ(document.has_value(), support.pdf) << name;
    if (document) EXPECT_NE(document->http.body.find(to_base64(pdf)), std::string::npos) << name;
    else EXPECT_EQ(document.error().kind, ErrorKind::unsupported) << name;
  };
#define ABSTRACTLLM_PROTOCOL(name) check(#name);
#include "protocols/protocols.def"
#undef ABSTRACTLLM_PROTOCOL
}

TEST_F(MediaTest, AFormatWithoutAPlaceForAudioSaysSo) {
  const Llm llm = model(protocol("ollama_chat"), true);
  const auto encoded = llm.encode("Hi", Options().audio(Audio::bytes(sound)));
  ASSERT_TRUE(encoded);
  EXPECT_NE(encoded->warnings.at(0).message.find("ollama_chat of provider " + llm.provider() + " takes no audio: 1"),
            std::string::npos);
}

TEST_F(MediaTest, TextIsWrittenIntoThePrompt) {
  const auto reply =
      chat().generate(Message::user({std::string("Compare"), File::bytes("\xEF\xBB\xBFone").name("a.txt"),
                                     File::bytes("two\n").name("b \"quoted\".txt"), std::string("briefly.")}));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(content(),
            "Compare\n\n<file name=\"a.txt\">\none\n</file>\n\n"
            "<file name=\"b &quot;quoted&quot;.txt\">\ntwo\n</file>\n\nbriefly.");
  ASSERT_EQ(codes(reply), Codes{"file_inlined"});
  EXPECT_NE(reply->warnings[0].message.find("has no place for text files: 2 files were written into the prompt"),
            std::string::npos);
}

TEST_F(MediaTest, TextThatAsksForItIsWrittenIntoThePromptOfEveryProvider) {
  for (const char* name : {"openai_chat", "openai_responses", "anthropic_messages", "ollama_chat"}) {
    const auto encoded = model(protocol(name))
                             .encode(Message::user({File::bytes("one").name("a").inline_text(true), std::string("Hi")}),
                                     Options().strict(true));
    ASSERT_TRUE(encoded) << name << encoded.error().message;
    EXPECT_NE(encoded->http.body.find(R"(<file name=\"a\">\none\n</file>\n\nHi)"), std::string::npos) << name;
  }
}

TEST_F(MediaTest, UnderStrictTextWithoutAPlaceIsRefused) {
  const auto reply = chat().generate(Message::user({File::bytes("one"), std::string("Hi")}), Options().strict(true));
  EXPECT_NE(message_of(reply).find("unsupported: openai_chat of provider"), std::string::npos) << message_of(reply);
}

TEST_F(MediaTest, APdfWithoutAPlaceIsRefusedWithAdvice) {
  const auto reply = chat().generate(Message::user({File::bytes(pdf), std::string("Hi")}));
  EXPECT_NE(message_of(reply).find("unsupported: file 1 is a PDF document, which openai_chat of provider"),
            std::string::npos);
  EXPECT_NE(message_of(reply).find("pdftotext"), std::string::npos) << message_of(reply);
  EXPECT_TRUE(server->requests().empty());
}

TEST_F(MediaTest, FilesAreReadFromTheirPathAndNamedAfterIt) {
  const auto path = std::filesystem::temp_directory_path() / "abstractllm notes.txt";
  std::ofstream(path) << "from a path";
  const auto encoded = model(protocol("anthropic_messages")).encode(Message::user({File(path.string()), Text("Hi")}));
  std::filesystem::remove(path);
  ASSERT_TRUE(encoded) << encoded.error().message;
  const Json block = Json::parse(encoded->http.body)["messages"][0]["content"][0];
  EXPECT_EQ(block["title"], "abstractllm notes.txt");
  EXPECT_EQ(block["source"]["data"], "from a path");
}

TEST_F(MediaTest, LimitsAreCheckedBeforeAnythingIsSent) {
  const Llm llm = chat();
  const std::pair<Options, const char*> rows[] = {
      {Options().audio(Audio::bytes(wav_header(0xFFFFFFFF) + sound)), "audio 1 states a length of 134217 seconds"},
      {Options().audio(Audio::bytes(flac_beginning(1'000'000'000))), "states a length of 62500 seconds"},
      {Options().audio(Audio::bytes(slow_mp3(900))), "audio 1 has a length of 64 seconds; provider"},
      {Options().audio(Audio::bytes(slow_mp3(510))).audio(Audio::bytes(slow_mp3(510))),
       "the recordings of the request have a length of 73 seconds together; provider"},
      {Options().audio(Audio::bytes(sound)).max_audio_bytes(100),
       "has 1644 bytes; at most 100 are allowed (option max_audio_bytes)"},
      {Options().audio(Audio::bytes("OggS\0\2"s)), "is an Ogg recording"},
      {Options().audio("/dev/zero"), "is not a regular file"},
      {Options().audio("/"), "is a folder"},
      {Options().audio("ftp://h/a.wav"), "neither an http, https or data URL"},
      {Options().audio(Audio::url("ftp://h/a.wav")), "it must be http, https or data"},
  };
  for (const auto& [options, problem] : rows) {
    const std::string message = message_of(llm.generate("Hi", options));
    EXPECT_TRUE(message.starts_with("invalid_argument: ")) << message;
    EXPECT_NE(message.find(problem), std::string::npos) << message;
  }
  const std::string large = message_of(
      llm.generate(Message::user({File::bytes(std::string(200, 'a')), Text("Hi")}), Options().max_file_bytes(100)));
  EXPECT_NE(large.find("file 1 has 200 bytes; at most 100 are allowed (option max_file_bytes)"), std::string::npos);
  EXPECT_TRUE(server->requests().empty());
}

TEST_F(MediaTest, TheTextOfManyFilesIsLimited) {
  std::vector<Part> parts(3, File::bytes(std::string(30'000'000, 'a')));
  const std::string message = message_of(chat().generate(Message::user(parts)));
  EXPECT_NE(message.find("the text files of the request have more than 64000000 bytes together"), std::string::npos);
}

TEST_F(MediaTest, OnlyTheUserAttaches) {
  for (const Role role : {Role::system, Role::assistant})
    for (const Part& part : {Part(Audio::bytes(sound)), Part(File::bytes("one"))}) {
      const auto reply = chat().generate({Message(role, {part}), Message::user("Hi")});
      ASSERT_FALSE(reply);
      EXPECT_NE(reply.error().message.find("messages[0] has the role"), std::string::npos);
    }
}

TEST_F(MediaTest, ContentIsNeverLogged) {
  std::string logged;
  const LogSink sink = add_log_sink(LogLevel::trace, [&](const LogRecord& record) {
    for (const LogField& field : record.fields) {
      logged += field.name + "=";
      if (const auto* text = std::get_if<std::string>(&field.value)) logged += *text;
      if (const auto* number = std::get_if<std::int64_t>(&field.value)) logged += std::to_string(*number);
      logged += "\n";
    }
  });
  Dialect dialect;
  dialect.pdf = true;
  const auto reply = chat(dialect).generate(Message::user({File::bytes(pdf), Audio::bytes(sound), Text("Hi")}));
  ASSERT_TRUE(reply) << reply.error().message;
  for (const std::string& content : {pdf, sound})
    EXPECT_EQ(logged.find(to_base64(content).substr(0, 30)), std::string::npos) << logged;
  EXPECT_NE(logged.find("audio=audio/wav, 1644 bytes, 0 s"), std::string::npos) << logged;
  EXPECT_NE(logged.find("audio_count=1"), std::string::npos) << logged;
  EXPECT_NE(logged.find("files=application/pdf, " + std::to_string(pdf.size()) + " bytes"), std::string::npos)
      << logged;
}

TEST_F(MediaTest, TokensOfAudioAndDocumentsAreNotCounted) {
  const Llm openai = create_llm("openai", Options().api_key("k").model("gpt-5")).value();
  const auto counted = openai.count_tokens(Message::user({File::bytes(pdf), Text("Hi")}));
  ASSERT_FALSE(counted);
  EXPECT_EQ(counted.error().message, "tokens of images, audio and documents are not counted");
}

TEST(KnownHearing, TheLongestNameWins) {
  EXPECT_EQ(known_hearing("openai", "gpt-4o-mini"), false);
  EXPECT_EQ(known_hearing("openai", "gpt-4o-audio-preview"), true);
  EXPECT_EQ(known_hearing("openai", "gpt-audio-1.5"), true);
  EXPECT_EQ(known_hearing("openai", "gpt-7"), std::nullopt);
  EXPECT_EQ(known_hearing("mistral", "voxtral-small-latest"), true);
  EXPECT_EQ(known_hearing("mistral", "mistral-large-latest"), false);
  EXPECT_EQ(known_hearing("gemini", "gemini-3-pro"), true);
  EXPECT_EQ(known_hearing("vllm", "any"), std::nullopt);
}

TEST(MessagesFromJson, HoldAudioAndFiles) {
  const auto messages = messages_from_json(R"([{"role": "user", "content": [
    {"type": "audio", "audio": "a.wav"}, {"type": "input_audio", "input_audio": {"data": "QUJD", "format": "mp3"}},
    {"type": "file", "file": "a.pdf"}, {"type": "file", "file": "b", "name": "B", "inline": true},
    {"type": "file", "file": {"filename": "c.pdf", "file_data": "data:application/pdf;base64,QQ=="}}]}])");
  ASSERT_TRUE(messages) << messages.error().message;
  EXPECT_EQ(messages->front(),
            Message::user({Audio("a.wav"), Audio::base64("QUJD"), File("a.pdf"), File("b").name("B").inline_text(true),
                           File::url("data:application/pdf;base64,QQ==").name("c.pdf")}));
  for (const char* part :
       {R"({"type": "audio", "audio": 3})", R"({"type": "audio", "audio": "a", "format": "wav"})",
        R"({"type": "input_audio", "input_audio": "QQ=="})", R"({"type": "input_audio", "input_audio": {"data": 1}})",
        R"({"type": "file"})", R"({"type": "file", "file": "a", "inline": 1})",
        R"({"type": "file", "file": {"file_id": "f"}})", R"({"type": "file", "file": {"filename": "f"}})"}) {
    const auto refused = messages_from_json(R"([{"role": "user", "content": [)" + std::string(part) + "]}]");
    ASSERT_FALSE(refused) << part;
    EXPECT_TRUE(refused.error().message.starts_with("messages[0] has a part")) << refused.error().message;
  }
}

TEST(MessagesFromJson, GiveAudioAndFilesBack) {
  const std::vector<Message> messages = {
      Message::user({Audio("a.wav"), Audio::url("https://h/a.mp3"), File("a.pdf").name("A"), Text("Hi"),
                     File("b.txt").inline_text(true)})};
  const auto again = messages_from_json(to_json(messages));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(to_json(*again), to_json(messages));
  // Bytes come back as base64, in a data URL if text would look like a name.
  const auto bytes =
      messages_from_json(to_json(Message::user({Audio::bytes(wav(1)), File::bytes("text")})).insert(0, "[") + "]");
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_EQ(bytes->front(),
            Message::user({Audio(to_base64(wav(1))), File("data:application/octet-stream;base64,dGV4dA==")}));
}

TEST(BatchItem, ALineMustNotReadFilesAsAudioOrDocuments) {
  for (const char* line :
       {R"({"prompt": "Hi", "options": {"audio": ["/etc/passwd"]}})",
        R"({"messages": [{"role": "user", "content": [{"type": "audio", "audio": "/etc/passwd"}]}]})",
        R"({"messages": [{"role": "user", "content": [{"type": "file", "file": "/etc/passwd"}]}]})"}) {
    const auto item = batch_item_from_json(line);
    ASSERT_FALSE(item) << line;
    EXPECT_NE(item.error().message.find("would be read from a file"), std::string::npos) << item.error().message;
    EXPECT_TRUE(batch_item_from_json(line, OptionTrust::trusted)) << line;
  }
  EXPECT_TRUE(batch_item_from_json(
      R"({"messages": [{"role": "user", "content": [{"type": "file", "file": "data:,hello"}, {"type": "file", "file": "https://h/a.pdf"}]}]})"));
}

}  // namespace
}  // namespace abstractllm
