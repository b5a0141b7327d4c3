// SPDX-License-Identifier: Apache-2.0
#include "core/endpoint.hpp"

#include <gtest/gtest.h>

#include "providers/registry.hpp"

namespace abstractllm {
namespace {

struct Row {
  const char* provider;
  const char* base_url;
  const char* path;
  const char* url;  ///< or a part of the error's message
};

Result<std::string> url_of(const Row& row) {
  return endpoint(**find_provider(row.provider), Options().base_url(row.base_url), row.path);
}

TEST(Endpoint, TakesAPastedFullPath) {
  const Row rows[] = {
      {"openai", "https://h/v1/chat/completions", "/responses", "https://h/v1/responses"},
      {"openai", "https://h/v1/responses/", "/models", "https://h/v1/models"},
      {"openai_compatible", "http://h:8000/v1/chat/completions", "/chat/completions",
       "http://h:8000/v1/chat/completions"},
      {"anthropic", "https://h/v1/messages", "/v1/messages", "https://h/v1/messages"},
      {"ollama", "http://h:11434/api/chat", "/api/tags", "http://h:11434/api/tags"},
      // This is not a path of the provider's calls: another server may answer below it.
      {"openai_compatible", "http://h/api/chat", "/chat/completions", "http://h/api/chat/chat/completions"},
      {"openai_compatible", "http://h/models", "/chat/completions", "http://h/models/chat/completions"},
  };
  for (const Row& row : rows) {
    const auto url = url_of(row);
    ASSERT_TRUE(url) << row.base_url << ": " << url.error().message;
    EXPECT_EQ(*url, row.url) << row.base_url;
  }
}

TEST(Endpoint, NamesTheRightFormForAddressesOfAzuresPortal) {
  const Row rows[] = {
      {"azure_openai", "https://res.openai.azure.com/", "/responses", "https://res.openai.azure.com/openai/v1"},
      {"azure_openai", "https://res.openai.azure.com/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21",
       "/responses", "https://res.openai.azure.com/openai/v1, and name the deployment 'my-gpt' as the model"},
      {"openai", "https://res.cognitiveservices.azure.com/openai/deployments/d/chat/completions?api-version=1",
       "/responses", "deployment 'd'"},
  };
  for (const Row& row : rows) {
    const auto url = url_of(row);
    ASSERT_FALSE(url) << row.base_url;
    EXPECT_EQ(url.error().kind, ErrorKind::not_configured);
    EXPECT_NE(url.error().message.find(row.url), std::string::npos) << url.error().message;
    EXPECT_EQ(url.error().message.find("api-version"), std::string::npos) << url.error().message;
  }
  EXPECT_EQ(url_of({"azure_openai", "https://res.openai.azure.com/openai/v1/", "/responses", ""}).value(),
            "https://res.openai.azure.com/openai/v1/responses");
}

TEST(Endpoint, APathMayBeBesideTheVersion) {
  const Provider provider;
  for (const char* base : {"http://h:1", "http://h:1/", "http://h:1/v1", "http://h:1/v1/"})
    EXPECT_EQ(endpoint(provider, Options().base_url(base), "/../props").value_or(""), "http://h:1/props") << base;
  EXPECT_EQ(endpoint(provider, Options().base_url("http://h/a/v1?k=2"), "/../props?model=m").value_or(""),
            "http://h/a/props?model=m&k=2");
}

TEST(Endpoint, KeepsTheQueryOfABaseUrlAtTheEnd) {
  EXPECT_EQ(url_of({"openai", "https://h/v1?a=1", "/responses", ""}).value(), "https://h/v1/responses?a=1");
  EXPECT_EQ(url_of({"openai", "https://h/v1/responses?a=1&b=2", "/responses", ""}).value(),
            "https://h/v1/responses?a=1&b=2");
  EXPECT_EQ(url_of({"anthropic", "https://h?a=1", "/v1/models?after_id=x", ""}).value(),
            "https://h/v1/models?after_id=x&a=1");
  EXPECT_EQ(url_of({"openai", "https://h/v1?", "/responses", ""}).value(), "https://h/v1/responses");
}

TEST(Endpoint, ShowsNoSecretOfABaseUrlThatItRefuses) {
  for (const char* base_url : {"https://h/v1?key=hush#", "https://h/v1#hush", "https://me:hush@h/v1", "me:hush@h/v1",
                               "http://me:hu#hush@h/v1", "http://me:hush/x@h", "ftp://me:hush@h", "http://h /?hush"}) {
    const auto url = url_of({"openai", base_url, "/responses", ""});
    ASSERT_FALSE(url) << base_url;
    EXPECT_EQ(url.error().kind, ErrorKind::not_configured);
    EXPECT_EQ(url.error().message.find("hu"), std::string::npos) << url.error().message;
  }
}

TEST(Endpoint, APathOfAProviderCannotChangeTheHost) {
  Provider provider;
  provider.name = "mine";
  provider.base_url = "https://h.example";
  provider.path = [](std::string_view, const Options&) { return std::string("@evil.example/v1"); };
  const auto url = endpoint(provider, {}, "/chat");
  ASSERT_FALSE(url) << *url;
  EXPECT_EQ(url.error().kind, ErrorKind::invalid_argument);
  provider.path = [](std::string_view, const Options&) { return std::string(); };
  EXPECT_EQ(*endpoint(provider, {}, "/chat"), "https://h.example") << "the base URL may be the whole address";
}

TEST(Endpoint, AProviderWithoutAHeaderForTheKeySendsNone) {
  Provider provider;
  provider.name = "mine";
  provider.base_url = "https://h.example";
  provider.key_header.clear();
  const auto request = address(provider, Options().api_key("secret-key"), HttpRequest());
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_TRUE(request->headers.empty());
}

std::string explained(int status, const char* url) {
  HttpRequest request;
  request.url = url;
  Error error(ErrorKind::not_found, "no");
  error.http_status = status;
  explain_address(request, error);
  return error.message;
}

TEST(Endpoint, ExplainsWhatIsWrongWithAnAddress) {
  EXPECT_EQ(explained(404, "http://h/v1/chat/completions?key=hush"), "no: POST http://h/v1/chat/completions?…");
  EXPECT_NE(explained(404, "http://h/v1/v1/messages").find("has /v1 twice"), std::string::npos);
  EXPECT_NE(explained(405, "http://h/chat/completions/chat/completions").find("has /chat/completions twice"),
            std::string::npos);
  EXPECT_NE(explained(404, "http://h:8000/chat/completions").find("http://h:8000/v1"), std::string::npos);
  EXPECT_NE(explained(404, "http://h/v1/api/chat").find("take /v1 out"), std::string::npos);
  EXPECT_NE(explained(308, "http://h/v1/responses").find("POST http://h/v1/responses"), std::string::npos);
  EXPECT_NE(explained(404, "http://h/v1/responses").find("--protocol openai_chat"), std::string::npos);
  EXPECT_EQ(explained(400, "http://h/v1/v1/messages"), "no");
  EXPECT_EQ(explained(404, "http://h/v1x/v1/messages").find("twice"), std::string::npos);
}

}  // namespace
}  // namespace abstractllm
