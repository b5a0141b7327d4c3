// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <fstream>

#include "abstractllm/model_cache.hpp"
#include "engine/ask.hpp"
#include "support/tiny_adapter.hpp"
#include "support/tiny_encoder.hpp"

namespace abstractllm::engine_test {
namespace {

using testing_support::TinyAdapter;

/// Adapters in a folder of their own.
class AdapterFiles {
 public:
  std::string add(const std::string& name, const TinyAdapter& adapter = {}) const {
    testing_support::write_tiny_adapter(folder_ / name, adapter);
    return (folder_ / name).string();
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

 private:
  Folder folder_;
};

TinyAdapter with_seed(std::uint32_t seed) {
  TinyAdapter adapter;
  adapter.seed = seed;
  return adapter;
}

/// The tiny model with these adapters.
std::shared_ptr<Transport> adapted(const TinyModelFile& model, const std::vector<std::string>& adapters) {
  return *make_llama_cpp_transport(model.options().adapters(adapters));
}

/// The model always takes the most likely letter.
json question(const std::string& prompt) {
  return chat(prompt, {{"max_tokens", 40}, {"temperature", 0}, {"ignore_eos", true}, {"grammar", "root ::= [a-z]+"}});
}

std::string greedy(Transport& transport, const std::string& prompt = "Tell me") {
  const Reply reply = ask(transport, question(prompt));
  EXPECT_EQ(reply.status, 200) << reply.body << (reply.error ? reply.error->message : "");
  EXPECT_EQ(reply.text().size(), 40U);
  return reply.text();
}

Error error_with(const std::string& adapter) {
  const TinyModelFile model;
  const Reply reply = ask(*adapted(model, {adapter}), chat("hi"));
  EXPECT_TRUE(reply.error) << reply.body;
  return reply.error.value_or(Error());
}

void expect_refused(const Error& error, ErrorKind kind, const std::string& words) {
  EXPECT_EQ(error.kind, kind) << error.message;
  EXPECT_NE(error.message.find(words), std::string::npos) << error.message;
}

TEST(Adapters, ChangeWhatTheModelSays) {
  const TinyModelFile model;
  const AdapterFiles files;
  const std::string base = greedy(*model.transport());
  const std::string one = greedy(*adapted(model, {files.add("one.gguf", with_seed(1))}));
  const std::string two = greedy(*adapted(model, {files.add("two.gguf", with_seed(2))}));
  EXPECT_NE(one, base);
  EXPECT_NE(two, base);
  EXPECT_NE(one, two);
  EXPECT_EQ(greedy(*model.transport()), base);
}

TEST(Adapters, ApplyAsStronglyAsTheScaleSays) {
  const TinyModelFile model;
  const AdapterFiles files;
  const std::string file = files.add("one.gguf");
  const std::string base = greedy(*model.transport());
  const std::string whole = greedy(*adapted(model, {file}));
  EXPECT_EQ(greedy(*adapted(model, {file + "=0"})), base);
  EXPECT_EQ(greedy(*adapted(model, {file + "=1.0"})), whole);
  EXPECT_EQ(greedy(*adapted(model, {file + "=0.5", file + "=0.5"})), whole);
  EXPECT_EQ(greedy(*adapted(model, {file + "=2", file + "=-2"})), base);
  EXPECT_NE(greedy(*adapted(model, {file + "=-1"})), whole);
  const std::string both = greedy(*adapted(model, {file, files.add("two.gguf", with_seed(2))}));
  EXPECT_NE(both, whole);
}

TEST(Adapters, OfDifferentHandlesShareTheModelAndAreNeverMixedUp) {
  const TinyModelFile model;
  const AdapterFiles files;
  std::vector<std::shared_ptr<Transport>> handles = {model.transport()};
  for (std::uint32_t seed = 1; seed <= 3; ++seed)
    handles.push_back(adapted(model, {files.add(std::to_string(seed) + ".gguf", with_seed(seed))}));
  std::vector<std::string> alone;
  const auto loads = model_cache_stats().loads;
  for (const auto& handle : handles) alone.push_back(greedy(*handle));
  EXPECT_EQ(model_cache_stats().loads - loads, 1);
  // At once, over and over, with the same prompt, so that each could take what another one has computed.
  for (std::size_t round = 0; round < 5; ++round) {
    std::vector<std::unique_ptr<Channel>> channels;
    for (std::size_t i = 0; i < 8; ++i) channels.push_back(open(*handles[(i + round) % 4], question("Tell me")));
    for (std::size_t i = 0; i < 8; ++i)
      EXPECT_EQ(drain(*channels[i]).text(), alone[(i + round) % 4]) << "round " << round << " call " << i;
  }
}

TEST(Adapters, NeverTakeAPromptThatWasReadWithoutThem) {
  const TinyModelFile model;
  const AdapterFiles files;
  auto base = *make_llama_cpp_transport(model.options().parallel(1));
  auto with = *make_llama_cpp_transport(model.options().parallel(1).adapters({files.add("one.gguf")}));
  const std::string prompt = "A long beginning that both calls have, and that the engine keeps. Tell me";
  const std::string other(300, 'x');
  const std::string expected_with = greedy(*with, prompt);
  const std::string expected_base = greedy(*base, prompt);
  EXPECT_NE(expected_base, expected_with);
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(greedy(*with, prompt), expected_with);
    greedy(*base, other);  // moves the prompt from the slot to the copies
    EXPECT_EQ(greedy(*base, prompt), expected_base);
    greedy(*with, other);
    EXPECT_EQ(greedy(*base, prompt), expected_base);
  }
}

TEST(Adapters, ApplyToEachOfSeveralAnswers) {
  const TinyModelFile model;
  const AdapterFiles files;
  const json body = chat("hi", {{"max_tokens", 20}, {"temperature", 0}, {"ignore_eos", true}, {"n", 2}});
  const json adapted_choices = ask(*adapted(model, {files.add("one.gguf")}), body).parsed()["choices"];
  const json base_choices = ask(*model.transport(), body).parsed()["choices"];
  EXPECT_EQ(adapted_choices[0]["message"], adapted_choices[1]["message"]);
  EXPECT_NE(adapted_choices[0]["message"], base_choices[0]["message"]);
}

TEST(Adapters, ChangeEmbeddings) {
  const Folder folder;
  const AdapterFiles files;
  const std::string encoder = (folder / "encoder.gguf").string();
  testing_support::write_tiny_encoder(encoder);
  TinyAdapter adapter;
  adapter.architecture = "bert";
  adapter.columns = 64;
  adapter.rows = testing_support::tiny_encoder_width;
  const auto options = Options{}.model(encoder).threads(1);
  auto base = *make_llama_cpp_transport(options);
  auto with = *make_llama_cpp_transport(Options(options).adapters({files.add("one.gguf", adapter)}));
  const std::string body = R"({"input":["cat","dog"]})";
  const auto first_of = [](const Reply& reply) {
    EXPECT_EQ(reply.status, 200) << reply.body << (reply.error ? reply.error->message : "");
    return reply.parsed()["data"][0]["embedding"][0].get<double>();
  };
  const auto made = [&](Transport& transport) {
    return first_of(drain(*open(transport, body, "local:///v1/embeddings")));
  };
  const auto loads = model_cache_stats().loads;
  const double plain = made(*base);
  const double changed = made(*with);
  EXPECT_GT(std::abs(changed - plain), 0.01);
  EXPECT_NEAR(made(*base), plain, 1e-4);
  std::vector<std::unique_ptr<Channel>> channels;
  for (int i = 0; i < 10; ++i) channels.push_back(open(i % 2 == 0 ? *base : *with, body, "local:///v1/embeddings"));
  for (std::size_t i = 0; i < channels.size(); ++i)
    EXPECT_NEAR(first_of(drain(*channels[i])), i % 2 == 0 ? plain : changed, 1e-4);
  EXPECT_EQ(model_cache_stats().loads - loads, 1);
}

TEST(Adapters, AreReadAgainIfTheirFileChanges) {
  const TinyModelFile model;
  const AdapterFiles files;
  const std::string file = files.add("one.gguf", with_seed(1));
  auto transport = adapted(model, {file});
  const std::string before = greedy(*transport);
  std::filesystem::remove(file);
  files.add("one.gguf", with_seed(2));
  EXPECT_NE(greedy(*transport), before);
  const auto loads = model_cache_stats().loads;
  std::filesystem::remove(file);
  EXPECT_EQ(ask(*transport, chat("hi")).error.value_or(Error()).kind, ErrorKind::not_configured);
  EXPECT_EQ(model_cache_stats().loads, loads);
}

TEST(Adapters, OfAnyNumberCanBeUsedOneAfterTheOther) {
  const TinyModelFile model;
  const AdapterFiles files;
  std::string first;
  for (std::uint32_t seed = 0; seed < 70; ++seed) {
    const std::string file = files.add(std::to_string(seed) + ".gguf", with_seed(seed));
    const std::string said = greedy(*adapted(model, {file}));
    if (seed == 0) first = said;
  }
  EXPECT_EQ(greedy(*adapted(model, {files.path("0.gguf")})), first);
}

TEST(Adapters, WithAScaleThatIsNoNumberAreRefused) {
  const TinyModelFile model;
  for (const char* value :
       {"a.gguf=", "a.gguf=much", "a.gguf=nan", "a.gguf=inf", "a.gguf=1e30", "a.gguf=1x", "=1", ""}) {
    const auto made = make_llama_cpp_transport(model.options().adapters({value}));
    ASSERT_FALSE(made) << value;
    EXPECT_EQ(made.error().kind, ErrorKind::invalid_argument);
  }
}

TEST(Adapters, ThatAreNoAdaptersAreRefused) {
  const AdapterFiles files;
  const Folder folder;
  const TinyModelFile other;
  expect_refused(error_with(files.path("none.gguf")), ErrorKind::not_configured, "does not exist");
  expect_refused(error_with(folder.path().string()), ErrorKind::not_configured, "is a folder");
  expect_refused(error_with("/dev/null"), ErrorKind::not_configured, "not a regular file");
  expect_refused(error_with(other.path()), ErrorKind::engine_failed, "it is not an adapter");
  std::ofstream(folder / "text.gguf") << "no adapter";
  expect_refused(error_with((folder / "text.gguf").string()), ErrorKind::engine_failed, "not a GGUF file");
}

TEST(Adapters, ThatDoNotFitTheModelAreRefused) {
  const AdapterFiles files;
  const auto error_of = [&](auto change) {
    TinyAdapter adapter;
    change(adapter);
    return error_with(files.add("wrong.gguf", adapter));
  };
  constexpr auto kind = ErrorKind::engine_failed;
  expect_refused(error_of([](TinyAdapter& a) { a.architecture = "qwen2"; }), kind, "architecture 'qwen2'");
  expect_refused(error_of([](TinyAdapter& a) { a.adapter_type = "ia3"; }), kind, "'ia3'");
  expect_refused(error_of([](TinyAdapter& a) { a.tensor = "blk.7.ffn_down.weight"; }), kind, "does not exist");
  expect_refused(error_of([](TinyAdapter& a) { a.columns = 64; }), kind, "incorrect shape");
  expect_refused(error_of([](TinyAdapter& a) { a.rows = 63; }), kind, "incorrect shape");
  expect_refused(error_of([](TinyAdapter& a) { a.rank_of_b = 5; }), kind, "counterpart");
  expect_refused(error_of([](TinyAdapter& a) { a.has_b = false; }), kind, "counterpart");
  expect_refused(error_of([](TinyAdapter& a) { a.broken = true; }), kind, "no numbers");
  expect_refused(error_of([](TinyAdapter& a) { a.is_activated = true; }), kind, "activated");
  expect_refused(error_of([](TinyAdapter& a) { a.tensor = "token_embd.weight"; }), kind, "table of tokens");
}

TEST(Adapters, ThatAreCutOffAreRefused) {
  const AdapterFiles files;
  const std::string whole = files.add("whole.gguf");
  std::ifstream in(whole, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const TinyModelFile model;
  for (std::size_t size = 0; size < bytes.size(); size += bytes.size() / 40) {
    std::ofstream(files.path("cut.gguf"), std::ios::binary) << bytes.substr(0, size);
    const Reply reply = ask(*adapted(model, {files.path("cut.gguf")}), chat("hi"));
    EXPECT_TRUE(reply.error) << size;
  }
  EXPECT_EQ(ask(*adapted(model, {whole}), chat("hi", {{"max_tokens", 2}})).status, 200);
}

TEST(Adapters, OfARequestsBodyAreRefused) {
  const TinyModelFile model;
  json body = chat("hi");
  body["lora"] = json::array({{{"id", 0}, {"scale", 1}}});
  EXPECT_EQ(ask(*model.transport(), body).status, 400);
}

}  // namespace
}  // namespace abstractllm::engine_test
