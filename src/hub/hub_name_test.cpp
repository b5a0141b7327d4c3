// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "abstractllm/hub.hpp"
#include "base/url.hpp"
#include "hub/hub_client.hpp"
#include "hub/safe_path.hpp"

namespace abstractllm {
namespace {

TEST(HubName, ReadsWhatItWrites) {
  for (const char* text :
       {"org/name", "org/name:Q4_K_M", "org/name:UD-IQ1_S@v1.0", "org/name/a/b c/file.gguf", "org/name@refs/pr/1",
        "o/n.a-m_e/f-00001-of-00002.gguf@0123456789abcdef0123456789abcdef01234567"}) {
    const auto name = parse_hub_name(text);
    ASSERT_TRUE(name) << text;
    EXPECT_EQ(to_string(*name), text);
  }
  const auto name = parse_hub_name("org/name:Q8_0@dev");
  EXPECT_EQ(name->repo, "org/name");
  EXPECT_EQ(name->quant, "Q8_0");
  EXPECT_EQ(name->revision, "dev");
  EXPECT_EQ(parse_hub_name("org/name")->revision, "main");
}

TEST(HubName, RefusesWhatTheHubWould) {
  const std::string long_name = "org/" + std::string(100, 'x');
  for (const std::string& text :
       {std::string(), std::string("name"), std::string("/name"), std::string("org/"), std::string("org/-a"),
        std::string("org/a."), std::string("org/a..b"), std::string("org/a--b"), std::string("org/a.git"),
        std::string("org/a b"), std::string("org/a\n"), std::string("org/a%2e"), std::string("org/a@"),
        std::string("org/a@.."), std::string("org/a@b/../c"), long_name}) {
    const auto name = parse_hub_name(text);
    ASSERT_FALSE(name) << text;
    EXPECT_EQ(name.error().kind, ErrorKind::invalid_argument);
  }
}

TEST(SafePath, StaysWithinItsFolder) {
  for (const char* safe : {"a", "a/b.gguf", "..a", "a..", "a b", ".hidden", "\xC3\xA4"})
    EXPECT_TRUE(is_safe_path(safe)) << safe;
  for (const std::string_view odd :
       {std::string_view(""), std::string_view("/a"), std::string_view("a/"), std::string_view("a//b"),
        std::string_view("."), std::string_view("a/./b"), std::string_view(".."), std::string_view("a/../b"),
        std::string_view("a\\b"), std::string_view("C:"), std::string_view("a\0b", 3), std::string_view("a\nb")})
    EXPECT_FALSE(is_safe_path(odd)) << odd;
  EXPECT_FALSE(is_safe_path(std::string(300, 'a')));
}

TEST(HexId, IsACommitOrAChecksum) {
  EXPECT_TRUE(is_hex_id(std::string(40, 'a')));
  EXPECT_TRUE(is_hex_id(std::string(64, '0')));
  for (const std::string& odd :
       {std::string(39, 'a'), std::string(41, 'a'), std::string(40, 'A'), std::string(40, 'g')})
    EXPECT_FALSE(is_hex_id(odd)) << odd;
}

TEST(HubUrl, IsEncoded) {
  EXPECT_EQ(url_encoded("refs/pr/1", false), "refs%2Fpr%2F1");
  EXPECT_EQ(url_encoded("a b/c#d?\xC3\xA4.gguf", true), "a%20b/c%23d%3F%C3%A4.gguf");
}

TEST(HubEtag, IsBare) {
  EXPECT_EQ(bare_etag("W/\"abc\""), "abc");
  EXPECT_EQ(bare_etag("\"abc\""), "abc");
  EXPECT_EQ(bare_etag("abc"), "abc");
  EXPECT_EQ(bare_etag("\""), "\"");
}

}  // namespace
}  // namespace abstractllm
