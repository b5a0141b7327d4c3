// SPDX-License-Identifier: Apache-2.0
#include "hub/hub_client.hpp"

#include <gtest/gtest.h>

#include "abstractllm/log.hpp"
#include "support/scripted_transport.hpp"

namespace abstractllm {
namespace {

using namespace test;
using std::chrono::milliseconds;

class HubClientTest : public ::testing::Test {
 protected:
  HubClientTest() {
    settings.endpoint = "https://hub.invalid";
    settings.token = "hf_secret";
  }
  Result<void> ask(std::vector<Script> scripts, int max_retries) {
    server = std::make_shared<ScriptedTransport>(std::move(scripts), clock);
    const HubClient client(settings, server, stop.get_token(), clock);
    HubName name;
    name.repo = "org/name";
    question = std::make_shared<HubQuestion>(client, name, "https://hub.invalid/api/models/org/name");
    return client.run(question, max_retries);
  }
  /// How long the client waits in all, where the server fails like this and never recovers.
  std::int64_t waited_for(const Script& failure, int max_retries) {
    const TimePoint before = clock.now();
    EXPECT_FALSE(ask({failure}, max_retries));
    return std::chrono::duration_cast<milliseconds>(clock.now() - before).count();
  }
  static const std::string* authorization(const HttpRequest& request) {
    for (const HttpHeader& header : request.headers)
      if (header.name == "Authorization") return &header.value;
    return nullptr;
  }

  FakeClock clock;
  HubSettings settings;
  std::stop_source stop;
  std::shared_ptr<ScriptedTransport> server;
  std::shared_ptr<HubQuestion> question;
};

TEST_F(HubClientTest, ReadsAnAnswerAndItsNextPage) {
  ASSERT_TRUE(
      ask({{Head{200, {HttpHeader("Link", "<https://hub.invalid/p2>; rel=\"next\"")}}, Bytes{"[1]"}, End{}}}, 0));
  EXPECT_EQ(question->body(), "[1]");
  EXPECT_EQ(question->next_url(), "https://hub.invalid/p2");
}

TEST_F(HubClientTest, FollowsNoLinkThatARedirectMayNotFollow) {
  const auto next_page = [&](const std::string& link) {
    const bool asked =
        bool(ask({{Head{200, {HttpHeader("Link", "<" + link + ">; rel=\"next\"")}}, Bytes{"[1]"}, End{}}}, 0));
    return asked ? question->next_url() : std::string("refused");
  };
  EXPECT_EQ(next_page("/p2?cursor=x"), settings.endpoint + "/p2?cursor=x");
  EXPECT_EQ(next_page("https://user:pw@hub.invalid/p2"), "refused");
  EXPECT_EQ(next_page("file:///etc/passwd"), "refused");
  EXPECT_EQ(next_page("http://hub.invalid/p2"), "refused") << "from https to http";
}

TEST_F(HubClientTest, EscapesTheHubsWords) {
  const auto failed = ask({{Head{403, {HttpHeader("X-Error-Message", "\x1b[31mred\xff")}}, End{}}}, 0);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().provider_message.find('\x1b'), std::string::npos);
  EXPECT_EQ(failed.error().provider_message.find('\xff'), std::string::npos);
  EXPECT_NE(failed.error().provider_message.find("red"), std::string::npos);
}

TEST_F(HubClientTest, WaitsLongerEachTimeUpToEightSeconds) {
  const Script cut = {Error(ErrorKind::network, "cut")};
  EXPECT_EQ(waited_for(cut, 6), 1000 + 2000 + 4000 + 8000 + 8000 + 8000);
  EXPECT_EQ(server->requests().size(), 7u);
  EXPECT_EQ(waited_for({Head{404}, End{}}, 6), 0);
  EXPECT_EQ(waited_for({Head{429, {HttpHeader("Retry-After", "3")}}, End{}}, 2), 6000);
  EXPECT_EQ(waited_for({Head{429, {HttpHeader("ratelimit", "\"api\";r=0;t=5")}}, End{}}, 1), 5000);
  EXPECT_EQ(waited_for({Head{503, {HttpHeader("Retry-After", "61")}}, End{}}, 2), 0) << "nobody waits for that";
}

TEST_F(HubClientTest, LogsWhyItAsksAgain) {
  std::vector<std::string> records;
  const LogSink sink = add_log_sink(LogLevel::info, [&](const LogRecord& record) {
    records.push_back(record.event + ": " + record.message + " " +
                      std::to_string(std::get<std::int64_t>(record.field("wait_ms")->value)));
  });
  EXPECT_TRUE(ask({{Error(ErrorKind::network, "cut")}, {Head{}, Bytes{"[]"}, End{}}}, 6));
  EXPECT_EQ(records, std::vector<std::string>{"hub_retry: cut 1000"});
}

TEST_F(HubClientTest, ASilentHubIsAskedAgain) {
  settings.idle_timeout = milliseconds(10'000);
  EXPECT_EQ(waited_for({Head{}, Silence{}}, 1), 10'000 + 1000 + 10'000);
  const auto outcome = ask({{Head{}, Silence{}}}, 0);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::timeout);
  EXPECT_EQ(outcome.error().message, "the answer fell silent for 10 s (HF_HUB_DOWNLOAD_TIMEOUT)");
}

TEST_F(HubClientTest, EndsWithAStopRequest) {
  stop.request_stop();
  const auto outcome = ask({{Error(ErrorKind::network, "cut")}}, 5);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::cancelled);
  EXPECT_EQ(outcome.error().message, "the download was stopped");
}

TEST_F(HubClientTest, TheTokenStaysWithTheHub) {
  const auto to = [](const char* url) { return Script{Head{302, {HttpHeader("Location", url)}}}; };
  const Script answer = {Head{}, Bytes{"[]"}, End{}};
  ASSERT_TRUE(ask({to("/elsewhere"), to("https://store.invalid/x"), answer}, 0));
  const auto requests = server->requests();
  ASSERT_EQ(requests.size(), 3u);
  ASSERT_NE(authorization(*requests[0]), nullptr);
  EXPECT_EQ(*authorization(*requests[0]), "Bearer hf_secret");
  EXPECT_EQ(requests[1]->url, "https://hub.invalid/elsewhere");
  EXPECT_NE(authorization(*requests[1]), nullptr);
  EXPECT_EQ(authorization(*requests[2]), nullptr) << "another host";
  for (const char* trap : {"http://hub.invalid/open", "https://user@store.invalid/", "file:///etc/passwd"}) {
    const auto outcome = ask({to(trap), answer}, 0);
    ASSERT_FALSE(outcome) << trap;
    EXPECT_EQ(outcome.error().kind, ErrorKind::protocol) << trap;
    EXPECT_EQ(server->requests().size(), 1u) << trap;
  }
  ASSERT_FALSE(ask({to("/again")}, 0)) << "for ever";
  EXPECT_EQ(server->requests().size(), 11u);
}

}  // namespace
}  // namespace abstractllm
