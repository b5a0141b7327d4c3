// SPDX-License-Identifier: Apache-2.0
// Options of a model in this process, used with a model that runs elsewhere.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "abstractllm/llm.hpp"
#include "abstractllm/log.hpp"
#include "base/json.hpp"
#include "core/merge.hpp"
#include "providers/registry.hpp"

namespace abstractllm {
namespace {

using namespace std::chrono_literals;

class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

Result<EncodedRequest> encoded(const char* provider, const Options& instance, const Options& call = {}) {
  return create_llm(provider, Options().model("m").api_key("k").base_url("http://h.invalid/v1").over(instance))
      ->encode({Message::user("Hi")}, call);
}

/// Returns the options that the Warnings of this call name, in order.
std::vector<std::string> ignored(const char* provider, const Options& instance, const Options& call = {}) {
  std::vector<std::string> names;
  const auto request = encoded(provider, instance, call);
  for (const Warning& warning : request->warnings) {
    EXPECT_EQ(warning.code, "option_ignored");
    names.push_back(warning.message.substr(7, warning.message.find(' ', 7) - 7));
  }
  return names;
}

Options all_engine_options() {
  return Options()
      .context_size(64)
      .threads(2)
      .gpu_layers(1)
      .device("cpu")
      .parallel(2)
      .keep_alive(5s)
      .auto_warmup(true)
      .chat_template("chatml")
      .adapters({"a.gguf"})
      .engine_args({"--mlock"})
      .mmproj("p.gguf");
}

TEST(EngineOptions, OfAHandleOrACallGiveAWarningEachWhereTheModelRunsElsewhere) {
  std::vector<std::string> all;
  for (const OptionField& field : Options::fields())
    if (field.scope == OptionScope::engine) all.emplace_back(field.name);
  for (const char* provider : {"openai", "anthropic", "openai_compatible", "groq", "llama_server"}) {
    EXPECT_EQ(ignored(provider, all_engine_options()), all) << provider;
    EXPECT_EQ(ignored(provider, {}, all_engine_options()), all) << provider;
    EXPECT_EQ(ignored(provider, {}), std::vector<std::string>()) << provider;
    EXPECT_EQ(ignored(provider, Options().engine_args({}).device("")), std::vector<std::string>()) << provider;
  }
}

TEST(EngineOptions, AreAnErrorUnderStrict) {
  const auto refused = encoded("openai", Options().strict(true), Options().threads(2));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unsupported);
  EXPECT_EQ(refused.error().message,
            "option threads is not sent: it is for models that run in this process, and those of openai do not "
            "(strict)");
}

TEST(EngineOptions, AreSentWhereTheServerHasAField) {
  const auto request = encoded("ollama", Options().context_size(4096).keep_alive(90s));
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->warnings.empty());
  const Json body = Json::parse(request->http.body);
  EXPECT_EQ(body.at("keep_alive"), 90);
  EXPECT_EQ(body.at("options").at("num_ctx"), 4096);
  const std::vector<std::string> others = ignored("ollama", all_engine_options());
  EXPECT_EQ(others.size(), 9U);
  for (const char* sent : {"context_size", "keep_alive"})
    EXPECT_EQ(std::find(others.begin(), others.end(), sent), others.end()) << sent;
}

#ifdef ABSTRACTLLM_WITH_ENGINE
TEST(EngineOptions, GoToTheTransportOfALocalModelAndOfAProviderWithItsOwn) {
  EXPECT_TRUE(reads_engine_option(**find_provider("huggingface"), "threads"));
  EXPECT_FALSE(reads_engine_option(**find_provider("openai"), "threads"));
  const auto local = create_llm("huggingface", all_engine_options())->encode({Message::user("Hi")});
  ASSERT_TRUE(local);
  EXPECT_TRUE(local->warnings.empty());
}
#endif

TEST(EngineOptions, OfTheEnvironmentArePassedOverWithALogRecord) {
  const Variable threads("ABSTRACTLLM_THREADS", "2");
  const Variable broken("ABSTRACTLLM_GPU_LAYERS", "all of them");
  const Variable context("ABSTRACTLLM_CONTEXT_SIZE", "4096");
  std::vector<std::string> logged;
  const LogSink sink = add_log_sink(LogLevel::info, [&](const LogRecord& record) {
    if (record.event == "option_ignored") logged.push_back(record.message);
  });
  const auto openai = encoded("openai", Options().strict(true));
  ASSERT_TRUE(openai) << openai.error().message;
  EXPECT_TRUE(openai->warnings.empty());
  ASSERT_EQ(logged.size(), 3U);
  EXPECT_EQ(logged[1],
            "environment variable ABSTRACTLLM_THREADS is passed over: it is for models that run in this process, and "
            "openai's do not");
  logged.clear();
  EXPECT_EQ(Json::parse(encoded("ollama", {})->http.body).at("options").at("num_ctx"), 4096);
  EXPECT_EQ(logged.size(), 2U) << "context_size is sent";
}

}  // namespace
}  // namespace abstractllm
