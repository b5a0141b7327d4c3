// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "abstractllm/batch.hpp"
#include "base/base64.hpp"
#include "support/pictures.hpp"

namespace abstractllm {
namespace {

TEST(BatchItem, SetsNoTrustedOptionUnlessItsReaderAllowsIt) {
  int trusted = 0;
  for (const OptionField& field : Options::fields()) {
    if (field.trust != OptionTrust::trusted) continue;
    ++trusted;
    const std::string name(field.name);
    const std::string value = field.kind == OptionKind::boolean   ? "true"
                              : field.kind == OptionKind::headers ? R"({"X-A":"b"})"
                                                                  : R"("x")";
    const std::string line = R"({"prompt":"p","options":{"temperature":1,")" + name + "\":" + value + "}}";
    const auto refused = batch_item_from_json(line);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid_argument) << name;
    EXPECT_NE(refused.error().message.find("option " + name + ","), std::string::npos) << refused.error().message;
    EXPECT_NE(refused.error().message.find("--allow-line-options"), std::string::npos) << refused.error().message;
    const auto allowed = batch_item_from_json(line, OptionTrust::trusted);
    EXPECT_TRUE(allowed) << name << ": " << allowed.error().message;
  }
  EXPECT_GE(trusted, 11);
}

TEST(BatchItem, KeepsTheValueOfATrustedOptionOutOfItsError) {
  const auto refused = batch_item_from_json(R"({"prompt":"p","options":{"api_key":"sk-secret"}})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message.find("sk-secret"), std::string::npos);
}

TEST(BatchItem, TakesTrustedOptionsFromAReaderThatAllowsThem) {
  const auto item = batch_item_from_json(
      R"({"prompt":"p","options":{"base_url":"http://h/v1","extra_headers":{"X-A":"b"}}})", OptionTrust::trusted);
  ASSERT_TRUE(item);
  EXPECT_EQ(item->options.base_url(), "http://h/v1");
  EXPECT_EQ(item->options.extra_headers(), (option_kind::headers{{"X-A", "b"}}));
}

TEST(BatchItem, ReadsNoImageFileUnlessItsReaderAllowsIt) {
  const auto path = std::filesystem::temp_directory_path() / "abstractllm_batch_item_test.png";
  std::ofstream(path, std::ios::binary) << testing_support::png(3, 5);
  for (const std::string& line :
       {R"({"prompt":"p","options":{"images":[")" + path.string() + "\"]}}",
        R"({"prompt":"p","options":{"images":")" + path.string() + "\"}}",
        R"({"messages":[{"role":"user","content":[{"type":"image","image":")" + path.string() + "\"}]}]}",
        R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":")" + path.string() +
            "\"}}]}]}",
        std::string(R"({"prompt":"p","options":{"images":["not_there"]}})")}) {
    const auto refused = batch_item_from_json(line);
    ASSERT_FALSE(refused) << line;
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid_argument);
    EXPECT_NE(refused.error().message.find("read from a file"), std::string::npos) << refused.error().message;
    EXPECT_TRUE(batch_item_from_json(line, OptionTrust::trusted)) << line;
  }
  std::filesystem::remove(path);
}

TEST(BatchItem, TakesImagesThatComeWithTheLineOrAreFetched) {
  const std::string base64 = to_base64(testing_support::png(3, 5));
  for (const std::string& image : {base64, "data:image/png;base64," + base64, std::string("https://h.invalid/a.png"),
                                   std::string("HTTP://h.invalid/a.png")}) {
    const auto item = batch_item_from_json(R"({"prompt":"p","options":{"images":[")" + image + "\"]}}");
    EXPECT_TRUE(item) << image << ": " << item.error().message;
  }
}

}  // namespace
}  // namespace abstractllm
