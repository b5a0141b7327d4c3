// SPDX-License-Identifier: Apache-2.0
#include "core/media_inquiry.hpp"

#include <gtest/gtest.h>

#include "exchange/exchange.hpp"

namespace abstractllm {
namespace {

const TimePoint start{std::chrono::hours(1)};

HttpHead head(int status, std::string location = {}) {
  HttpHead made;
  made.status = status;
  if (!location.empty()) made.headers.emplace_back("Location", std::move(location));
  return made;
}

class NoTransport final : public Transport {
 public:
  Result<std::unique_ptr<Channel>> open(std::shared_ptr<const HttpRequest>) override {
    return Error(ErrorKind::internal, "not for this test");
  }
};

/// Fetches "http://a/x", at most 10 bytes. The test is its driver.
class MediaInquiryTest : public ::testing::Test {
 protected:
  MediaInquiryTest() {
    policy.max_redirects = MediaInquiry::most_redirects;
    policy.max_retries = 0;
  }
  Exchange begun() {
    Exchange exchange(inquiry, policy, [] { return 0.5; });
    (void)exchange.resume(Proceed{}, start);
    return exchange;
  }

  Policy policy;
  std::shared_ptr<Transport> own = std::make_shared<NoTransport>();
  std::shared_ptr<Transport> to_public = std::make_shared<NoTransport>();
  std::shared_ptr<MediaInquiry> inquiry =
      std::make_shared<MediaInquiry>(MediaKind::image, "http://a/x", own, to_public, 10);
};

TEST_F(MediaInquiryTest, CollectsTheBody) {
  Exchange x = begun();
  EXPECT_EQ(inquiry->request()->method, "GET");
  EXPECT_EQ(inquiry->transport(), own);
  (void)x.resume(head(200), start);
  (void)x.resume(BodyBytes{"abc"}, start);
  (void)x.resume(BodyBytes{"def"}, start);
  EXPECT_EQ(x.resume(BodyEnd{}, start).kind, Action::Kind::done);
  EXPECT_FALSE(x.error());
  EXPECT_EQ(inquiry->take_bytes(), "abcdef");
}

TEST_F(MediaInquiryTest, FollowsAFewRedirectsToPublicAddresses) {
  Exchange x = begun();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(x.resume(head(302, "/" + std::to_string(i)), start).kind, Action::Kind::open);
  EXPECT_EQ(inquiry->request()->url, "http://a/4");
  EXPECT_EQ(inquiry->transport(), to_public) << "a redirect is a stranger's word";
  EXPECT_EQ(x.resume(head(307, "/6"), start).kind, Action::Kind::done);
  ASSERT_TRUE(x.error());
  EXPECT_NE(x.error()->message.find("more than 5 redirects"), std::string::npos);
}

TEST_F(MediaInquiryTest, AnotherAttemptBeginsWhereTheFirstDid) {
  policy.max_retries = 1;
  Exchange x = begun();
  (void)x.resume(head(302, "http://b/y"), start);
  EXPECT_EQ(x.resume(Error(ErrorKind::network, "reset"), start).kind, Action::Kind::sleep);
  EXPECT_EQ(x.resume(DeadlinePassed{}, start).kind, Action::Kind::open);
  EXPECT_EQ(inquiry->request()->url, "http://a/x");
  EXPECT_EQ(inquiry->transport(), own);
}

TEST_F(MediaInquiryTest, RefusesWhereItMustNotGo) {
  for (const char* location : {"file:///etc/passwd", "gopher://a/", "data:image/png;base64,AA==", "http://user@b/"}) {
    Exchange x = begun();
    (void)x.resume(head(301, location), start);
    ASSERT_TRUE(x.error()) << location;
    EXPECT_EQ(x.error()->kind, ErrorKind::protocol) << location;
  }
}

TEST_F(MediaInquiryTest, SaysWhatTheServerSays) {
  const std::pair<int, ErrorKind> rows[] = {{404, ErrorKind::invalid_argument}, {401, ErrorKind::invalid_argument},
                                            {403, ErrorKind::invalid_argument}, {429, ErrorKind::rate_limited},
                                            {503, ErrorKind::unavailable},      {408, ErrorKind::unavailable},
                                            {425, ErrorKind::unavailable},      {204, ErrorKind::invalid_argument}};
  for (const auto& [status, kind] : rows) {
    Exchange x = begun();
    (void)x.resume(head(status), start);
    (void)x.resume(BodyEnd{}, start);
    ASSERT_TRUE(x.error()) << status;
    EXPECT_EQ(x.error()->kind, kind) << status;
    EXPECT_NE(x.error()->message.find(std::to_string(status)), std::string::npos);
  }
}

TEST_F(MediaInquiryTest, WaitsAsLongAsTheServerAsks) {
  policy.max_retries = 1;
  Exchange x = begun();
  HttpHead busy = head(429);
  busy.headers.emplace_back("Retry-After", "7");
  (void)x.resume(busy, start);
  const Action action = x.resume(BodyEnd{}, start);
  EXPECT_EQ(action.kind, Action::Kind::sleep);
  EXPECT_EQ(action.deadline, start + std::chrono::seconds(7));
}

TEST_F(MediaInquiryTest, StopsWhereItIsTooLarge) {
  Exchange x = begun();
  (void)x.resume(head(200), start);
  (void)x.resume(BodyBytes{"0123456789"}, start);
  EXPECT_FALSE(x.error());
  (void)x.resume(BodyBytes{"0"}, start);
  ASSERT_TRUE(x.error());
  EXPECT_EQ(x.error()->kind, ErrorKind::invalid_argument);
  EXPECT_NE(x.error()->message.find("more than 10 bytes (option max_image_bytes)"), std::string::npos);
}

}  // namespace
}  // namespace abstractllm
