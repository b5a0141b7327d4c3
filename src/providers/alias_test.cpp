// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "abstractllm/llm.hpp"
#include "abstractllm/registry.hpp"
#include "providers/registry.hpp"

namespace abstractllm {
namespace {

TEST(Alias, IsTakenWhereverAProviderIsNamed) {
  EXPECT_EQ(find_provider("local").value()->name, "huggingface");
  const auto model = create_llm("local");
  // Without the engine the error says so.
  EXPECT_EQ(model ? model->provider() : model.error().provider, "huggingface");
  EXPECT_TRUE(model || model.error().kind == ErrorKind::not_configured);
  const auto by_alias = list_models("local");
  const auto by_name = list_models("huggingface");
  EXPECT_EQ(by_alias.transform(&std::vector<ModelInfo>::size).value_or(0),
            by_name.transform(&std::vector<ModelInfo>::size).value_or(0));
  EXPECT_EQ(by_alias.has_value(), by_name.has_value());
}

TEST(Alias, IsListedInErrorsOnly) {
  const auto names = provider_names();
  EXPECT_EQ(std::count(names.begin(), names.end(), "huggingface"), 1);
  EXPECT_EQ(std::count(names.begin(), names.end(), "local"), 0);
  const auto unknown = create_llm("locall");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("did you mean 'local'?"), std::string::npos) << unknown.error().message;
  EXPECT_NE(unknown.error().message.find("(known: huggingface, local, openai"), std::string::npos);
}

TEST(Alias, IsNoNameForAProviderOfOnesOwn) {
  Provider provider;
  provider.name = "local";
  provider.protocols = {protocol("openai_chat")};
  provider.base_url = "http://here.invalid";
  const auto taken = register_provider(provider);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().message, "there is a provider 'local' already");
}

}  // namespace
}  // namespace abstractllm
