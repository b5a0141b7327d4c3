// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numeric>
#include <thread>

#include "abstractllm/model_cache.hpp"
#include "base/base64.hpp"
#include "engine/ask.hpp"
#include "support/tiny_encoder.hpp"

namespace abstractllm::engine_test {
namespace {

using testing_support::tiny_encoder_width;
using testing_support::TinyEncoder;

/// A tiny encoder in a folder of its own, so that no two tests share an engine.
class TinyEncoderFile {
 public:
  explicit TinyEncoderFile(const TinyEncoder& encoder = {}) { testing_support::write_tiny_encoder(path(), encoder); }
  std::string path() const { return (folder_ / "tiny-encoder.gguf").string(); }
  Options options() const { return Options{}.model(path()).threads(1); }
  std::shared_ptr<Transport> transport() const { return *make_llama_cpp_transport(options()); }

 private:
  Folder folder_;
};

std::unique_ptr<Channel> open_texts(Transport& transport, const std::string& body) {
  return open(transport, body, "local:///v1/embeddings");
}

Reply embed(Transport& transport, const json& body) { return drain(*open_texts(transport, body.dump())); }

json texts(const std::vector<std::string>& all) { return {{"input", all}}; }

using Vector = std::vector<float>;

std::vector<Vector> vectors_of(const Reply& reply) {
  EXPECT_EQ(reply.status, 200) << reply.body << (reply.error ? reply.error->message : "");
  std::vector<Vector> vectors;
  const json answer = reply.parsed();
  for (const json& each : answer.value("data", json::array())) {
    EXPECT_EQ(each.at("index"), vectors.size());
    vectors.push_back(each.at("embedding").get<Vector>());
  }
  return vectors;
}

float product(const Vector& a, const Vector& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0F); }

/// The sums of a batch are rounded as its size wants it.
void expect_near(const Vector& a, const Vector& b, float distance = 1e-4F) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], distance) << "at " << i;
}

std::string error_of(const Reply& reply) {
  if (reply.error) return reply.error->message;
  return reply.parsed().value("error", json::object()).value("message", std::string());
}

void expect_refused(const Reply& reply, const std::string& words) {
  EXPECT_EQ(reply.status, 400) << reply.body;
  EXPECT_NE(error_of(reply).find(words), std::string::npos) << error_of(reply);
}

/// The tiny encoder makes a token of each letter.
std::string letters(std::size_t count) { return std::string(count, 'q'); }

TEST(Embeddings, AreInTheFormOfLlamaServer) {
  const TinyEncoderFile model;
  const Reply reply = embed(*model.transport(), {{"input", "cat"}, {"model", "mine"}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.content_type, "application/json; charset=utf-8");
  const auto body = nlohmann::ordered_json::parse(reply.body);
  std::vector<std::string> keys;
  for (const auto& [key, value] : body.items()) keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"model", "object", "usage", "data"}));
  EXPECT_EQ(body["model"], "mine");
  EXPECT_EQ(body["object"], "list");
  EXPECT_EQ(body["usage"].dump(), R"({"prompt_tokens":3,"total_tokens":3})");
  EXPECT_EQ(body["data"][0]["object"], "embedding");
  EXPECT_EQ(body["data"][0]["index"], 0);
  EXPECT_EQ(body["data"][0]["embedding"].size(), tiny_encoder_width);
}

TEST(Embeddings, HaveLengthOneUnlessTheCallerWantsThemAsTheyAre) {
  const TinyEncoderFile model;
  auto transport = model.transport();
  const auto unit = vectors_of(embed(*transport, texts({"cat", "dog days"})));
  for (const Vector& each : unit) EXPECT_NEAR(product(each, each), 1, 1e-5);
  json body = texts({"cat"});
  body["embd_normalize"] = -1;
  const Vector raw = vectors_of(embed(*transport, body)).at(0);
  const float length = std::sqrt(product(raw, raw));
  EXPECT_GT(std::abs(length - 1), 0.01F);
  Vector scaled = raw;
  for (float& value : scaled) value /= length;
  expect_near(scaled, unit.at(0));
}

TEST(Embeddings, AreTheSameInAnyCompany) {
  const TinyEncoderFile model;
  auto transport = model.transport();
  std::vector<std::string> all;
  for (int i = 0; i < 200; ++i)
    all.push_back(std::string(static_cast<std::size_t>(1 + i % 60), static_cast<char>('a' + i % 26)) + " cat");
  const auto together = vectors_of(embed(*transport, texts(all)));
  ASSERT_EQ(together.size(), all.size());
  for (const std::size_t i : {0U, 7U, 63U, 64U, 199U}) {
    const auto alone = vectors_of(embed(*transport, {{"input", all[i]}}));
    expect_near(alone.at(0), together[i]);
  }
  EXPECT_LT(product(together[0], together[1]), 0.9999F);
}

TEST(Embeddings, AsBase64AreTheSameNumbers) {
  const TinyEncoderFile model;
  auto transport = model.transport();
  json body = texts({"cat", "dog"});
  const auto plain = vectors_of(embed(*transport, body));
  body["encoding_format"] = "base64";
  const json data = embed(*transport, body).parsed()["data"];
  for (std::size_t i = 0; i < plain.size(); ++i) {
    EXPECT_EQ(data[i]["encoding_format"], "base64");
    const std::string bytes = *from_base64(data[i]["embedding"].get<std::string>());
    Vector vector(tiny_encoder_width);
    ASSERT_EQ(bytes.size(), vector.size() * sizeof(float));
    std::memcpy(vector.data(), bytes.data(), bytes.size());
    EXPECT_EQ(vector, plain[i]);
  }
}

TEST(Embeddings, OfFewerDimensionsAreCutAndHaveLengthOneAgain) {
  const TinyEncoderFile model;
  auto transport = model.transport();
  const Vector whole = vectors_of(embed(*transport, {{"input", "cat"}})).at(0);
  const Vector cut = vectors_of(embed(*transport, {{"input", "cat"}, {"dimensions", 8}})).at(0);
  ASSERT_EQ(cut.size(), 8U);
  EXPECT_NEAR(product(cut, cut), 1, 1e-5);
  EXPECT_NEAR(cut[0] / cut[1], whole[0] / whole[1], 1e-4);
  for (const json& wrong : {json(0), json(33), json(-1), json(8.5), json("8")})
    expect_refused(embed(*transport, {{"input", "cat"}, {"dimensions", wrong}}), "\"dimensions\" must be an integer");
}

TEST(Embeddings, OfAnEmptyTextAreMadeOfItsEnds) {
  const TinyEncoderFile model;
  const Reply reply = embed(*model.transport(), texts({"", "cat"}));
  EXPECT_EQ(vectors_of(reply).size(), 2U);
  EXPECT_EQ(reply.usage()["prompt_tokens"], 5);
}

TEST(Embeddings, OfATextLongerThanTheContextAreRefusedAndNotCut) {
  const TinyEncoderFile model;
  auto transport = model.transport();
  EXPECT_EQ(embed(*transport, texts({"cat", letters(62)})).status, 200);
  const Reply reply = embed(*transport, texts({"cat", letters(63)}));
  EXPECT_EQ(reply.status, 400);
  const json error = reply.parsed()["error"];
  EXPECT_EQ(error["type"], "exceed_context_size_error");
  EXPECT_EQ(error["n_prompt_tokens"], 65);
  EXPECT_EQ(error["n_ctx"], 64);
  EXPECT_EQ(error["message"],
            "input[1]: request (65 tokens) exceeds the available context size (64 tokens): split the text");
}

TEST(Embeddings, OfALongTextFillTheWholeContext) {
  TinyEncoder encoder;
  encoder.context_tokens = 2000;
  const TinyEncoderFile model(encoder);
  auto transport = model.transport();
  const auto vectors = vectors_of(embed(*transport, texts({"cat", letters(1998), "dog", letters(600)})));
  ASSERT_EQ(vectors.size(), 4U);
  expect_near(vectors_of(embed(*transport, {{"input", letters(1998)}})).at(0), vectors[1]);
  auto small = *make_llama_cpp_transport(model.options().context_size(700));
  EXPECT_EQ(embed(*small, texts({letters(698)})).status, 200);
  expect_refused(embed(*small, texts({letters(699)})), "split the text, or raise context_size");
}

TEST(Embeddings, OfTenThousandTextsComeInOrder) {
  const TinyEncoderFile model;
  auto transport = model.transport();
  std::vector<std::string> all;
  for (int i = 0; i < 10'000; ++i)
    all.push_back(std::string(static_cast<std::size_t>(1 + i % 3), static_cast<char>('a' + i % 26)));
  const auto vectors = vectors_of(embed(*transport, texts(all)));
  ASSERT_EQ(vectors.size(), all.size());
  expect_near(vectors[0], vectors[78 * 100]);  // the same text
  expect_near(vectors[9'999], vectors_of(embed(*transport, {{"input", all[9'999]}})).at(0));
}

TEST(Embeddings, OfSeveralCallsShareBatches) {
  const TinyEncoderFile model;
  auto transport = model.transport();
  const auto expected = vectors_of(embed(*transport, texts({"cat", "dog"})));
  std::vector<std::unique_ptr<Channel>> channels;
  for (int i = 0; i < 20; ++i)
    channels.push_back(open_texts(*transport, texts({i % 2 == 0 ? "cat" : "dog", "cat"}).dump()));
  for (std::size_t i = 0; i < channels.size(); ++i) {
    const auto vectors = vectors_of(drain(*channels[i]));
    expect_near(vectors.at(0), expected.at(i % 2));
    expect_near(vectors.at(1), expected.at(0));
  }
}

TEST(Embeddings, OfAShortCallDoNotWaitForALongOne) {
  const TinyEncoderFile model;
  auto transport = model.transport();
  ASSERT_EQ(embed(*transport, texts({"cat"})).status, 200);
  const auto long_call = open_texts(*transport, texts(std::vector<std::string>(20'000, letters(50))).dump());
  Reply so_far;
  read_until(*long_call, so_far, [](const Reply& reply) { return !reply.pieces.empty(); });
  EXPECT_EQ(embed(*transport, texts({"dog"})).status, 200);
  while (take(*long_call, so_far)) continue;
  EXPECT_FALSE(so_far.complete());
}

TEST(Embeddings, OfADroppedCallLeaveTheNextOneAlone) {
  const TinyEncoderFile model;
  auto transport = model.transport();
  for (int i = 0; i < 10; ++i) {
    const auto dropped = open_texts(*transport, texts(std::vector<std::string>(1'000, letters(50))).dump());
    Reply reply;
    if (i % 2 == 0) read_until(*dropped, reply, [](const Reply& so_far) { return !so_far.pieces.empty(); });
  }
  EXPECT_EQ(embed(*transport, texts({"cat"})).status, 200);
}

TEST(Embeddings, CanBeDroppedWhileTheModelLoads) {
  for (int i = 0; i < 20; ++i) {
    const TinyEncoderFile model;
    auto transport = model.transport();
    const auto channel = open_texts(*transport, texts({"cat"}).dump());
    transport.reset();
  }
}

TEST(Embeddings, RefuseWhatIsNoText) {
  const TinyEncoderFile model;
  auto transport = model.transport();
  expect_refused(embed(*transport, {{"input", {1, 2, 3}}}), "\"input[0]\" must be a string; it is number");
  expect_refused(embed(*transport, {{"input", {"cat", {101, 102}}}}), "\"input[1]\" must be a string; it is array");
  expect_refused(embed(*transport, {{"input", {{"text", "cat"}}}}), "must be a string; it is object");
  expect_refused(embed(*transport, {{"input", 7}}), "\"input\" must be a string");
  expect_refused(embed(*transport, {{"input", json::array()}}), "\"input\" has no texts");
  expect_refused(embed(*transport, {{"model", "m"}}), "\"input\" is missing");
  expect_refused(embed(*transport, {{"input", nullptr}}), "\"input\" is missing");
  expect_refused(embed(*transport, json::array()), "not a JSON object");
}

TEST(Embeddings, RefuseOptionsThatTheyDoNotUnderstand) {
  const TinyEncoderFile model;
  auto transport = model.transport();
  expect_refused(embed(*transport, {{"input", "cat"}, {"encoding_format", "int8"}}), "\"encoding_format\"");
  expect_refused(embed(*transport, {{"input", "cat"}, {"encoding_format", 7}}), "\"encoding_format\"");
  for (const json& wrong : {json(-2), json(1e9), json(0.5), json("no"), json(true)})
    expect_refused(embed(*transport, {{"input", "cat"}, {"embd_normalize", wrong}}), "\"embd_normalize\"");
  for (const char* number : {"NaN", "Infinity", "1e999", "123456789012345678901234567890"})
    EXPECT_EQ(drain(*open_texts(*transport, std::string(R"({"input":"cat","dimensions":)") + number + "}")).status, 400)
        << number;
}

TEST(Embeddings, RefuseHostileBodies) {
  const TinyEncoderFile model;
  auto transport = model.transport();
  EXPECT_EQ(drain(*open_texts(*transport, "")).status, 400);
  EXPECT_EQ(drain(*open_texts(*transport, "{\"input\":\"\xFF\xFE\"}")).status, 400);
  EXPECT_EQ(drain(*open_texts(*transport, R"({"input":)" + std::string(100'000, '[') + "}")).status, 400);
  std::string members = R"({"input":"cat")";
  for (int i = 0; i < 100'000; ++i) members += ",\"m" + std::to_string(i) + "\":0";
  EXPECT_EQ(drain(*open_texts(*transport, members + "}")).status, 200);
  expect_refused(embed(*transport, texts(std::vector<std::string>(100'001, ""))), "100001 texts");
  expect_refused(embed(*transport, {{"input", std::string(5'000'000, ' ')}}), "5000000 bytes");
}

TEST(Embeddings, OfAModelWithBrokenWeightsAreAnErrorAndNoNumbers) {
  TinyEncoder encoder;
  encoder.broken = true;
  const TinyEncoderFile model(encoder);
  const Reply reply = embed(*model.transport(), texts({"cat"}));
  ASSERT_TRUE(reply.error);
  EXPECT_EQ(reply.error->kind, ErrorKind::engine_failed);
  EXPECT_NE(reply.error->message.find("no numbers of text 0"), std::string::npos) << reply.error->message;
}

TEST(Embeddings, OfAModelWithAnUnknownPoolingAreRefused) {
  TinyEncoder encoder;
  encoder.pooling = 99;
  const Reply reply = embed(*TinyEncoderFile(encoder).transport(), texts({"cat"}));
  ASSERT_TRUE(reply.error);
  EXPECT_NE(reply.error->message.find("pooling_type is 99"), std::string::npos) << reply.error->message;
}

TEST(Embeddings, OfAModelThatDoesNotSayHowAreAveragedWithAWarning) {
  TinyEncoder encoder;
  const TinyEncoderFile told(encoder);
  encoder.pooling.reset();
  const TinyEncoderFile untold(encoder);
  const Reply reply = embed(*untold.transport(), texts({"cat"}));
  expect_near(vectors_of(reply).at(0), vectors_of(embed(*told.transport(), texts({"cat"}))).at(0));
  ASSERT_EQ(reply.warnings.size(), 1U);
  EXPECT_EQ(reply.warnings[0].code, "pooling_unspecified");
}

TEST(Embeddings, OfAModelForConversationsAreAveragedWithAWarning) {
  const TinyModelFile model;
  auto transport = model.transport();
  const Reply reply = embed(*transport, texts({"one", std::string(1'500, 'x'), "two"}));
  const auto vectors = vectors_of(reply);
  ASSERT_EQ(vectors.size(), 3U);
  EXPECT_EQ(vectors[0].size(), testing_support::tiny_model_width);
  EXPECT_NEAR(product(vectors[1], vectors[1]), 1, 1e-5);
  ASSERT_EQ(reply.warnings.size(), 1U);
  EXPECT_EQ(reply.warnings[0].code, "pooling_unspecified");
  // The same model answers beside it.
  EXPECT_EQ(ask(*transport, chat("hi", {{"max_tokens", 3}})).status, 200);
  EXPECT_EQ(embed(*transport, texts({"one"})).status, 200);
  expect_refused(embed(*transport, texts({"one", ""})), "\"input[1]\" is empty");
}

TEST(Embeddings, OfALongTextInPartsAreThoseOfTheWholeText) {
  const TinyModelFile model;
  const std::string text = "abc" + std::string(1'200, 'x') + "def";
  auto parts = model.transport();
  // The engine itself averages only within a batch, so that it takes the text as a whole.
  auto whole = *make_llama_cpp_transport(model.options().engine_args({"--pooling", "cls"}));
  auto last = *make_llama_cpp_transport(model.options().engine_args({"--pooling", "last"}));
  EXPECT_EQ(embed(*whole, texts({text})).status, 200);
  const auto together = vectors_of(embed(*last, texts({"zzz", text, "abc"})));
  expect_near(vectors_of(embed(*last, {{"input", text}})).at(0), together[1]);
  const auto averaged = vectors_of(embed(*parts, texts({"zzz", text, "abc"})));
  expect_near(vectors_of(embed(*parts, {{"input", text}})).at(0), averaged[1]);
  EXPECT_TRUE(embed(*last, texts({"abc"})).warnings.empty());
}

TEST(Embeddings, OfPoolingNoneAreRefused) {
  const TinyModelFile model;
  const Reply reply =
      embed(**make_llama_cpp_transport(model.options().engine_args({"--pooling", "none"})), texts({"one"}));
  ASSERT_TRUE(reply.error);
  EXPECT_EQ(reply.error->kind, ErrorKind::invalid_argument);
}

TEST(Embeddings, ModelCannotAnswer) {
  const TinyEncoderFile model;
  auto transport = model.transport();
  expect_refused(ask(*transport, chat("hi")), "this model makes embeddings, it cannot answer");
  expect_refused(drain(*open(*transport, chat("hi").dump(), "local:///v1/chat/completions/input_tokens")),
                 "it cannot answer");
  EXPECT_EQ(drain(*open(*transport, "{}", "local:///v1/nothing")).status, 404);
}

TEST(Embeddings, ModelIsLoadedOnceAndDescribesItself) {
  const TinyEncoderFile model;
  auto transport = model.transport();
  clear_model_cache();
  const auto loads = model_cache_stats().loads;
  const Reply described = drain(*open(*transport, "", "local:///v1/models"));
  EXPECT_EQ(described.parsed()["models"][0]["capabilities"], json::array({"embedding"}));
  EXPECT_EQ(described.parsed()["data"][0]["meta"]["n_embd"], tiny_encoder_width);
  EXPECT_EQ(embed(*transport, texts({"cat"})).status, 200);
  EXPECT_EQ(embed(*model.transport(), texts({"cat"})).status, 200);
  EXPECT_EQ(model_cache_stats().loads - loads, 1);
}

TEST(Embeddings, ModelIsUnloadedAndLoadedAgain) {
  const TinyEncoderFile model;
  auto transport = model.transport();
  const auto before = vectors_of(embed(*transport, texts({"cat"})));
  {
    const auto running = open_texts(*transport, texts(std::vector<std::string>(20'000, letters(50))).dump());
    Reply so_far;
    read_until(*running, so_far, [](const Reply& reply) { return !reply.pieces.empty(); });
    clear_model_cache();
    EXPECT_EQ(clear_model_cache(), 0);  // it is in use
  }
  clear_model_cache();
  expect_near(vectors_of(embed(*transport, texts({"cat"}))).at(0), before.at(0));
}

TEST(Embeddings, OfEightThreadsAreRight) {
  const TinyEncoderFile model;
  auto transport = model.transport();
  const auto expected = vectors_of(embed(*transport, texts({"cat", "dog", "horse"})));
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 10; ++round) {
        const auto vectors = vectors_of(embed(*transport, texts({"cat", "dog", "horse"})));
        float distance = 0;
        for (std::size_t each = 0; each < 3; ++each) distance += 1 - product(vectors.at(each), expected[each]);
        if (std::abs(distance) < 1e-4F) ++right;
        open_texts(*transport, texts(std::vector<std::string>(100, "cat")).dump());
      }
    });
  }
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(right, 80);
}

}  // namespace
}  // namespace abstractllm::engine_test
