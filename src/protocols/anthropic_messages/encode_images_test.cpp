// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "abstractllm/registry.hpp"
#include "base/json.hpp"
#include "protocols/encode_testing.hpp"

namespace abstractllm {
namespace {

TEST(AnthropicMessagesEncode, ImagesStandAmongTheTextInOrder) {
  const EncodedRequest encoded = protocol("anthropic_messages")->encode(encode_testing::with_three_images()).value();
  const Json messages = Json::parse(encoded.http.body)["messages"];
  EXPECT_EQ(messages[0]["content"], Json::parse(R"([
    {"type": "text", "text": "Compare"},
    {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
    {"type": "text", "text": "with"},
    {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "Qg=="}},
    {"type": "text", "text": "please."}])"));
  EXPECT_EQ(messages[2]["content"], Json::parse(R"([
    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "Qw=="}}])"));
  ASSERT_EQ(encoded.warnings.size(), 1u);
  EXPECT_NE(encoded.warnings[0].message.find("detail of an image"), std::string::npos);
}

}  // namespace
}  // namespace abstractllm
