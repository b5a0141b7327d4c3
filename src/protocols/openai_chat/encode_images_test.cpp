// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "abstractllm/registry.hpp"
#include "base/json.hpp"
#include "protocols/encode_testing.hpp"

namespace abstractllm {
namespace {

TEST(OpenaiChatEncode, ImagesStandAmongTheTextInOrder) {
  const EncodedRequest encoded = protocol("openai_chat")->encode(encode_testing::with_three_images()).value();
  const Json messages = Json::parse(encoded.http.body)["messages"];
  EXPECT_EQ(messages[0]["content"], Json::parse(R"([
    {"type": "text", "text": "Compare"},
    {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
    {"type": "text", "text": "with"},
    {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,Qg=="}},
    {"type": "text", "text": "please."}])"));
  EXPECT_EQ(messages[1]["content"], "Both are cats.");
  EXPECT_EQ(messages[2]["content"],
            Json::parse(R"([{"type": "image_url", "image_url": {"url": "data:image/png;base64,Qw=="}}])"));
  EXPECT_TRUE(encoded.warnings.empty());
}

}  // namespace
}  // namespace abstractllm
