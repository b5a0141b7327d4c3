// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "engine/ask.hpp"
#include "support/tiny_encoder.hpp"

namespace abstractllm::engine_test {
namespace {

using testing_support::TinyEncoder;

/// A tiny model that scores pairs, in a folder of its own.
class TinyRerankerFile {
 public:
  explicit TinyRerankerFile(std::uint32_t pooling = 4, bool broken = false) {
    TinyEncoder encoder;
    encoder.pooling = pooling;
    encoder.broken = broken;
    testing_support::write_tiny_encoder(folder_ / "tiny-reranker.gguf", encoder);
  }
  std::shared_ptr<Transport> transport() const {
    return *make_llama_cpp_transport(Options{}.model((folder_ / "tiny-reranker.gguf").string()).threads(1));
  }

 private:
  Folder folder_;
};

Reply rerank(Transport& transport, const json& body) {
  return drain(*open(transport, body.dump(), "local:///v1/rerank"));
}

json question(const std::vector<std::string>& documents) { return {{"query", "cat"}, {"documents", documents}}; }

void expect_refused(const Reply& reply, const std::string& words) {
  EXPECT_EQ(reply.status, 400) << reply.body;
  const std::string message = reply.parsed()["error"]["message"];
  EXPECT_NE(message.find(words), std::string::npos) << message;
}

TEST(Rerank, IsInTheFormOfLlamaServer) {
  const TinyRerankerFile model;
  const Reply reply =
      rerank(*model.transport(), {{"query", "cat"}, {"documents", {"dog", "horse"}}, {"model", "mine"}});
  ASSERT_EQ(reply.status, 200) << reply.body << (reply.error ? reply.error->message : "");
  const json body = reply.parsed();
  EXPECT_EQ(body["model"], "mine");
  EXPECT_EQ(body["object"], "list");
  // [CLS] cat [SEP] dog [SEP], and the same with h o r s e.
  EXPECT_EQ(body["usage"]["prompt_tokens"], 5 + 9);
  ASSERT_EQ(body["results"].size(), 2U);
  EXPECT_EQ(body["results"][0].size(), 2U);
  EXPECT_GE(body["results"][0]["relevance_score"], body["results"][1]["relevance_score"]);
}

TEST(Rerank, SortsByScoreAndKeepsTheBest) {
  const TinyRerankerFile model;
  auto transport = model.transport();
  std::vector<std::string> documents;
  for (char letter = 'a'; letter <= 'z'; ++letter)
    documents.push_back(std::string(static_cast<std::size_t>(1 + letter % 7), letter));
  const json all = rerank(*transport, question(documents)).parsed()["results"];
  ASSERT_EQ(all.size(), documents.size());
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_GE(all[i - 1]["relevance_score"], all[i]["relevance_score"]);
  json body = question(documents);
  body["top_n"] = 3;
  const json best = rerank(*transport, body).parsed()["results"];
  ASSERT_EQ(best.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(best[i]["index"], all[i]["index"]);
  body["top_n"] = 1'000'000;
  EXPECT_EQ(rerank(*transport, body).parsed()["results"].size(), documents.size());
}

TEST(Rerank, ScoresADocumentTheSameInAnyCompany) {
  const TinyRerankerFile model;
  auto transport = model.transport();
  const std::vector<std::string> documents(300, "dog days");
  const json together = rerank(*transport, question(documents)).parsed()["results"];
  const double alone = rerank(*transport, question({"dog days"})).parsed()["results"][0]["relevance_score"];
  std::set<std::size_t> named;
  for (const json& each : together) {
    EXPECT_NEAR(each["relevance_score"].get<double>(), alone, 1e-4);
    named.insert(each["index"].get<std::size_t>());
  }
  EXPECT_EQ(named.size(), documents.size());
}

TEST(Rerank, OfADocumentLongerThanTheContextIsRefused) {
  const TinyRerankerFile model;
  const Reply reply = rerank(*model.transport(), question({"dog", std::string(70, 'q')}));
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.parsed()["error"]["type"], "exceed_context_size_error");
  EXPECT_NE(reply.body.find("documents[1]"), std::string::npos);
}

TEST(Rerank, RefusesWhatItDoesNotUnderstand) {
  const TinyRerankerFile model;
  auto transport = model.transport();
  expect_refused(rerank(*transport, {{"documents", {"dog"}}}), "\"query\" is missing");
  expect_refused(rerank(*transport, {{"query", "cat"}}), "\"documents\" is missing");
  expect_refused(rerank(*transport, {{"query", "cat"}, {"documents", "dog"}}), "must be an array of strings");
  expect_refused(rerank(*transport, question({})), "has no texts");
  expect_refused(rerank(*transport, {{"query", {1}}, {"documents", {"dog"}}}), "\"query\" must be a string");
  expect_refused(rerank(*transport, {{"query", "cat"}, {"documents", {"dog", 1}}}), "\"documents[1]\"");
  for (const json& wrong : {json(0), json(-1), json(1.5), json("all")}) {
    json body = question({"dog"});
    body["top_n"] = wrong;
    expect_refused(rerank(*transport, body), "\"top_n\" must be an integer");
  }
}

TEST(Rerank, IsOnlyForModelsThatScore) {
  const TinyRerankerFile embedder(1);
  expect_refused(rerank(*embedder.transport(), question({"dog"})), "does not score");
  const TinyRerankerFile reranker;
  auto transport = reranker.transport();
  expect_refused(drain(*open(*transport, R"({"input":"cat"})", "local:///v1/embeddings")), "it makes no embeddings");
  expect_refused(ask(*transport, chat("hi")), "it cannot answer");
  const TinyModelFile chats;
  expect_refused(rerank(*chats.transport(), question({"dog"})), "does not score");
}

TEST(Rerank, OfABrokenModelIsAnError) {
  const TinyRerankerFile model(4, true);
  const Reply reply = rerank(*model.transport(), question({"dog"}));
  ASSERT_TRUE(reply.error);
  EXPECT_EQ(reply.error->kind, ErrorKind::engine_failed);
}

TEST(Rerank, ModelDescribesItself) {
  const TinyRerankerFile model;
  const Reply reply = drain(*open(*model.transport(), "", "local:///v1/models"));
  EXPECT_EQ(reply.parsed()["models"][0]["capabilities"], json::array({"rerank"}));
}

}  // namespace
}  // namespace abstractllm::engine_test
