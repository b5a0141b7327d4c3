// SPDX-License-Identifier: Apache-2.0
#include "core/merge.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/endpoint.hpp"
#include "core/prepare.hpp"
#include "providers/registry.hpp"

namespace abstractllm {
namespace {

/// Sets variables of this process and restores them at the end.
class Variables {
 public:
  ~Variables() {
    for (const std::string& name : names_) unsetenv(name.c_str());
  }
  void set(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), 1);
    names_.push_back(name);
  }

 private:
  std::vector<std::string> names_;
};

std::vector<std::string> headers_of(const std::string& provider, const Options& call = {}) {
  const auto found = find_provider(provider).value();
  const Options options = call.over(instance_options(*found, {}).value());
  HttpRequest request;
  add_credentials(*found, options, request);
  std::vector<std::string> headers;
  for (const HttpHeader& header : request.headers) {
    EXPECT_TRUE(header.secret) << header.name;
    headers.push_back(header.name + ": " + header.value);
  }
  return headers;
}

std::string base_url_of(const std::string& provider) {
  return instance_options(*find_provider(provider).value(), {})->base_url().value_or("");
}

TEST(Environment, HoldsTheTokenThatAnthropicsSdkReads) {
  Variables variables;
  const auto anthropic = find_provider("anthropic").value();
  const auto refused = check_key(*anthropic, instance_options(*anthropic, {}).value());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN"), std::string::npos);
  variables.set("ANTHROPIC_AUTH_TOKEN", "tok-1\n");
  EXPECT_EQ(headers_of("anthropic"), std::vector<std::string>{"Authorization: Bearer tok-1"});
  EXPECT_TRUE(check_key(*anthropic, instance_options(*anthropic, {}).value()));
  variables.set("ANTHROPIC_API_KEY", "sk-1");
  EXPECT_EQ(headers_of("anthropic"), (std::vector<std::string>{"x-api-key: sk-1", "Authorization: Bearer tok-1"}));
  EXPECT_EQ(headers_of("anthropic", Options().extra_headers({{"authorization", "Bearer mine"}})),
            (std::vector<std::string>{"x-api-key: sk-1", "authorization: Bearer mine"}));
}

TEST(Environment, HoldsTheOrganizationAndProjectThatOpenaisSdkReads) {
  Variables variables;
  variables.set("OPENAI_API_KEY", "sk-1");
  variables.set("OPENAI_ORG_ID", "org-1");
  variables.set("OPENAI_PROJECT_ID", "proj_1");
  const std::vector<std::string> expected = {"Authorization: Bearer sk-1", "OpenAI-Organization: org-1",
                                             "OpenAI-Project: proj_1"};
  EXPECT_EQ(headers_of("openai"), expected);
  // A call that adds a header keeps the others.
  EXPECT_EQ(headers_of("openai", Options().extra_headers({{"X-Trace", "7"}})).size(), 4U);
  EXPECT_EQ(headers_of("groq"), std::vector<std::string>{}) << "nobody else's business";
}

TEST(Environment, HoldsTheEndpointThatTheSdkForAzureReads) {
  const std::pair<const char*, const char*> rows[] = {
      {"https://res.openai.azure.com/", "https://res.openai.azure.com/openai/v1"},
      {"\"https://res.openai.azure.com\"\n", "https://res.openai.azure.com/openai/v1"},
      {"https://res.openai.azure.com/openai", "https://res.openai.azure.com/openai/v1"},
      {"https://res.openai.azure.com/openai/v1/", "https://res.openai.azure.com/openai/v1"},
      {"https://gateway/x", "https://gateway/x/openai/v1"},
  };
  for (const auto& [endpoint, base_url] : rows) {
    Variables variables;
    variables.set("AZURE_OPENAI_ENDPOINT", endpoint);
    EXPECT_EQ(base_url_of("azure_openai"), base_url) << endpoint;
  }
  Variables variables;
  variables.set("AZURE_OPENAI_ENDPOINT", "https://res.openai.azure.com");
  variables.set("AZURE_OPENAI_BASE_URL", "https://other/openai/v1");
  EXPECT_EQ(base_url_of("azure_openai"), "https://other/openai/v1") << "the more exact one wins";
}

TEST(Environment, IsReadWithoutWhatShellsAndFilesLeaveAroundAnAddress) {
  const std::pair<const char*, const char*> rows[] = {
      {" example.com:56789 ", "http://example.com:56789"}, {"\"example.com\"", "http://example.com:11434"},
      {"'example.com'\n", "http://example.com:11434"},     {"example.com\r\n", "http://example.com:11434"},
      {" \" example.com \" ", "http://example.com:11434"}, {" \n", "http://127.0.0.1:11434"},
  };
  for (const auto& [host, url] : rows) {
    Variables variables;
    variables.set("OLLAMA_HOST", host);
    const auto ollama = find_provider("ollama").value();
    EXPECT_EQ(endpoint(*ollama, instance_options(*ollama, {}).value(), "").value(), url) << host;
  }
  Variables variables;
  variables.set("OPENAI_BASE_URL", "'http://h/v1'\n");
  EXPECT_EQ(base_url_of("openai"), "http://h/v1");
}

TEST(Environment, NamesTheVariableWhoseTokenCannotBeOne) {
  Variables variables;
  variables.set("ANTHROPIC_AUTH_TOKEN", "tok\nEvil: 1");
  const auto options = instance_options(*find_provider("anthropic").value(), {});
  ASSERT_FALSE(options);
  EXPECT_NE(options.error().message.find("ANTHROPIC_AUTH_TOKEN"), std::string::npos);
  EXPECT_EQ(options.error().message.find("Evil"), std::string::npos);
}

}  // namespace
}  // namespace abstractllm
