// SPDX-License-Identifier: Apache-2.0
//
// Servers and gateways repeat keys: in headers, in errors, in JSON with escapes. Nothing of it reaches a user, a log or
// a recording.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "abstractllm/abstractllm.hpp"
#include "abstractllm/registry.hpp"
#include "abstractllm/testing.hpp"
#include "transport/replay/recorder.hpp"

namespace abstractllm {
namespace {

constexpr const char* key = "sk-ab/cd+ef<gh>12";

Llm model_of(std::shared_ptr<Transport> transport) {
  static int number = 0;
  Provider provider;
  provider.name = "echoing_" + std::to_string(number++);
  provider.protocols = {protocol("openai_chat")};
  provider.base_url = "http://echoing";
  provider.transport = [transport](const Options&) -> Result<std::shared_ptr<Transport>> { return transport; };
  EXPECT_TRUE(register_provider(provider));
  return create_llm(provider.name, Options().model("m").api_key(key).max_retries(0)).value();
}

Reply refusal() {
  Reply reply(401);
  reply.headers.emplace_back("X-Request-Id", std::string("req of ") + key);
  reply.headers.emplace_back("X-Echo", std::string("Bearer ") + key);
  // Escaped by PHP and by Go; cut between two reads.
  reply.pieces = {R"({"error":{"message":"bad key sk-ab\/cd+e)", R"(f<gh>12, or sk-ab/cd+ef\u003cgh\u003e12",)",
                  R"("code":"sk-ab/cd+ef<gh>12"}})"};
  return reply;
}

void expect_no_key(const std::string& text) {
  for (const char* part : {"sk-ab", "ef<gh", "gh>12", "u003cgh"}) EXPECT_EQ(text.find(part), std::string::npos) << text;
}

TEST(SecretsInAnswers, AreMaskedInEveryFieldOfAnError) {
  const auto response = model_of(scripted_transport({refusal()})).generate("Hi");
  ASSERT_FALSE(response);
  expect_no_key(to_json(response.error()));
  EXPECT_NE(response.error().request_id.find("req of ***"), std::string::npos) << response.error().request_id;
}

TEST(SecretsInAnswers, AreMaskedInTheRequestIdOfAResponse) {
  Reply reply = text_reply("openai_chat", "Paris.").value();
  reply.headers.emplace_back("X-Request-Id", std::string("req of ") + key);
  const auto response = model_of(scripted_transport({reply})).generate("Hi");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->text, "Paris.");
  expect_no_key(to_json(*response));
  EXPECT_NE(response->request_id.find("req of ***"), std::string::npos) << response->request_id;
}

TEST(SecretsInAnswers, AreMaskedInHeadersAndBodiesOfARecording) {
  const auto path = std::filesystem::temp_directory_path() / ("secrets_" + std::to_string(::getpid()) + ".jsonl");
  std::filesystem::remove(path);
  {
    const auto recorded = make_recording_transport(scripted_transport({refusal()}), path.string());
    ASSERT_FALSE(model_of(*recorded).generate(std::string("is ") + key + " my key?"));
  }
  std::ifstream file(path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_NE(text.find("X-Echo"), std::string::npos);
  expect_no_key(text);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace abstractllm
