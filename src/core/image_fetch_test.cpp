// SPDX-License-Identifier: Apache-2.0
#include "core/image_fetch.hpp"

#include <gtest/gtest.h>

namespace abstractllm {
namespace {

HttpHead head(int status, std::string location = {}) {
  HttpHead made;
  made.status = status;
  if (!location.empty()) made.headers.emplace_back("Location", std::move(location));
  return made;
}

ImageFetch fetch_of(const char* url) { return {url, "image 1", 10}; }

TEST(ImageFetch, CollectsTheBody) {
  ImageFetch fetch = fetch_of("http://a/x");
  EXPECT_EQ(fetch.request()->method, "GET");
  EXPECT_EQ(*fetch.take(head(200)), ImageFetch::Next::read);
  EXPECT_EQ(*fetch.take(BodyBytes{"abc"}), ImageFetch::Next::read);
  EXPECT_EQ(*fetch.take(BodyBytes{"def"}), ImageFetch::Next::read);
  EXPECT_EQ(*fetch.take(BodyEnd{}), ImageFetch::Next::done);
  EXPECT_EQ(fetch.take_bytes(), "abcdef");
}

TEST(ImageFetch, FollowsAFewRedirects) {
  ImageFetch fetch = fetch_of("http://a/x");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(*fetch.take(head(302, "/" + std::to_string(i))), ImageFetch::Next::open);
  EXPECT_EQ(fetch.url(), "http://a/4");
  const auto sixth = fetch.take(head(307, "/6"));
  ASSERT_FALSE(sixth);
  EXPECT_NE(sixth.error().message.find("more than 5 redirects"), std::string::npos);
}

TEST(ImageFetch, RefusesWhereItMustNotGo) {
  for (const char* location : {"file:///etc/passwd", "gopher://a/", "data:image/png;base64,AA=="}) {
    ImageFetch fetch = fetch_of("http://a/x");
    const auto next = fetch.take(head(301, location));
    ASSERT_FALSE(next) << location;
    EXPECT_EQ(next.error().kind, ErrorKind::invalid_argument);
  }
}

TEST(ImageFetch, SaysWhatTheServerSays) {
  const std::pair<int, ErrorKind> rows[] = {{404, ErrorKind::invalid_argument}, {403, ErrorKind::invalid_argument},
                                            {302, ErrorKind::invalid_argument}, {429, ErrorKind::rate_limited},
                                            {503, ErrorKind::unavailable},      {204, ErrorKind::invalid_argument}};
  for (const auto& [status, kind] : rows) {
    ImageFetch fetch = fetch_of("http://a/x");
    const auto next = fetch.take(head(status));
    ASSERT_FALSE(next) << status;
    EXPECT_EQ(next.error().kind, kind) << status;
    EXPECT_NE(next.error().message.find("image 1 cannot be fetched"), std::string::npos);
  }
}

TEST(ImageFetch, StopsWhereItIsTooLarge) {
  ImageFetch fetch = fetch_of("http://a/x");
  ASSERT_TRUE(fetch.take(head(200)));
  ASSERT_TRUE(fetch.take(BodyBytes{"0123456789"}));
  const auto next = fetch.take(BodyBytes{"0"});
  ASSERT_FALSE(next);
  EXPECT_NE(next.error().message.find("more than 10 bytes (option max_image_bytes)"), std::string::npos);
}

}  // namespace
}  // namespace abstractllm
