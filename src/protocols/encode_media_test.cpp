// SPDX-License-Identifier: Apache-2.0
//
// Audio and files in the vendors' documented forms. docs/wire-formats.md has the sources.
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "abstractllm/registry.hpp"
#include "base/json.hpp"
#include "protocols/encode_testing.hpp"
#include "protocols/openai_chat/openai_chat.hpp"

namespace abstractllm {
namespace {

using encode_testing::with_audio;
using encode_testing::with_files;
using openai_chat::AudioForm;
using openai_chat::Dialect;

Json body_of(const Protocol& protocol, const Request& request) {
  const auto encoded = protocol.encode(request);
  EXPECT_TRUE(encoded.has_value());
  EXPECT_TRUE(encoded->warnings.empty());
  return Json::parse(encoded->http.body);
}

Request without_the_text_file(Request request) {
  auto parts = request.messages[0].parts();
  parts.erase(parts.begin() + 1);
  request.messages = {Message::user(parts)};
  request.files.erase(request.files.begin() + 1);
  return request;
}

// https://developers.openai.com/api/docs/guides/audio-chat-completions (2026-11)
TEST(OpenaiChatEncode, AudioIsDataAndFormat) {
  const Json messages = body_of(*protocol("openai_chat"), with_audio())["messages"];
  EXPECT_EQ(messages[0]["content"], Json::parse(R"([
    {"type": "input_audio", "input_audio": {"data": "QQ==", "format": "wav"}},
    {"type": "text", "text": "What is said?"}])"));
}

// https://docs.mistral.ai/capabilities/audio_transcription (2026-11)
TEST(OpenaiChatEncode, MistralsAudioIsTheDataAlone) {
  Dialect dialect;
  dialect.audio = AudioForm::text;
  const Json messages = body_of(*make_openai_chat_protocol(dialect), with_audio())["messages"];
  EXPECT_EQ(messages[0]["content"][0], Json::parse(R"({"type": "input_audio", "input_audio": "QQ=="})"));
}

// https://developers.openai.com/api/docs/guides/file-inputs (2026-11): only PDF. https://openrouter.ai/docs (2026-11):
// a URL in place of the data.
TEST(OpenaiChatEncode, APdfIsAFile) {
  Dialect dialect;
  dialect.pdf = dialect.pdf_urls = true;
  const Json messages = body_of(*make_openai_chat_protocol(dialect), without_the_text_file(with_files()))["messages"];
  EXPECT_EQ(messages[0]["content"], Json::parse(R"([
    {"type": "file", "file": {"filename": "report.pdf", "file_data": "data:application/pdf;base64,Qg=="}},
    {"type": "file", "file": {"filename": "c.pdf", "file_data": "https://example.com/c.pdf"}},
    {"type": "text", "text": "Compare."}])"));
}

// https://developers.openai.com/api/docs/guides/file-inputs (2026-11)
TEST(OpenaiResponsesEncode, FilesAreInputFiles) {
  const Json input = body_of(*protocol("openai_responses"), with_files())["input"];
  EXPECT_EQ(input[0]["content"], Json::parse(R"([
    {"type": "input_file", "filename": "report.pdf", "file_data": "data:application/pdf;base64,Qg=="},
    {"type": "input_file", "filename": "notes.txt", "file_data": "data:text/plain;base64,Qw=="},
    {"type": "input_file", "file_url": "https://example.com/c.pdf"},
    {"type": "input_text", "text": "Compare."}])"));
}

// https://platform.claude.com/docs/en/build-with-claude/pdf-support and citations (2026-11)
TEST(AnthropicMessagesEncode, FilesAreDocuments) {
  const Json messages = body_of(*protocol("anthropic_messages"), with_files())["messages"];
  EXPECT_EQ(messages[0]["content"], Json::parse(R"([
    {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "Qg=="}, "title": "report.pdf"},
    {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "C"}, "title": "notes.txt"},
    {"type": "document", "source": {"type": "url", "url": "https://example.com/c.pdf"}, "title": "c.pdf"},
    {"type": "text", "text": "Compare."}])"));
}

TEST(MediaSupport, OfEachProtocolIsWhatItWrites) {
  struct Row {
    bool audio, pdf, text_files;
  };
  const std::map<std::string, Row> rows = {{"openai_chat", {true, false, false}},
                                           {"openai_responses", {false, true, true}},
                                           {"anthropic_messages", {false, true, true}},
                                           {"ollama_chat", {false, false, false}}};
  const auto check = [&](const std::string& protocol_name) {
    ASSERT_EQ(rows.count(protocol_name), 1u) << protocol_name << " is not in the list";
    const Row row = rows.at(protocol_name);
    const auto format = protocol(protocol_name);
    EXPECT_EQ(format->media().audio, row.audio) << protocol_name;
    EXPECT_EQ(format->media().pdf, row.pdf) << protocol_name;
    EXPECT_EQ(format->media().text_files, row.text_files) << protocol_name;
    const auto holds = [&](const Request& request, const char* data) {
      return format->encode(request)->http.body.find(data) != std::string::npos;
    };
    if (row.audio) EXPECT_TRUE(holds(with_audio(), "QQ==")) << protocol_name;
    if (row.pdf) EXPECT_TRUE(holds(with_files(), "Qg==")) << protocol_name;
  };
#define ABSTRACTLLM_PROTOCOL(name) check(#name);
#include "protocols/protocols.def"
#undef ABSTRACTLLM_PROTOCOL
}

}  // namespace
}  // namespace abstractllm
