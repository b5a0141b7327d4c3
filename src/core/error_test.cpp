// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/error.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "abstractllm/response.hpp"

namespace abstractllm {
namespace {

TEST(Error, KnowsWhatHadBeenCounted) {
  Error error(ErrorKind::network, "broken");
  EXPECT_EQ(error.usage(), Usage());
  Response response;
  response.usage.output_tokens = 7;
  error.partial = std::make_shared<const Response>(response);
  EXPECT_EQ(error.usage().output_tokens, TokenCount(7));
}

}  // namespace
}  // namespace abstractllm
