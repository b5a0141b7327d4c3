// SPDX-License-Identifier: Apache-2.0
#include "transport/replay/replay.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "abstractllm/llm.hpp"
#include "abstractllm/registry.hpp"
#include "base/base64.hpp"
#include "transport/replay/recorder.hpp"

namespace abstractllm {
namespace {

RecordedExchange exchange_with(std::vector<std::string> pieces) {
  RecordedExchange exchange;
  exchange.request.url = "http://h/v1/x";
  exchange.request.body = "{}";
  exchange.request.headers.emplace_back("Authorization", "Bearer sk-secret-1", true);
  HttpHead head{200, {}};
  head.headers.emplace_back("Set-Cookie", "session=1");
  head.headers.emplace_back("X-Request-Id", "r");
  exchange.steps.push_back({std::chrono::microseconds(1500), head});
  for (std::string& piece : pieces)
    exchange.steps.push_back({std::chrono::milliseconds(2), RecordedBytes{std::move(piece)}});
  exchange.steps.push_back({std::chrono::milliseconds(3), BodyEnd{}});
  return exchange;
}

std::string bytes_of(const RecordedExchange& exchange) {
  std::string bytes;
  for (const RecordedStep& step : exchange.steps)
    if (const auto* piece = std::get_if<RecordedBytes>(&step.what)) bytes += piece->bytes;
  return bytes;
}

TEST(Recording, KeepsBytesBordersAndTimes) {
  const RecordedExchange exchange = exchange_with({"caf\xC3", "\xA9 \xFF", "plain \"text\"\n"});
  const auto read = read_recording(to_json_lines(exchange) + "\n" + to_json_lines(exchange));
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(bytes_of((*read)[1]), bytes_of(exchange));
  EXPECT_EQ((*read)[0].steps.size(), exchange.steps.size());
  EXPECT_EQ((*read)[0].steps[0].at, std::chrono::microseconds(1500));
  EXPECT_EQ(std::get<HttpHead>((*read)[0].steps[0].what).header("x-request-id")->compare("r"), 0);
}

TEST(Recording, HoldsNoSecretNotEvenOverTheBorderOfTwoPieces) {
  const std::string text = to_json_lines(exchange_with({"key sk-se", "cret-1 and Bearer sk-secret-1", " end"}));
  EXPECT_EQ(text.find("secret"), std::string::npos) << text;
  EXPECT_EQ(text.find("session"), std::string::npos);
  EXPECT_NE(text.find("key *****"), std::string::npos);
  EXPECT_EQ(bytes_of(read_recording(text)->front()), "key *********** and ****************** end");
}

TEST(Recording, SaysWhichLineIsNone) {
  for (const char* bad : {"{", "[]", "{\"at_ms\":1}", "{\"request\":{}}", "{\"request\":3}", "7"}) {
    const auto read = read_recording(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().kind, ErrorKind::not_configured);
    EXPECT_NE(read.error().message.find("line 1"), std::string::npos) << read.error().message;
  }
}

/// Returns the whole answer, or the failure.
Result<Response> answer_from(std::shared_ptr<Transport> transport, const char* protocol_name) {
  static int number = 0;
  Provider provider;
  provider.name = "replayed_" + std::to_string(number++);
  provider.protocols = {protocol(protocol_name)};
  provider.base_url = "http://replayed";
  provider.transport = [transport](const Options&) -> Result<std::shared_ptr<Transport>> { return transport; };
  EXPECT_TRUE(register_provider(provider));
  Stream stream = create_llm(provider.name, Options().model("m").max_retries(0))->stream("Hi");
  for (;;) {
    auto event = stream.next();
    if (!event) return event.error();
    if (!*event) return stream.response();
  }
}

constexpr const char* all_protocols[] = {"openai_chat", "openai_responses", "anthropic_messages", "ollama_chat"};

TEST(ScriptedTransport, AnswersInEveryProtocol) {
  for (const char* name : all_protocols)
    for (const Delivery delivery : {Delivery::stream, Delivery::body}) {
      const auto response =
          answer_from(scripted_transport({text_reply(name, "The quick fox.", delivery).value()}), name);
      ASSERT_TRUE(response) << name << ": " << response.error().message;
      EXPECT_EQ(response->text, "The quick fox.") << name;
    }
  EXPECT_FALSE(text_reply("smoke_signals", "x"));
}

TEST(ScriptedTransport, SaysWhenNoReplyIsLeft) {
  const auto transport = scripted_transport({Reply(500)});
  EXPECT_EQ(answer_from(transport, "openai_chat").error().kind, ErrorKind::unavailable);
  EXPECT_EQ(answer_from(transport, "openai_chat").error().kind, ErrorKind::not_configured);
}

TEST(Replay, GivesTheSameAnswerInPiecesOfAnySizeAndAFaultAtEachStepEndsItOnce) {
  const auto path = std::filesystem::temp_directory_path() / ("replay_test_" + std::to_string(::getpid()) + ".jsonl");
  for (const char* name : all_protocols) {
    std::filesystem::remove(path);
    {
      auto recorded =
          make_recording_transport(scripted_transport({text_reply(name, "The quick fox.").value()}), path.string());
      ASSERT_TRUE(answer_from(*recorded, name));
    }
    for (const std::size_t size : {0U, 1U, 3U, 1000U}) {
      ReplayOptions options;
      options.piece_bytes = size;
      const auto response = answer_from(replay_transport(path.string(), options).value(), name);
      ASSERT_TRUE(response) << name << " in pieces of " << size << ": " << response.error().message;
      EXPECT_EQ(response->text, "The quick fox.");
    }
    ReplayOptions recorded_pace;
    recorded_pace.pace = ReplayPace::recorded;
    EXPECT_EQ(answer_from(replay_transport(path.string(), recorded_pace).value(), name)->text, "The quick fox.");
    for (std::size_t step = 0; step < 4; ++step) {
      ReplayOptions options;
      options.fail_at_step = step;
      const auto response = answer_from(replay_transport(path.string(), options).value(), name);
      ASSERT_FALSE(response) << name << " broken at step " << step;
      EXPECT_EQ(response.error().kind, ErrorKind::network) << name << " broken at step " << step;
      EXPECT_TRUE(std::string_view("The quick fox.").starts_with(response.error().partial->text));
    }
  }
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace abstractllm
