// SPDX-License-Identifier: Apache-2.0
#include "protocols/model_listing.hpp"

#include <gtest/gtest.h>

namespace abstractllm {
namespace {

ModelPage page_of(std::string_view body) {
  const auto page = read_model_listing(body);
  EXPECT_TRUE(page) << page.error().message;
  return page.value_or(ModelPage());
}

std::vector<std::string> ids_of(const ModelPage& page) {
  std::vector<std::string> ids;
  for (const ModelInfo& model : page.models) ids.push_back(model.id);
  return ids;
}

TEST(ModelListing, LeavesOutWhatHasNoName) {
  EXPECT_EQ(ids_of(page_of(R"([[], 1, null, {"id": 5}, {}, {"id": ""}, {"id": "a"}])")), std::vector<std::string>{"a"});
}

TEST(ModelListing, TakesNoCountThatCannotBeOne) {
  const ModelPage page = page_of(R"({"data":[{"id":"a","size":18446744073709551615,"context_length":-5},)"
                                 R"({"id":"b","size":9223372036854775807,"context_length":0}]})");
  ASSERT_EQ(page.models.size(), 2U);
  EXPECT_EQ(page.models[0].size_bytes, std::nullopt);
  EXPECT_EQ(page.models[0].context_tokens, std::nullopt);
  EXPECT_EQ(page.models[1].size_bytes, 9223372036854775807);
  EXPECT_EQ(page.models[1].context_tokens, 0);
}

TEST(ModelListing, NamesItsNextPage) {
  EXPECT_EQ(page_of(R"({"data":[{"id":"a"}],"has_more":true,"last_id":"x"})").next_page, "x");
  EXPECT_EQ(page_of(R"({"data":[{"id":"a"}],"has_more":true})").next_page, "a") << "as OpenAI counts on";
  EXPECT_EQ(page_of(R"({"data":[{"id":"a"}],"has_more":false,"last_id":"x"})").next_page, "");
  EXPECT_EQ(page_of(R"({"data":[{"id":"a"}]})").next_page, "");
}

TEST(ModelListing, IsAnErrorIfItsNextPageCannotBeAskedFor) {
  const std::string long_name(5000, 'z');
  for (const std::string& body : {std::string(R"({"data":[],"has_more":true})"),
                                  R"({"data":[{"id":"a"}],"has_more":true,"last_id":")" + long_name + "\"}"}) {
    const auto page = read_model_listing(body);
    ASSERT_FALSE(page) << body;
    EXPECT_EQ(page.error().kind, ErrorKind::protocol);
  }
}

TEST(ModelListing, AnErrorWithStatus200KeepsTheServersWords) {
  constexpr std::string_view body =
      R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded today"}})";
  for (const Error& error :
       {read_model_listing(body).error(), read_capabilities(body).error(), read_token_count(body).error()}) {
    EXPECT_EQ(error.kind, ErrorKind::unavailable);
    EXPECT_EQ(error.provider_message, "Overloaded today");
  }
  EXPECT_EQ(read_model_listing(R"({"data":{"a":1}})").error().message, "the listing of models holds no list");
  EXPECT_EQ(read_capabilities(R"({"error":null,"capabilities":["vision"]})")->vision, true);
}

TEST(TokenCount, IsAWholeNumberThatFits) {
  EXPECT_EQ(*read_token_count(R"({"input_tokens":42})"), 42);
  for (const char* count : {"-5", "18446744073709551615", "9223372036854775808", "99999999999999999999999", "\"5\"",
                            "1e3", "5.5", "null"}) {
    const auto read = read_token_count("{\"input_tokens\":" + std::string(count) + "}");
    ASSERT_FALSE(read) << count;
    EXPECT_EQ(read.error().kind, ErrorKind::protocol);
  }
}

}  // namespace
}  // namespace abstractllm
