// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_embeddings.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "protocols/ollama_chat/encode.hpp"
#include "protocols/protocols.hpp"

namespace abstractllm {
namespace {

const std::vector<std::string> two = {"one", "\"two\""};

EmbedQuestion question_of(const std::vector<std::string>& texts, const Options& options) {
  EmbedQuestion question;
  question.options = options;
  question.texts = texts;
  return question;
}

TEST(OpenaiEmbeddings, WritesTheModelAndAListOfTexts) {
  const auto http = openai_embed_operation().encode(question_of(two, Options().model("m")));
  ASSERT_TRUE(http) << http.error().message;
  EXPECT_EQ(http->method, "POST");
  EXPECT_EQ(http->url, "/embeddings");
  EXPECT_EQ(http->body, R"({"model":"m","input":["one","\"two\""]})");
}

TEST(OpenaiEmbeddings, WritesTheFieldsOfTheServer) {
  EmbedQuestion question =
      question_of(two, Options().model("m").dimensions(256).embedding_kind("document").normalize(false));
  question.prefix = "passage: ";
  question.rules.takes_base64 = true;
  question.rules.dimensions_field = "output_dimension";
  question.rules.kind_field = "input_type";
  question.rules.query_word = "q";
  question.rules.document_word = "d";
  question.rules.cut_field = "truncation";
  question.rules.normalize_field = "embd_normalize";
  EXPECT_EQ(openai_embed_operation().encode(question)->body,
            R"({"model":"m","input":["passage: one","passage: \"two\""],"encoding_format":"base64",)"
            R"("output_dimension":256,"input_type":"d","truncation":false,"embd_normalize":-1})");
}

TEST(OpenaiEmbeddings, AnOptionWithoutAFieldIsNotWritten) {
  EmbedQuestion question =
      question_of(two, Options().dimensions(256).embedding_kind("query").normalize(false).temperature(1).seed(3));
  question.rules.dimensions_field = "";
  EXPECT_EQ(openai_embed_operation().encode(question)->body, R"({"input":["one","\"two\""]})");
}

TEST(OpenaiEmbeddings, ExtraBodyIsMergedLast) {
  const auto http =
      openai_embed_operation().encode(question_of(two, Options().extra_body(R"({"input":null,"user":"u"})")));
  EXPECT_EQ(http->body, R"({"user":"u"})");
  EXPECT_EQ(openai_embed_operation().encode(question_of(two, Options().extra_body("[]"))).error().kind,
            ErrorKind::invalid_argument);
}

TEST(OpenaiEmbeddings, ATextThatIsNotUtf8IsNamed) {
  const std::vector<std::string> texts = {"one", "t\xffo"};
  const auto http = openai_embed_operation().encode(question_of(texts, {}));
  ASSERT_FALSE(http);
  EXPECT_EQ(http.error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(http.error().message, "text 1 (counted from 0) is not valid UTF-8 at byte 1");
}

TEST(OpenaiEmbeddings, ARankingHasTheQueryAndAllDocuments) {
  RerankQuestion question;
  question.options.model("m");
  question.query = "which?";
  question.documents = two;
  const auto http = openai_rerank_operation().encode(question);
  ASSERT_TRUE(http) << http.error().message;
  EXPECT_EQ(http->url, "/rerank");
  EXPECT_EQ(http->body, R"({"model":"m","query":"which?","documents":["one","\"two\""]})");
}

TEST(OllamaEmbeddings, NeverAsksForTextsThatAreCut) {
  const Options options =
      Options().model("all-minilm").dimensions(128).context_size(512).keep_alive(std::chrono::seconds(60));
  const auto http = ollama_chat::encode_embed(question_of(two, options));
  ASSERT_TRUE(http) << http.error().message;
  EXPECT_EQ(http->url, "/api/embed");
  EXPECT_EQ(http->body, R"({"model":"all-minilm","input":["one","\"two\""],"truncate":false,"dimensions":128,)"
                        R"("options":{"num_ctx":512},"keep_alive":60})");
  EXPECT_EQ(ollama_chat::encode_embed(question_of(two, Options().model("m")))->body,
            R"({"model":"m","input":["one","\"two\""],"truncate":false})");
}

TEST(EmbedOperations, EachProtocolHasThemOrSaysSo) {
  for (const std::string_view name : protocol_names()) {
    const auto protocol = find_protocol(name);
    EXPECT_EQ(protocol->embed() != nullptr, name != "anthropic_messages") << name;
    EXPECT_EQ(protocol->rerank() != nullptr, name == "openai_chat") << name;
    if (protocol->embed() == nullptr) continue;
    const auto http = protocol->embed()->encode(question_of(two, Options().model("m")));
    ASSERT_TRUE(http) << name << http.error().message;
    EXPECT_EQ(http->url.front(), '/') << name;
    EXPECT_FALSE(protocol->embed()->decode("{}")) << name;
  }
}

}  // namespace
}  // namespace abstractllm
