// SPDX-License-Identifier: Apache-2.0
//
// What a proxy answers, and what a user writes into the variables for it.
#include <gtest/gtest.h>

#include <cstdlib>

#include "support/async_calls.hpp"

namespace abstractllm {
namespace {

using test::LoopbackConnection;
using test::LoopbackServer;

constexpr const char* wants_a_password =
    "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: "
    "2\r\n\r\nno";

class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

Error error_of_call(const std::string& base_url, int max_retries = 0) {
  const auto model = create_llm("openai_compatible", Options().model("m").base_url(base_url).max_retries(max_retries));
  const auto response = model->generate("Hi");
  return response ? Error(ErrorKind::internal, "no error") : response.error();
}

TEST(Proxy, ThatWantsAPasswordIsNamedAndItsPasswordIsNot) {
  for (const std::string scheme : {"http", "https"}) {
    LoopbackServer proxy([](LoopbackConnection& connection) {
      connection.send(wants_a_password);
      return false;
    });
    const std::string address = proxy.url().substr(std::string("http://").size());
    const std::string name = scheme + "_proxy";
    const Variable variable(name.c_str(), "http://me:hush@" + address);
    const Error error = error_of_call(scheme + "://example.invalid/v1", 2);
    EXPECT_EQ(to_string(error.kind), "not_configured") << error.message;
    EXPECT_EQ(error.attempts, 1) << "to ask again helps nobody";
    EXPECT_EQ(error.http_status, 407);
    EXPECT_NE(error.message.find(proxy.url()), std::string::npos) << error.message;
    EXPECT_NE(error.message.find(name), std::string::npos) << error.message;
    EXPECT_EQ(error.message.find("hush"), std::string::npos) << error.message;
  }
}

TEST(Proxy, MalformedIsNotShownWithItsPassword) {
  for (const char* proxy : {"http://user:hush#ss@host:80", "http://user:hush/ss@host:80", "http://user:hush?ss@host:80",
                            "http://user:hu:sh@ho st:80", "user:hush@host:99999999", "nosuch://user:hush@host"}) {
    const Variable variable("http_proxy", proxy);
    const Error error = error_of_call("http://example.invalid/v1");
    EXPECT_EQ(error.message.find("hush"), std::string::npos) << error.message;
    EXPECT_EQ(error.message.find("hu:sh"), std::string::npos) << error.message;
    EXPECT_EQ(error.message.find("ss@host"), std::string::npos) << error.message;
  }
}

TEST(RetryAfter, AsADateWithoutADateHeaderCountsFromWhenItCame) {
  LoopbackServer server([](LoopbackConnection& connection) {
    connection.send(
        "HTTP/1.1 429 Too Many Requests\r\nRetry-After: Fri, 31 Dec 2100 23:59:59 GMT\r\nContent-Length: 0\r\n\r\n");
    return true;
  });
  const Error error = error_of_call(server.url() + "/v1", 2);
  EXPECT_EQ(error.kind, ErrorKind::rate_limited);
  ASSERT_TRUE(error.retry_after);
  EXPECT_GT(*error.retry_after, std::chrono::hours(24 * 365));
  EXPECT_EQ(error.attempts, 1) << "nobody waits that long";
}

TEST(Redirect, IsNamedWithMethodUrlAndTarget) {
  LoopbackServer server([](LoopbackConnection& connection) {
    connection.send(
        "HTTP/1.1 308 Permanent Redirect\r\nLocation: https://elsewhere.invalid/v1/chat/completions?token=hush\r\n"
        "Content-Length: 0\r\n\r\n");
    return true;
  });
  const Error error = error_of_call(server.url() + "/v1");
  EXPECT_EQ(error.kind, ErrorKind::not_configured);
  EXPECT_NE(error.message.find("'https://elsewhere.invalid/v1/chat/completions?…'"), std::string::npos)
      << error.message;
  EXPECT_NE(error.message.find("POST " + server.url() + "/v1/chat/completions"), std::string::npos) << error.message;
  EXPECT_EQ(error.message.find("hush"), std::string::npos) << error.message;
}

}  // namespace
}  // namespace abstractllm
