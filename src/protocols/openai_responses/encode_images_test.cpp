// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "abstractllm/registry.hpp"
#include "base/json.hpp"
#include "protocols/encode_testing.hpp"

namespace abstractllm {
namespace {

TEST(OpenaiResponsesEncode, ImagesStandAmongTheTextInOrder) {
  const EncodedRequest encoded = protocol("openai_responses")->encode(encode_testing::with_three_images()).value();
  const Json input = Json::parse(encoded.http.body)["input"];
  EXPECT_EQ(input[0]["content"], Json::parse(R"([
    {"type": "input_text", "text": "Compare"},
    {"type": "input_image", "image_url": "https://example.com/a.png", "detail": "low"},
    {"type": "input_text", "text": "with"},
    {"type": "input_image", "image_url": "data:image/jpeg;base64,Qg=="},
    {"type": "input_text", "text": "please."}])"));
  EXPECT_EQ(input[2]["content"],
            Json::parse(R"([{"type": "input_image", "image_url": "data:image/png;base64,Qw=="}])"));
  EXPECT_TRUE(encoded.warnings.empty());
}

}  // namespace
}  // namespace abstractllm
