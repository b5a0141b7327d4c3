// SPDX-License-Identifier: Apache-2.0
#include "providers/embedding_rules.hpp"

#include <gtest/gtest.h>

#include "providers/registry.hpp"

namespace abstractllm {
namespace {

EmbeddingRules rules_of(std::string_view provider, const Options& options = {}) {
  return embedding_rules_of(**find_provider(provider), options);
}

TEST(EmbeddingRules, AreThoseOfTheProvider) {
  EXPECT_EQ(rules_of("openai").most_texts, 2048u);
  EXPECT_EQ(rules_of("openai").most_tokens, 300000);
  EXPECT_TRUE(rules_of("openai").takes_base64);
  EXPECT_FALSE(rules_of("openai").takes_empty);
  EXPECT_EQ(rules_of("gemini").most_texts, 100u);
  EXPECT_FALSE(rules_of("gemini").takes_empty);
  EXPECT_EQ(rules_of("mistral").dimensions_field, "output_dimension");
  EXPECT_EQ(rules_of("local").normalize_field, "embd_normalize");
  EXPECT_EQ(rules_of("fireworks").most_texts, EmbeddingRules().most_texts) << "no row: the defaults";
}

TEST(EmbeddingRules, AHostIsStrongerThanTheProvider) {
  const auto voyage = rules_of("openai_compatible", Options().base_url("https://api.voyageai.com/v1"));
  EXPECT_EQ(voyage.kind_field, "input_type");
  EXPECT_EQ(voyage.cut_field, "truncation");
  const auto jina = rules_of("openai_compatible", Options().base_url("https://API.jina.ai:443/v1"));
  EXPECT_EQ(jina.query_word, "retrieval.query");
  const auto cohere = rules_of("openai_compatible", Options().base_url("https://api.cohere.ai/compatibility/v1"));
  EXPECT_EQ(cohere.dimensions_field, "") << "its compatible endpoint has no field for the length";
  EXPECT_EQ(rules_of("openai_compatible", Options().base_url("https://api.jina.ai.example.com/v1")).kind_field, "");
}

TEST(EmbeddingRules, ThePrefixesOfAModelAreFoundByAnyOfItsNames) {
  for (const char* name : {"nomic-embed-text", "nomic-embed-text:latest", "nomic-ai/nomic-embed-text-v1.5-GGUF:Q8_0",
                           "/models/Nomic-Embed-Text-v1.5.Q4_K_M.gguf"}) {
    const auto prefixes = embedding_prefixes(name);
    ASSERT_TRUE(prefixes) << name;
    EXPECT_EQ(prefixes->query, "search_query: ") << name;
    EXPECT_EQ(prefixes->document, "search_document: ") << name;
  }
}

TEST(EmbeddingRules, TheLongestNameWins) {
  EXPECT_EQ(embedding_prefixes("intfloat/multilingual-e5-large")->document, "passage: ");
  EXPECT_EQ(embedding_prefixes("intfloat/multilingual-e5-large-instruct")->document, "");
  EXPECT_EQ(embedding_prefixes("BAAI/bge-large-zh-noinstruct")->query, "");
  EXPECT_EQ(embedding_prefixes("Snowflake/snowflake-arctic-embed-l-v2.0")->query, "query: ");
  EXPECT_EQ(embedding_prefixes("Snowflake/snowflake-arctic-embed-m-v1.5")->query,
            "Represent this sentence for searching relevant passages: ");
}

TEST(EmbeddingRules, NothingIsGuessedForOtherModels) {
  for (const char* name : {"", "/", "my-model", "some5-small", "mxbai-embed-xsmall-v1", "nomic-embed-text/other.gguf"})
    EXPECT_FALSE(embedding_prefixes(name)) << name;
  EXPECT_EQ(embedding_prefixes("all-MiniLM-L6-v2")->query, "") << "it is known to need none";
}

}  // namespace
}  // namespace abstractllm
