// SPDX-License-Identifier: Apache-2.0
//
// Providers of a program's own: without registration, with paths, queries and signatures.
#include <gtest/gtest.h>

#include "../../examples/12_signed_requests/aws_signature.hpp"
#include "support/async_calls.hpp"

namespace abstractllm {
namespace {

using namespace test;

std::string header_of(const HttpRequest& request, std::string_view name) {
  for (const HttpHeader& header : request.headers)
    if (header.name == name) return header.value;
  return {};
}

/// A server that remembers what it was asked, and fails the first `failures` requests.
class Server {
 public:
  explicit Server(int failures = 0, std::string error_body = {}) : failures_(failures), error_(std::move(error_body)) {}
  std::string url() const { return server_.url(); }
  std::vector<std::string> heads() const {
    const std::lock_guard lock(mutex_);
    return heads_;
  }

 private:
  bool answer(LoopbackConnection& connection) {
    const std::lock_guard lock(mutex_);
    heads_.push_back(connection.head());
    if (failures_-- > 0)
      return connection.send("HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: " + std::to_string(error_.size()) +
                             "\r\n\r\n" + error_);
    return test::answer(connection);
  }

  mutable std::mutex mutex_;
  int failures_;
  std::string error_;
  std::vector<std::string> heads_;
  LoopbackServer server_{[this](LoopbackConnection& connection) { return answer(connection); }};
};

Provider own_provider(const Server& server) {
  Provider provider;
  provider.name = "mine";
  provider.protocols = {protocol("openai_chat")};
  provider.base_url = server.url() + "/v1";
  return provider;
}

bool asked_for(const std::string& head, const std::string& path) {
  return head.starts_with("POST " + path + " HTTP/1.1");
}

TEST(OwnProvider, NeedsNoRegistration) {
  const Server server;
  const Llm model = create_llm(own_provider(server)).value();
  EXPECT_EQ(model.generate("Hi")->text, "Paris.");
  EXPECT_EQ(model.provider(), "mine");
  EXPECT_FALSE(create_llm("mine")) << "no other handle knows it";
  EXPECT_EQ(create_llm(own_provider(server))->generate("Hi")->text, "Paris.") << "a name may be used again";
}

TEST(OwnProvider, IsCheckedAsARegisteredOneIs) {
  const Server server;
  Provider nameless = own_provider(server);
  nameless.name = "Not a name";
  EXPECT_EQ(create_llm(std::move(nameless)).error().kind, ErrorKind::invalid_argument);
  Provider mute = own_provider(server);
  mute.protocols.clear();
  EXPECT_EQ(create_llm(std::move(mute)).error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(create_llm(own_provider(server), Options().temperature(7)).error().kind, ErrorKind::invalid_argument);
}

TEST(OwnProvider, MayHaveAQueryInItsBaseUrlAndChooseItsPaths) {
  const Server server;
  Provider provider = own_provider(server);
  provider.base_url += "?api-version=2026-10-01";
  ASSERT_EQ(create_llm(provider)->generate("Hi")->text, "Paris.");
  EXPECT_TRUE(asked_for(server.heads().back(), "/v1/chat/completions?api-version=2026-10-01")) << server.heads().back();
  provider.path = [](std::string_view path, const Options& options) {
    return "/deployments/" + options.model().value_or("") + std::string(path) + "?a=1";
  };
  ASSERT_EQ(create_llm(provider, Options().model("d"))->generate("Hi")->text, "Paris.");
  EXPECT_TRUE(asked_for(server.heads().back(), "/v1/deployments/d/chat/completions?a=1&api-version=2026-10-01"))
      << server.heads().back();
}

TEST(OwnProvider, ASecretInAQueryIsNotShown) {
  const Server server(1, R"({"error":{"message":"wrong key s3cr3t-in-query"}})");
  Provider provider = own_provider(server);
  provider.base_url += "?key=s3cr3t-in-query";
  const Llm model = create_llm(provider, Options().max_retries(0)).value();
  EXPECT_EQ(to_json(*model.request({Message::user("Hi")})).find("s3cr3t"), std::string::npos);
  const auto failed = model.generate("Hi");
  ASSERT_FALSE(failed);
  EXPECT_EQ(to_json(failed.error()).find("s3cr3t"), std::string::npos) << to_json(failed.error());
}

TEST(OwnProvider, SignsEachAttemptAnew) {
  const Server server(2);
  int signatures = 0;
  Provider provider = own_provider(server);
  provider.authorize = [&](HttpRequest& request, const Options& options) -> Result<void> {
    EXPECT_NE(request.body.find("\"Hi\""), std::string::npos) << "the body is whole";
    EXPECT_EQ(options.model(), "m");
    request.headers.emplace_back("X-Signature", "signature-" + std::to_string(++signatures), true);
    return {};
  };
  const Llm model = create_llm(provider, Options().model("m").max_retries(2)).value();
  EXPECT_EQ(model.generate("Hi")->text, "Paris.");
  ASSERT_EQ(server.heads().size(), 3u);
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_NE(server.heads()[i].find("X-Signature: signature-" + std::to_string(i + 1)), std::string::npos);
  EXPECT_EQ(model.generate_async("Hi").wait()->text, "Paris.");
  EXPECT_EQ(signatures, 4);
}

TEST(OwnProvider, ASignatureThatAServerEchoesIsMasked) {
  const Server server(1, R"({"error":{"message":"bad signature short-lived-token"}})");
  Provider provider = own_provider(server);
  provider.authorize = [](HttpRequest& request, const Options&) -> Result<void> {
    request.headers.emplace_back("Authorization", "Bearer short-lived-token", true);
    return {};
  };
  const Llm model = create_llm(provider, Options().max_retries(0)).value();
  const auto failed = model.generate("Hi");
  ASSERT_FALSE(failed);
  EXPECT_EQ(to_json(failed.error()).find("short-lived-token"), std::string::npos) << to_json(failed.error());
}

TEST(OwnProvider, AHookThatFailsOrThrowsEndsTheCall) {
  const Server server;
  Provider provider = own_provider(server);
  provider.authorize = [](HttpRequest&, const Options&) -> Result<void> {
    return Error(ErrorKind::authentication, "the token cannot be refreshed");
  };
  const auto refused = create_llm(provider)->generate("Hi");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::authentication);
  EXPECT_EQ(refused.error().message, "the token cannot be refreshed");
  EXPECT_EQ(refused.error().provider, "mine");
  provider.authorize = [](HttpRequest&, const Options&) -> Result<void> { throw std::runtime_error("no clock"); };
  EXPECT_EQ(create_llm(provider)->generate("Hi").error().kind, ErrorKind::internal);
  EXPECT_EQ(create_llm(provider)->generate_async("Hi").wait().error().kind, ErrorKind::internal);
  EXPECT_EQ(create_llm(provider)->list_models().error().kind, ErrorKind::internal)
      << "other operations are signed, too";
  EXPECT_TRUE(server.heads().empty()) << "nothing was sent";
}

TEST(OwnProvider, NoSecretOfTheBaseUrlOrOfAnAnswerIsLogged) {
  LoopbackServer server([](LoopbackConnection& connection) {
    return connection.send(http_answer(
        R"({"model":"secret-of-key","choices":[{"message":{"content":"it is secret-of-key"},"finish_reason":"stop"}]})",
        "application/json"));
  });
  Provider provider;
  provider.name = "mine";
  provider.protocols = {protocol("openai_chat")};
  provider.base_url = server.url() + "/v1?sig=secret-of-url&x=1";
  std::string lines;
  const LogSink sink = add_log_sink(LogLevel::debug, [&](const LogRecord& record) { lines += to_json(record) + "\n"; });
  const auto reply = create_llm(provider)->generate(
      "Hi", Options().api_key("secret-of-key").base_url(server.url() + "/v1?code=secret-of-user"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->text, "it is secret-of-key") << "the program gets what the server said";
  ASSERT_TRUE(create_llm(provider)->generate("Hi", Options().api_key("secret-of-key")));
  EXPECT_NE(lines.find("response_body"), std::string::npos);
  for (const char* secret : {"secret-of-key", "secret-of-user", "secret-of-url"})
    EXPECT_EQ(lines.find(secret), std::string::npos) << lines;
}

TEST(OwnProvider, AHookThatFailsRepeatsNoSecretThatItHasSet) {
  const Server server;
  Provider provider = own_provider(server);
  provider.authorize = [](HttpRequest& request, const Options&) -> Result<void> {
    request.headers.emplace_back("Authorization", "Bearer short-lived-token", true);
    throw std::runtime_error("cannot refresh short-lived-token");
  };
  for (const Error& error :
       {create_llm(provider)->generate("Hi").error(), create_llm(provider)->list_models().error()}) {
    EXPECT_NE(error.message.find("cannot refresh"), std::string::npos);
    EXPECT_EQ(error.message.find("short-lived-token"), std::string::npos) << error.message;
  }
}

TEST(OwnProvider, AHookMaySetNoHeaderThatHttpDoesNotAllow) {
  const Server server;
  Provider provider = own_provider(server);
  const HttpHeader headers[] = {{"", "x"},           {"a:b", "x"},           {"a b", "x"},
                                {"X-A\r\nX-B", "x"}, {"X-A", "a\r\nX-B: b"}, {"X-A", std::string("ab\0cd", 5)}};
  for (const HttpHeader& header : headers) {
    provider.authorize = [&](HttpRequest& request, const Options&) -> Result<void> {
      request.headers.push_back(header);
      return {};
    };
    EXPECT_EQ(create_llm(provider)->generate("Hi").error().kind, ErrorKind::invalid_argument) << header.name;
  }
  EXPECT_TRUE(server.heads().empty()) << "nothing was sent";
}

/// "get-vanilla" and "post-vanilla" of AWS's own test suite for Signature Version 4:
/// github.com/awslabs/aws-c-auth, tests/aws-signing-test-suite/v4
TEST(AwsSignature, IsThatOfAwssTestSuite) {
  const AwsAccess access = {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "service"};
  constexpr std::time_t time = 1440938160;  // 2015-08-30T12:36:00Z
  const std::string before =
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
      "SignedHeaders=host;x-amz-date, Signature=";
  HttpRequest request;
  request.url = "https://example.amazonaws.com/";
  request.method = "GET";
  sign_for_aws(request, access, time);
  EXPECT_EQ(header_of(request, "X-Amz-Date"), "20150830T123600Z");
  EXPECT_EQ(header_of(request, "Authorization"),
            before + "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
  request.method = "POST";
  request.headers.clear();
  sign_for_aws(request, access, time);
  EXPECT_EQ(header_of(request, "Authorization"),
            before + "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
}

}  // namespace
}  // namespace abstractllm
