// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/embedding_json.hpp"

#include <gtest/gtest.h>

namespace abstractllm {
namespace {

TEST(EmbeddingJson, HasTheVectorsAndWhatIsKnown) {
  Embeddings embeddings({0.1f, -1, 3.4028235e38f, 1e-45f}, 2);
  EXPECT_EQ(to_json(embeddings), R"({"dimensions":2,"embeddings":[[0.1,-1],[3.4028235e+38,1e-45]]})");
  embeddings.model = "m";
  embeddings.provider = "p";
  embeddings.usage.input_tokens = 3;
  embeddings.warnings.push_back({"c", "w"});
  EXPECT_EQ(to_json(embeddings),
            R"({"model":"m","dimensions":2,"embeddings":[[0.1,-1],[3.4028235e+38,1e-45]],"usage":{"input_tokens":3},)"
            R"("provider":"p","warnings":[{"code":"c","message":"w"}]})");
  EXPECT_EQ(to_json(Embeddings()), R"({"dimensions":0,"embeddings":[]})");
}

TEST(EmbeddingJson, WritesARanking) {
  Ranking ranking;
  ranking.model = "r";
  ranking.documents = {{1, 0.5}, {0, -2}};
  EXPECT_EQ(to_json(ranking), R"({"model":"r","results":[{"index":1,"score":0.5},{"index":0,"score":-2.0}]})");
}

TEST(EmbeddingJson, ReadsALineOfTexts) {
  EXPECT_EQ(*text_from_json(R"("one")"), "one");
  EXPECT_EQ(*text_from_json(R"({"id":1,"text":"two"})"), "two");
  EXPECT_EQ(*text_from_json(R"({"input":"three"})"), "three");
  EXPECT_EQ(*text_from_json(R"("")"), "");
  for (const char* line : {"", "one", "1", "null", "[]", R"({"text":1})", R"({"prompt":"x"})", R"("cut)"}) {
    const auto text = text_from_json(line);
    ASSERT_FALSE(text) << line;
    EXPECT_EQ(text.error().kind, ErrorKind::invalid_argument) << line;
  }
}

TEST(Texts, AreMadeFromWhatUsersHave) {
  EXPECT_TRUE(Texts().list().empty());
  EXPECT_EQ(Texts("one").list(), (std::vector<std::string>{"one"}));
  EXPECT_EQ((Texts{"one", std::string("two"), "three"}.list()), (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(Texts(std::vector<std::string>{"a", "b"}).list().size(), 2u);
  const std::vector<std::string> kept = {"a", "b"};
  EXPECT_EQ(Texts(kept).list(), kept);
}

TEST(Embeddings, CopiesShareTheirNumbers) {
  const Embeddings embeddings({1, 2, 3, 4}, 2);
  const Embeddings copy = embeddings;
  EXPECT_EQ(copy.values().data(), embeddings.values().data());
  EXPECT_EQ(copy[1][0], 3.0f);
  EXPECT_EQ(Embeddings()[0].size(), 0u);
}

}  // namespace
}  // namespace abstractllm
