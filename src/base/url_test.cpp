// SPDX-License-Identifier: Apache-2.0
#include "base/url.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace abstractllm {
namespace {

using Rows = std::pair<const char*, const char*>;

TEST(Url, LocationsAreResolved) {
  const char* base = "https://a.example/x/y/z.png?q=1#f";
  const Rows rows[] = {{"http://b.example/", "http://b.example/"},
                       {"//b.example/p", "https://b.example/p"},
                       {"/p", "https://a.example/p"},
                       {"p.png", "https://a.example/x/y/p.png"},
                       {"?r=2", "https://a.example/x/y/z.png?r=2"},
                       {"/p?u=http://c", "https://a.example/p?u=http://c"}};
  for (const auto& [location, expected] : rows) EXPECT_EQ(resolve_url(base, location), expected) << location;
  EXPECT_EQ(resolve_url("http://a.example", "p"), "http://a.example/p");
}

TEST(Url, TheHostIsWhoLibcurlConnectsTo) {
  const Rows rows[] = {{"http://Example.COM:80/x", "example.com"},
                       {"https://user:pw@h.example/x@y", "h.example"},
                       {"http://[::1]:8080/x", "::1"},
                       {"http://h?x@evil", "h"},
                       {"http://h#@evil", "h"},
                       {"http://good.example\\@evil.example/", "evil.example"},
                       {"good.example/x", "good.example"},
                       {"http://[::1", "::1"},
                       {"http://", ""},
                       {"", ""}};
  for (const auto& [url, host] : rows) EXPECT_EQ(host_of(url), host) << url;
}

TEST(Url, TheOriginHasNoPassword) {
  const Rows rows[] = {{"https://h.example:8443/v1?x", "https://h.example:8443"},
                       {"https://user:pw@h.example/v1", "https://h.example"},
                       {"http://h.example", "http://h.example"}};
  for (const auto& [url, origin] : rows) EXPECT_EQ(origin_of(url), origin) << url;
  EXPECT_TRUE(has_user("https://user@h.example/"));
  EXPECT_TRUE(has_user("https://@h.example/"));
  EXPECT_FALSE(has_user("https://h.example/user@x"));
}

TEST(Url, WhatIsShownHoldsNoSecrets) {
  const Rows rows[] = {{"https://user:pw@h.example:1/a/b.png?signature=x#y", "https://h.example:1/a/b.png?…"},
                       {"https://h.example/a.png", "https://h.example/a.png"},
                       {"https://h.example", "https://h.example"},
                       {"https://pw@h.example?token", "https://h.example?…"},
                       {"http:/user:pw@h.example/v1", "…@h.example/v1"},
                       {"htp:/user:p/w@h.example/v1", "…@h.example/v1"}};
  for (const auto& [url, shown] : rows) EXPECT_EQ(shown_url(url), shown) << url;
}

TEST(Url, HttpIsKnownInAnyCase) {
  for (const char* url : {"http://h", "HTTPS://h", "hTtP://h"}) EXPECT_TRUE(is_http_url(url)) << url;
  for (const char* url : {"http:/h", "httpx://h", "ftp://h", "https:", "h", ""}) EXPECT_FALSE(is_http_url(url)) << url;
}

TEST(Url, NamesTheSameServerBySchemeHostAndPort) {
  EXPECT_TRUE(same_server("http://localhost:11434/a.png", "http://LOCALHOST:11434"));
  EXPECT_TRUE(same_server("http://host/a.png", "HTTP://host:80/v1"));
  EXPECT_TRUE(same_server("https://host:443/a.png", "https://host"));
  EXPECT_TRUE(same_server("http://[::1]:8080/a.png", "http://[::1]:8080/v1"));
  EXPECT_TRUE(same_server("http://user@host:8080/a.png", "http://host:8080"));
  EXPECT_FALSE(same_server("http://localhost:22/a.png", "http://localhost:11434"));
  EXPECT_FALSE(same_server("http://localhost/a.png", "http://localhost:11434"));
  EXPECT_FALSE(same_server("https://host/a.png", "http://host"));
  EXPECT_FALSE(same_server("https://host:80/a.png", "http://host:80"));
  EXPECT_FALSE(same_server("http://host.other/a.png", "http://host"));
  EXPECT_FALSE(same_server("http://host@other:80/a.png", "http://host:80"));
  EXPECT_FALSE(same_server("http://[::1]:1/a.png", "http://[::1]:2/v1"));
}

TEST(Url, NamesNoServerThatCannotBeRead) {
  EXPECT_FALSE(same_server("http://host:x/a.png", "http://host:x"));
  EXPECT_FALSE(same_server("http://host:99999999999/a.png", "http://host:99999999999"));
  EXPECT_FALSE(same_server("local://llama.cpp/v1", "local://llama.cpp/v1"));
  EXPECT_FALSE(same_server("", ""));
  EXPECT_FALSE(same_server("http:///a.png", "http:///b.png"));
}

}  // namespace
}  // namespace abstractllm
