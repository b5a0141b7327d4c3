// SPDX-License-Identifier: Apache-2.0
//
// The answers are in the form of each server's documentation; docs/wire-formats.md#embeddings-answer has the sources.
#include "protocols/embedding_answers.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "base/base64.hpp"

namespace abstractllm {
namespace {

std::string base64_of(const std::vector<float>& values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return to_base64(bytes);
}

std::vector<float> row(const Embeddings& embeddings, std::size_t index) {
  const auto vector = embeddings[index];
  return {vector.begin(), vector.end()};
}

using Floats = std::vector<float>;

void expect_protocol_error(const Result<Embeddings>& read, std::string_view part) {
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::protocol);
  EXPECT_NE(read.error().message.find(part), std::string::npos) << read.error().message;
}

TEST(EmbeddingAnswers, ReadsOpenaisForm) {
  const auto read =
      read_embeddings(R"({"object":"list","data":[{"object":"embedding","embedding":[0.5,-1,2e-3],"index":0},)"
                      R"({"object":"embedding","embedding":[1,2,3],"index":1}],"model":"text-embedding-3-small",)"
                      R"("usage":{"prompt_tokens":8,"total_tokens":8}})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->size(), 2u);
  EXPECT_EQ(read->dimensions(), 3u);
  EXPECT_EQ(row(*read, 0), (Floats{0.5f, -1.0f, 2e-3f}));
  EXPECT_EQ(row(*read, 1), (Floats{1, 2, 3}));
  EXPECT_EQ(read->values().size(), 6u);
  EXPECT_EQ(read->model, "text-embedding-3-small");
  EXPECT_EQ(read->usage.input_tokens, TokenCount(8));
}

TEST(EmbeddingAnswers, ReadsBase64BitForBit) {
  const Floats values = {0.1f, -3.4028235e38f, 1.17549435e-38f, 1e-45f};
  // llama-server v0.5.0 adds encoding_format to each vector.
  const auto read = read_embeddings(R"({"data":[{"embedding":")" + base64_of(values) +
                                    R"(","index":0,"object":"embedding","encoding_format":"base64"}]})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(row(*read, 0), values);
  EXPECT_FALSE(read->usage.input_tokens.known());
}

TEST(EmbeddingAnswers, AServerMayMixNumbersAndBase64) {
  const auto read = read_embeddings(R"({"data":[{"embedding":")" + base64_of({1, 2}) + R"("},{"embedding":[3,4]}]})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(row(*read, 1), (Floats{3, 4}));
}

TEST(EmbeddingAnswers, SortsByIndex) {
  const auto read = read_embeddings(
      R"({"data":[{"index":2,"embedding":[2]},{"index":0,"embedding":[0]},{"index":1,"embedding":[1]}]})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(Floats(read->values().begin(), read->values().end()), (Floats{0, 1, 2}));
}

TEST(EmbeddingAnswers, GeminiOmitsTheFirstIndexAndUsage) {
  const auto read =
      read_embeddings(R"({"object":"list","data":[{"object":"embedding","embedding":[1,2]},)"
                      R"({"object":"embedding","index":1,"embedding":[3,4]}],"model":"gemini-embedding-001"})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(row(*read, 1), (Floats{3, 4}));
  EXPECT_FALSE(read->usage.input_tokens.known());
}

TEST(EmbeddingAnswers, ReadsTheFormsOfOtherServers) {
  // Mistral, Jina, Voyage, text-embeddings-inference.
  const char* bodies[] = {
      R"({"id":"cf79f7da","object":"list","data":[{"object":"embedding","embedding":[0.1,0.2],"index":0}],)"
      R"("model":"mistral-embed","usage":{"prompt_tokens":15,"total_tokens":15,"completion_tokens":0}})",
      R"({"model":"jina-embeddings-v3","object":"list","usage":{"total_tokens":15,"prompt_tokens":15},)"
      R"("data":[{"object":"embedding","index":0,"embedding":[0.1,0.2]}]})",
      R"({"object":"list","data":[{"object":"embedding","embedding":[0.1,0.2],"index":0}],)"
      R"("model":"voyage-3.5","usage":{"total_tokens":15}})",
      R"({"object":"list","data":[{"object":"embedding","embedding":[0.1,0.2],"index":0}],)"
      R"("model":"BAAI/bge-large-en-v1.5","usage":{"prompt_tokens":15,"total_tokens":15}})",
  };
  for (const char* body : bodies) {
    const auto read = read_embeddings(body);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(row(*read, 0), (Floats{0.1f, 0.2f}));
    EXPECT_EQ(read->usage.input_tokens, TokenCount(15)) << body;
  }
}

TEST(EmbeddingAnswers, AnEmptyListHasNoVectors) {
  const auto read = read_embeddings(R"({"data":[]})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->empty());
  EXPECT_EQ(read->dimensions(), 0u);
}

TEST(EmbeddingAnswers, RefusesAWrongIndex) {
  expect_protocol_error(read_embeddings(R"({"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]})"),
                        "two vectors with index 0");
  expect_protocol_error(read_embeddings(R"({"data":[{"index":2,"embedding":[1]},{"index":0,"embedding":[1]}]})"),
                        "index 2, but there are 2 vectors");
  expect_protocol_error(read_embeddings(R"({"data":[{"index":-1,"embedding":[1]}]})"), "index -1");
  expect_protocol_error(read_embeddings(R"({"data":[{"index":9223372036854775807,"embedding":[1]}]})"), "index 922");
  expect_protocol_error(read_embeddings(R"({"data":[{"index":"0","embedding":[1]}]})"), "no number");
  // The missing index of the second stands for its position, which the first has taken.
  expect_protocol_error(read_embeddings(R"({"data":[{"index":1,"embedding":[1]},{"embedding":[1]}]})"),
                        "two vectors with index 1");
}

TEST(EmbeddingAnswers, RefusesNumbersThatAreNotFinite) {
  expect_protocol_error(read_embeddings(R"({"data":[{"embedding":[1,null]}]})"), "number 1 of the vector of text 0");
  expect_protocol_error(read_embeddings(R"({"data":[{"embedding":[NaN]}]})"), "not finite");
  expect_protocol_error(read_embeddings(R"({"data":[{"embedding":[1e39]}]})"), "not a finite number");
  expect_protocol_error(read_embeddings(R"({"data":[{"embedding":["1"]}]})"), "not a finite number");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  expect_protocol_error(read_embeddings(R"({"data":[{"embedding":")" + base64_of({1, nan}) + R"("}]})"),
                        "number 1 of the vector of text 0");
}

TEST(EmbeddingAnswers, ReadsTheLargestFloatAsItIsWritten) {
  const auto read = read_embeddings(R"({"data":[{"embedding":[3.4028235e+38,-3.4028235e+38,1e-46]}]})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(row(*read, 0), (Floats{std::numeric_limits<float>::max(), -std::numeric_limits<float>::max(), 0}));
  expect_protocol_error(read_embeddings(R"({"data":[{"embedding":[3.4028236e+38]}]})"), "not a finite number");
}

TEST(EmbeddingAnswers, RefusesBrokenBase64) {
  expect_protocol_error(read_embeddings(R"({"data":[{"embedding":"AAAAAAA"}]})"), "not base64");
  expect_protocol_error(read_embeddings(R"({"data":[{"embedding":"AAAAAAAA"}]})"), "no multiple of 4");
  expect_protocol_error(read_embeddings(R"({"data":[{"embedding":""}]})"), "is empty");
}

TEST(EmbeddingAnswers, RefusesRaggedAndMissingVectors) {
  expect_protocol_error(read_embeddings(R"({"data":[{"embedding":[1,2]},{"embedding":[1]}]})"),
                        "text 1 (counted from 0) has 1 numbers");
  expect_protocol_error(read_embeddings(R"({"data":[{"embedding":[]}]})"), "is empty");
  expect_protocol_error(read_embeddings(R"({"data":[{"index":0}]})"), "no embedding");
  expect_protocol_error(read_embeddings(R"({"data":[7]})"), "no embedding");
  expect_protocol_error(read_embeddings(R"({"data":[{"embedding":{}}]})"), "neither a list");
  expect_protocol_error(read_embeddings(R"({"data":[{"embedding":[[1,2],[3,4]]}]})"), "a vector for each token");
  expect_protocol_error(read_embeddings(R"({"data":{}})"), "no list 'data'");
  expect_protocol_error(read_embeddings("[]"), "no list 'data'");
  expect_protocol_error(read_embeddings(R"({"data":[{"embedding":[1,)"), "not valid JSON");
  expect_protocol_error(read_embeddings(""), "");
}

TEST(EmbeddingAnswers, AFailureWithin200IsThatFailure) {
  const auto read =
      read_embeddings(R"({"error":{"message":"Rate limit","type":"rate_limit_error","code":"rate_limit_exceeded"}})");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::rate_limited);
  EXPECT_EQ(read.error().provider_message, "Rate limit");
}

TEST(EmbeddingAnswers, ReadsOllamasForm) {
  const auto read = read_ollama_embeddings(
      R"({"model":"all-minilm","embeddings":[[0.01,-0.02],[0.03,0.04]],"total_duration":14143917,)"
      R"("load_duration":1019500,"prompt_eval_count":8})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->size(), 2u);
  EXPECT_EQ(row(*read, 1), (Floats{0.03f, 0.04f}));
  EXPECT_EQ(read->model, "all-minilm");
  EXPECT_EQ(read->usage.input_tokens, TokenCount(8));
  expect_protocol_error(read_ollama_embeddings(R"({"embeddings":[[1,2],[null,1]]})"),
                        "number 0 of the vector of text 1");
  expect_protocol_error(read_ollama_embeddings(R"({"embedding":[1]})"), "no list 'embeddings'");
  expect_protocol_error(read_ollama_embeddings(R"({"embeddings":[1,2]})"), "not a list of numbers");
  const auto failed = read_ollama_embeddings(R"({"error":"the input length exceeds the context length"})");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::context_length) << failed.error().message;
}

TEST(RankingAnswers, ReadsTheFormsOfAllServers) {
  // llama-server v0.5.0 and Jina, Cohere v2, Voyage, text-embeddings-inference.
  const char* bodies[] = {
      R"({"model":"m","object":"list","usage":{"prompt_tokens":26,"total_tokens":26},)"
      R"("results":[{"index":0,"relevance_score":-1.5},{"index":1,"relevance_score":3.25},{"index":2,"relevance_score":-1.5}]})",
      R"({"results":[{"index":1,"relevance_score":0.9},{"index":0,"relevance_score":0.1},{"index":2,"relevance_score":0.1}],)"
      R"("id":"07734bd2","meta":{"api_version":{"version":"2"},"billed_units":{"search_units":1}}})",
      R"({"object":"list","data":[{"relevance_score":0.4,"index":1},{"relevance_score":0.1,"index":0},)"
      R"({"relevance_score":0.1,"index":2}],"model":"rerank-2","usage":{"total_tokens":26}})",
      R"([{"index":2,"score":0.1},{"index":1,"score":0.99},{"index":0,"score":0.1}])",
  };
  for (const char* body : bodies) {
    const auto ranking = read_ranking(body);
    ASSERT_TRUE(ranking) << ranking.error().message;
    ASSERT_EQ(ranking->documents.size(), 3u);
    EXPECT_EQ(ranking->documents[0].index, 1u) << body;
    EXPECT_EQ(ranking->documents[1].index, 0u) << "of equal scores, the smaller index comes first: " << body;
    EXPECT_EQ(ranking->documents[2].index, 2u);
  }
  EXPECT_EQ(read_ranking(bodies[0])->usage.input_tokens, TokenCount(26));
  EXPECT_FALSE(read_ranking(bodies[1])->usage.input_tokens.known());
  EXPECT_EQ(read_ranking(bodies[0])->documents[0].score, 3.25);
}

TEST(RankingAnswers, RefusesWhatIsNoRanking) {
  const char* bodies[] = {
      R"({"results":[{"index":0,"relevance_score":1},{"index":0,"relevance_score":2}]})",
      R"({"results":[{"index":-1,"relevance_score":1}]})",
      R"({"results":[{"relevance_score":1}]})",
      R"({"results":[{"index":0}]})",
      R"({"results":[{"index":0,"relevance_score":null}]})",
      R"({"results":[{"index":0,"relevance_score":"1"}]})",
      R"({"results":{}})",
      R"({"answer":1})",
      "",
  };
  for (const char* body : bodies) {
    const auto ranking = read_ranking(body);
    ASSERT_FALSE(ranking) << body;
    EXPECT_EQ(ranking.error().kind, ErrorKind::protocol) << body << ranking.error().message;
  }
  EXPECT_EQ(read_ranking(R"({"error":{"message":"no","code":"model_not_found"}})").error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace abstractllm
