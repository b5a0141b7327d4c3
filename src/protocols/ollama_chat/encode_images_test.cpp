// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "abstractllm/registry.hpp"
#include "base/json.hpp"
#include "protocols/encode_testing.hpp"

namespace abstractllm {
namespace {

TEST(OllamaChatEncode, ImagesStandBesideTheTextWithMarksInTheirPlaces) {
  Request request = encode_testing::with_three_images();
  request.images[0] = request.images[1];
  request.images[0].base64 = "QQ==";
  request.images[0].detail = "low";
  const EncodedRequest encoded = protocol("ollama_chat")->encode(request).value();
  const Json messages = Json::parse(encoded.http.body)["messages"];
  EXPECT_EQ(messages[0]["content"], "Compare[img]with[img]please.");
  EXPECT_EQ(messages[0]["images"], Json::parse(R"(["QQ==", "Qg=="])"));
  EXPECT_EQ(messages[1], Json::parse(R"({"role": "assistant", "content": "Both are cats."})"));
  EXPECT_EQ(messages[2]["content"], "");
  EXPECT_EQ(messages[2]["images"], Json::parse(R"(["Qw=="])"));
  EXPECT_EQ(encoded.warnings.size(), 1u);
}

TEST(OllamaChatEncode, ImagesBeforeTheTextNeedNoMarks) {
  Request request = encode_testing::with_three_images();
  request.messages = {Message::user({Image::bytes("b"), std::string("What is this?")})};
  request.images = {request.images[1]};
  const Json body = Json::parse(protocol("ollama_chat")->encode(request).value().http.body);
  EXPECT_EQ(body["messages"][0]["content"], "What is this?");
}

}  // namespace
}  // namespace abstractllm
