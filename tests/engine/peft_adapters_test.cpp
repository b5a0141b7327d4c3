// SPDX-License-Identifier: Apache-2.0
//
// LoRA adapters as PEFT saves them, for a model of which there is only a GGUF file.
#include <cstring>
#include <fstream>
#include <map>
#include <thread>

#include "abstractllm/abstractllm.hpp"
#include "abstractllm/hub.hpp"
#include "abstractllm/model_cache.hpp"
#include "engine/ask.hpp"
#include "ggml.h"
#include "gguf.h"
#include "support/checkpoint_files.hpp"
#include "support/tiny_adapter.hpp"
#include "support/tiny_encoder.hpp"

namespace abstractllm::engine_test {
namespace {

using namespace testing_support;

/// The tensors of a GGUF file of 32-bit floats.
std::map<std::string, FileTensor> tensors_of(const std::string& file) {
  ggml_context* memory = nullptr;
  const std::unique_ptr<gguf_context, decltype(&gguf_free)> read(gguf_init_from_file(file.c_str(), {false, &memory}),
                                                                 &gguf_free);
  const std::unique_ptr<ggml_context, decltype(&ggml_free)> tensors(memory, &ggml_free);
  std::map<std::string, FileTensor> found;
  for (ggml_tensor* each = ggml_get_first_tensor(memory); each != nullptr; each = ggml_get_next_tensor(memory, each)) {
    const std::string bytes(static_cast<const char*>(each->data), ggml_nbytes(each));
    found[each->name] = {each->name, "F32", {each->ne[1], each->ne[0]}, bytes};
  }
  return found;
}

/// One adapter in both forms, and a cache of its own for what is imported.
class PeftFolders {
 public:
  PeftFolders() { setenv("XDG_CACHE_HOME", cache_.path().c_str(), 1); }
  ~PeftFolders() { unsetenv("XDG_CACHE_HOME"); }
  PeftFolders(const PeftFolders&) = delete;
  PeftFolders& operator=(const PeftFolders&) = delete;

  std::string gguf(const std::string& name) const { return (folder_.path() / (name + ".gguf")).string(); }
  std::string peft(const std::string& name) const { return (folder_.path() / name).string(); }

  /// `module` is what `adapter.tensor` is called in a checkpoint.
  void add(const std::string& name, const TinyAdapter& adapter = {},
           const std::string& module = "model.layers.1.mlp.down_proj") const {
    write_tiny_adapter(gguf(name), adapter);
    const auto tensors = tensors_of(gguf(name));
    FileTensor a = tensors.at(adapter.tensor + ".lora_a");
    FileTensor b = tensors.at(adapter.tensor + ".lora_b");
    a.name = "base_model.model." + module + ".lora_A.weight";
    b.name = "base_model.model." + module + ".lora_B.weight";
    folder_.write(name + "/adapter_config.json",
                  R"({"peft_type": "LORA", "r": )" + std::to_string(adapter.rank_of_a) + R"(, "lora_alpha": 4000})");
    folder_.write(name + "/adapter_model.safetensors", safetensors_text(std::vector<FileTensor>{a, b}));
  }

  std::vector<CachedModel> imported() const {
    std::vector<CachedModel> found;
    auto all = cached_models();
    if (all)
      for (CachedModel& each : *all)
        if (each.adapter) found.push_back(std::move(each));
    return found;
  }

 private:
  CheckpointFolder folder_;
  CheckpointFolder cache_;
};

TinyAdapter seeded(std::uint32_t seed) {
  TinyAdapter adapter;
  adapter.seed = seed;
  return adapter;
}

/// The model always takes the most likely letter.
Llm handle(const TinyModelFile& model, const std::vector<std::string>& adapters) {
  auto made = create_llm("huggingface", model.options().adapters(adapters).temperature(0).max_tokens(40).extra_body(
                                            R"({"grammar": "root ::= [a-z]+", "ignore_eos": true})"));
  EXPECT_TRUE(made) << made.error().message;
  return *std::move(made);
}

std::string said(const Llm& model) {
  const auto reply = model.generate("Tell me");
  EXPECT_TRUE(reply) << reply.error().message;
  return reply ? reply->text : "";
}

TEST(PeftAdapters, AreTheSameAsFilesOfTheEngine) {
  const TinyModelFile model;
  const PeftFolders folders;
  folders.add("one", seeded(1));
  folders.add("two", seeded(2));
  const std::string base = said(handle(model, {}));
  const std::string one = said(handle(model, {folders.gguf("one")}));
  EXPECT_NE(one, base);
  EXPECT_EQ(said(handle(model, {folders.peft("one")})), one);
  EXPECT_EQ(said(handle(model, {folders.peft("one") + "=0"})), base);
  EXPECT_EQ(said(handle(model, {folders.peft("one") + "=0.5"})), said(handle(model, {folders.gguf("one") + "=0.5"})));
  EXPECT_EQ(said(handle(model, {folders.peft("one"), folders.peft("two")})),
            said(handle(model, {folders.gguf("one"), folders.gguf("two")})));
  EXPECT_EQ(said(handle(model, {folders.peft("one") + "=0.5", folders.peft("one") + "=0.5"})), one);
}

TEST(PeftAdapters, OfTwoHandlesShareTheModelAndAreNeverMixedUp) {
  const TinyModelFile model;
  const PeftFolders folders;
  folders.add("one", seeded(1));
  folders.add("two", seeded(2));
  const std::string expected[] = {said(handle(model, {folders.gguf("one")})),
                                  said(handle(model, {folders.gguf("two")}))};
  ASSERT_NE(expected[0], expected[1]);
  const auto loads = model_cache_stats().loads;
  const Llm handles[] = {handle(model, {folders.peft("one")}), handle(model, {folders.peft("two")})};
  std::string answers[8];
  std::vector<std::thread> threads;
  for (std::size_t at = 0; at < 8; ++at) threads.emplace_back([&, at] { answers[at] = said(handles[at % 2]); });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t at = 0; at < 8; ++at) EXPECT_EQ(answers[at], expected[at % 2]) << at;
  EXPECT_EQ(model_cache_stats().loads, loads);
  EXPECT_EQ(folders.imported().size(), 2U);
}

TEST(PeftAdapters, AreImportedAgainAfterAChange) {
  const TinyModelFile model;
  const PeftFolders folders;
  folders.add("one", seeded(1));
  const Llm one = handle(model, {folders.peft("one")});
  const std::string before = said(one);
  folders.add("one", seeded(2));
  const std::string after = said(one);
  EXPECT_NE(after, before);
  EXPECT_EQ(after, said(handle(model, {folders.gguf("one")})));
}

TEST(PeftAdapters, MayBeRemovedFromTheCacheWhileTheyAreUsed) {
  const TinyModelFile model;
  const PeftFolders folders;
  folders.add("one");
  const Llm one = handle(model, {folders.peft("one")});
  const std::string expected = said(one);
  std::string text;
  Stream stream = one.stream("Tell me");
  for (const StreamEvent& event : stream) {
    if (const auto* delta = std::get_if<TextDelta>(&event)) text += delta->text;
    for (const CachedModel& each : folders.imported()) EXPECT_TRUE(remove_cached(each.name)) << each.name;
  }
  EXPECT_EQ(text, expected);
  EXPECT_TRUE(folders.imported().empty());
  EXPECT_EQ(said(one), expected);
  EXPECT_EQ(folders.imported().size(), 1U);
}

TEST(PeftAdapters, ThatAreRefusedLeaveOtherHandlesAlone) {
  const TinyModelFile model;
  const PeftFolders folders;
  TinyAdapter wide;
  wide.columns = 160;
  folders.add("wide", wide);
  const auto refused = handle(model, {folders.peft("wide")}).generate("hi");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::engine_failed);
  EXPECT_NE(refused.error().message.find("mlp.down_proj.lora_A.weight"), std::string::npos) << refused.error().message;
  const auto missing = handle(model, {folders.peft("missing")}).generate("hi");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found) << missing.error().message;
  const auto loads = model_cache_stats().loads;
  said(handle(model, {}));
  EXPECT_EQ(model_cache_stats().loads, loads);
}

TEST(PeftAdapters, ChangeEmbeddings) {
  const CheckpointFolder folder;
  const PeftFolders folders;
  const std::string encoder = (folder.path() / "encoder.gguf").string();
  write_tiny_encoder(encoder);
  TinyAdapter adapter;
  adapter.architecture = "bert";
  adapter.columns = 64;
  adapter.rows = tiny_encoder_width;
  folders.add("one", adapter, "encoder.layer.1.output.dense");
  const auto vector_with = [&](const std::vector<std::string>& adapters) {
    const auto model = create_llm("huggingface", Options().model(encoder).threads(1).adapters(adapters));
    const auto made = model->embed({"cat"});
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::vector<float>(made->values().begin(), made->values().end()) : std::vector<float>();
  };
  const auto base = vector_with({});
  const auto changed = vector_with({folders.peft("one")});
  EXPECT_EQ(changed, vector_with({folders.gguf("one")}));
  EXPECT_NE(changed, base);
}

}  // namespace
}  // namespace abstractllm::engine_test
