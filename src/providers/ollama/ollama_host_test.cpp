// SPDX-License-Identifier: Apache-2.0
#include "providers/ollama/ollama_host.hpp"

#include <gtest/gtest.h>

namespace abstractllm {
namespace {

TEST(OllamaHost, IsReadAsOllamasOwnClientsReadIt) {
  const std::pair<const char*, const char*> rows[] = {
      {"localhost", "http://localhost:11434"},
      {"example.com:56789", "http://example.com:56789"},
      {":56789", "http://127.0.0.1:56789"},
      {"", "http://127.0.0.1:11434"},
      {"http://example.com", "http://example.com"},
      {"https://example.com:56789/path", "https://example.com:56789/path"},
      {"example.com/path", "http://example.com:11434/path"},
      {"example.com:56789/path", "http://example.com:56789/path"},
      {"[0001:002:003:0004::1]", "http://[0001:002:003:0004::1]:11434"},
      {"[::1]:56789", "http://[::1]:56789"},
      {"::1", "http://[::1]:11434"},
      {"0.0.0.0", "http://0.0.0.0:11434"},
  };
  for (const auto& [host, url] : rows) EXPECT_EQ(ollama_base_url(host), url) << host;
}

}  // namespace
}  // namespace abstractllm
