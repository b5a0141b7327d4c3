// SPDX-License-Identifier: Apache-2.0
#include "hub/import/import_checkpoint.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "hub/import/architecture.hpp"
#include "hub/import/checkpoint.hpp"
#include "hub/import/model_keys.hpp"
#include "hub/import/model_tensors.hpp"
#include "support/checkpoint_files.hpp"

namespace abstractllm {
namespace {

using testing_support::CheckpointFolder;
using testing_support::counting;
using testing_support::FileTensor;
using testing_support::read_floats;
using testing_support::safetensors_text;

constexpr const char* llama_config = R"({"architectures": ["LlamaForCausalLM"], "vocab_size": 5, "hidden_size": 4,
  "intermediate_size": 3, "num_hidden_layers": 1, "num_attention_heads": 1, "max_position_embeddings": 16,
  "rms_norm_eps": 0.001, "rope_theta": 500.0, "tie_word_embeddings": false})";

std::vector<FileTensor> llama_tensors() {
  const std::string block = "model.layers.0.";
  return {counting("model.embed_tokens.weight", {5, 4}),
          counting(block + "input_layernorm.weight", {4}),
          counting(block + "self_attn.q_proj.weight", {4, 4}),
          counting(block + "self_attn.k_proj.weight", {4, 4}),
          counting(block + "self_attn.v_proj.weight", {4, 4}),
          counting(block + "self_attn.o_proj.weight", {4, 4}),
          counting(block + "post_attention_layernorm.weight", {4}),
          counting(block + "mlp.gate_proj.weight", {3, 4}),
          counting(block + "mlp.up_proj.weight", {3, 4}),
          counting(block + "mlp.down_proj.weight", {4, 3}),
          counting("model.norm.weight", {4}),
          counting("lm_head.weight", {5, 4}, 100)};
}

/// Everything but the tokenizer.
struct Import {
  GgufModel model;
  std::vector<Warning> warnings;
  std::optional<Error> error;

  const GgufValue* key(const std::string& name) const {
    for (const GgufEntry& entry : model.entries)
      if (entry.key == name) return &entry.value;
    return nullptr;
  }
  std::vector<float> values(const std::string& name) const {
    for (const GgufTensor& tensor : model.tensors)
      if (tensor.name == name) return read_floats(tensor);
    return {};
  }
  bool has_tensor(const std::string& name) const {
    return std::any_of(model.tensors.begin(), model.tensors.end(),
                       [&](const auto& tensor) { return tensor.name == name; });
  }
};

/// Imports what the settings of a patch (JSON merge patch) change.
Import import_of(std::string_view config_text, const std::vector<FileTensor>& tensors, std::string_view patch = "{}") {
  const CheckpointFolder folder;
  folder.write("model.safetensors", safetensors_text(tensors));
  Json settings = Json::parse(config_text);
  settings.merge_patch(Json::parse(patch));
  const auto class_name = settings["architectures"][0].get<std::string>();
  const Architecture* architecture = find_architecture(class_name);
  Import import;
  ModelConfig config(settings, "config.json", architecture->defaults, architecture->aliases);
  ModelSizes sizes;
  ImportDraft draft{config, sizes, import.model, import.warnings, class_name, architecture->name};
  const auto checkpoint = open_checkpoint(ModelFolder(folder.path()));
  EXPECT_TRUE(checkpoint) << checkpoint.error().message;
  read_sizes(*architecture, draft);
  if (!config.error()) add_model_keys(*architecture, draft);
  if (!config.error()) {
    if (const auto added = add_tensors(*architecture, *checkpoint, draft); !added) import.error = added.error();
  }
  if (config.error()) import.error = config.error();
  // The folder goes away now; open files stay readable.
  return import;
}

Import llama(std::string_view patch = "{}") { return import_of(llama_config, llama_tensors(), patch); }

testing::AssertionResult refused(const Import& import, ErrorKind kind, const std::string& part) {
  if (import.error && import.error->kind == kind && import.error->message.find(part) != std::string::npos)
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << (import.error ? import.error->message : "it was imported");
}

template <class Value>
Value key_of(const Import& import, const std::string& name) {
  const GgufValue* value = import.key(name);
  EXPECT_NE(value, nullptr) << name;
  return value == nullptr ? Value() : std::get<Value>(*value);
}

TEST(ImportLlama, WritesKeysAndTensors) {
  const Import import = llama();
  ASSERT_FALSE(import.error) << import.error->message;
  EXPECT_EQ(key_of<std::uint32_t>(import, "llama.context_length"), 16U);
  EXPECT_EQ(key_of<std::uint32_t>(import, "llama.attention.head_count_kv"), 1U);
  EXPECT_EQ(key_of<float>(import, "llama.rope.freq_base"), 500.0F);
  EXPECT_EQ(key_of<float>(import, "llama.attention.layer_norm_rms_epsilon"), 0.001F);
  EXPECT_EQ(import.model.tensors.size(), 12U);
  EXPECT_EQ(import.model.tensors.front().sizes, (std::vector<std::int64_t>{4, 5}));
  EXPECT_EQ(import.values("blk.0.attn_q.weight"),
            (std::vector<float>{0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15}));
  EXPECT_EQ(import.values("blk.0.attn_v.weight")[4], 4.0F);
  EXPECT_EQ(import.values("output.weight")[0], 100.0F);
}

TEST(ImportLlama, KeepsTheTypeOfMatricesAndWidensTheRest) {
  std::vector<FileTensor> tensors = llama_tensors();
  for (FileTensor& tensor : tensors) {
    tensor.type = "BF16";
    tensor.bytes.assign(tensor.bytes.size() / 2, '\0');
  }
  const Import import = import_of(llama_config, tensors);
  ASSERT_FALSE(import.error) << import.error->message;
  for (const GgufTensor& tensor : import.model.tensors)
    EXPECT_EQ(tensor.type, tensor.sizes.size() == 1 ? TensorType::f32 : TensorType::bf16) << tensor.name;
  EXPECT_EQ(file_type(import.model.tensors), 32U);
}

TEST(ImportLlama, LetsTheConfigurationDecideAboutTiedEmbeddings) {
  EXPECT_FALSE(llama(R"({"tie_word_embeddings": true})").has_tensor("output.weight"));
  std::vector<FileTensor> tensors = llama_tensors();
  tensors.pop_back();
  EXPECT_TRUE(refused(import_of(llama_config, tensors), ErrorKind::engine_failed, "lacks tensor 'lm_head.weight'"));
  EXPECT_FALSE(import_of(llama_config, tensors, R"({"tie_word_embeddings": true})").error);
}

TEST(ImportLlama, NamesMissingAndUnknownTensors) {
  std::vector<FileTensor> tensors = llama_tensors();
  tensors.push_back(counting("model.layers.0.self_attn.rotary_emb.inv_freq", {2}));
  EXPECT_FALSE(import_of(llama_config, tensors).error);
  tensors.push_back(counting("model.layers.1.mlp.up_proj.weight", {3, 4}));
  EXPECT_TRUE(refused(import_of(llama_config, tensors), ErrorKind::unsupported, "'model.layers.1.mlp.up_proj.weight'"));
  tensors = llama_tensors();
  tensors.erase(tensors.begin() + 8);
  EXPECT_TRUE(
      refused(import_of(llama_config, tensors), ErrorKind::engine_failed, "'model.layers.0.mlp.up_proj.weight'"));
  tensors = llama_tensors();
  tensors.push_back(counting("layers.0.mlp.up_proj.weight", {3, 4}));
  EXPECT_TRUE(refused(import_of(llama_config, tensors), ErrorKind::engine_failed, "twice"));
}

TEST(ImportLlama, ChecksShapesAgainstTheConfiguration) {
  EXPECT_TRUE(refused(llama(R"({"vocab_size": 6})"), ErrorKind::engine_failed, "[5, 4]"));
  EXPECT_TRUE(refused(llama(R"({"intermediate_size": 4})"), ErrorKind::engine_failed, "asks for [4, 4]"));
  EXPECT_TRUE(refused(llama(R"({"head_dim": 2})"), ErrorKind::engine_failed, "q_proj"));
}

TEST(ImportLlama, RefusesTypesOfValuesThatItNeeds) {
  std::vector<FileTensor> tensors = llama_tensors();
  tensors[2] = {tensors[2].name, "F8_E4M3", {4, 4}, std::string(16, '\0')};
  EXPECT_TRUE(
      refused(import_of(llama_config, tensors), ErrorKind::unsupported, "q_proj.weight' has values of type F8_E4M3"));
  // Not where nobody needs it.
  tensors = llama_tensors();
  tensors.push_back({"model.layers.0.self_attn.rotary_emb.inv_freq", "I64", {1}, std::string(8, '\0')});
  EXPECT_FALSE(import_of(llama_config, tensors).error);
}

TEST(ImportLlama, RefusesSettingsWithoutSense) {
  for (const char* patch :
       {R"({"hidden_size": null})", R"({"hidden_size": 0})", R"({"hidden_size": -4})", R"({"hidden_size": 4.5})",
        R"({"hidden_size": "4"})", R"({"hidden_size": 1e300})", R"({"num_hidden_layers": 513})",
        R"({"num_hidden_layers": 9223372036854775807})", R"({"num_attention_heads": 3})",
        R"({"num_attention_heads": 4, "num_key_value_heads": 3})", R"({"rope_theta": 0})", R"({"rope_theta": "x"})",
        R"({"tie_word_embeddings": 1})", R"({"rope_scaling": 3})", R"({"vocab_size": 4294967301})"})
    EXPECT_TRUE(refused(llama(patch), ErrorKind::engine_failed, "config.json")) << patch;
}

TEST(ImportLlama, RefusesWhatTheEngineComputesOtherwise) {
  for (const char* patch :
       {R"({"hidden_act": "gelu"})", R"({"partial_rotary_factor": 0.5})", R"({"rope_scaling": {"type": "longrope"}})",
        R"({"rope_scaling": {"rope_type": "yarn", "factor": 2.0, "beta_fast": 16}})",
        R"({"rope_scaling": {"type": "?"}})", R"({"rope_parameters": {"full_attention": {}}})"})
    EXPECT_TRUE(refused(llama(patch), ErrorKind::unsupported, "config.json")) << patch;
}

TEST(ImportLlama, ReadsBothFormsOfRopeParameters) {
  const Import old_form = llama(R"({"rope_scaling": {"type": "linear", "factor": 4}})");
  const Import new_form =
      llama(R"({"rope_theta": null, "rope_parameters": {"rope_type": "linear", "factor": 4, "rope_theta": 500}})");
  for (const Import* import : {&old_form, &new_form}) {
    ASSERT_FALSE(import->error) << import->error->message;
    EXPECT_EQ(key_of<std::string>(*import, "llama.rope.scaling.type"), "linear");
    EXPECT_EQ(key_of<float>(*import, "llama.rope.scaling.factor"), 4.0F);
    EXPECT_EQ(key_of<float>(*import, "llama.rope.freq_base"), 500.0F);
  }
  EXPECT_EQ(key_of<float>(llama(R"({"rope_theta": null})"), "llama.rope.freq_base"), 10000.0F);
}

TEST(ImportLlama, WritesTheDivisorsOfLlama3) {
  // Wavelengths 2π and 2π √500 ≈ 140: the first is short, the second long.
  const Import import = llama(R"({"rope_scaling": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 1,
    "high_freq_factor": 4, "original_max_position_embeddings": 64}})");
  ASSERT_FALSE(import.error) << import.error->message;
  EXPECT_EQ(import.values("rope_freqs.weight"), (std::vector<float>{1, 8}));
  EXPECT_TRUE(refused(llama(R"({"rope_scaling": {"rope_type": "llama3", "factor": 8}})"), ErrorKind::engine_failed,
                      "low_freq_factor"));
}

TEST(ImportLlama, CorrectsTheFactorOfYarnByTheUsualOne) {
  const char* usual = R"({"rope_scaling": {"rope_type": "yarn", "factor": 4, "original_max_position_embeddings": 8}})";
  const Import import = llama(usual);
  EXPECT_EQ(key_of<std::uint32_t>(import, "llama.rope.scaling.original_context_length"), 8U);
  EXPECT_EQ(import.key("llama.rope.scaling.attn_factor"), nullptr);
  const Import changed = llama(R"({"rope_scaling": {"rope_type": "yarn", "factor": 4, "attention_factor": 1}})");
  EXPECT_NEAR(key_of<float>(changed, "llama.rope.scaling.attn_factor"), 1 / (0.1 * std::log(4.0) + 1), 1e-6);
}

TEST(ImportLlama, WarnsAboutWhatBeginsBehindALength) {
  const Import dynamic = llama(R"({"rope_scaling": {"type": "dynamic", "factor": 2}})");
  ASSERT_EQ(dynamic.warnings.size(), 1U);
  EXPECT_EQ(dynamic.warnings[0].code, "import_rope");
  EXPECT_EQ(llama(R"({"sliding_window": 8})").warnings.size(), 1U);
  EXPECT_TRUE(llama(R"({"sliding_window": 16})").warnings.empty());
}

TEST(ImportLlama, TakesBiasesOnlyWhereTheConfigurationHasThem) {
  std::vector<FileTensor> tensors = llama_tensors();
  const std::string attention = "model.layers.0.self_attn.";
  for (const char* name : {"q_proj.bias", "k_proj.bias", "v_proj.bias", "o_proj.bias"})
    tensors.push_back(counting(attention + name, {4}));
  EXPECT_TRUE(refused(import_of(llama_config, tensors), ErrorKind::unsupported, "bias"));
  const Import import = import_of(llama_config, tensors, R"({"attention_bias": true})");
  EXPECT_EQ(import.values("blk.0.attn_q.bias"), (std::vector<float>{0, 2, 1, 3}));
  EXPECT_TRUE(refused(llama(R"({"attention_bias": true})"), ErrorKind::engine_failed, "q_proj.bias"));
}

std::vector<FileTensor> mixtral_tensors(bool stacked) {
  std::vector<FileTensor> tensors = llama_tensors();
  tensors.erase(tensors.begin() + 7, tensors.begin() + 10);
  const std::string block = "model.layers.0.";
  if (stacked) {
    tensors.push_back(counting(block + "mlp.gate.weight", {2, 4}));
    tensors.push_back(counting(block + "mlp.experts.gate_up_proj", {2, 6, 4}));
    tensors.push_back(counting(block + "mlp.experts.down_proj", {2, 4, 3}));
    return tensors;
  }
  tensors.push_back(counting(block + "block_sparse_moe.gate.weight", {2, 4}));
  for (const std::string expert : {"0", "1"}) {
    const float first = expert == "0" ? 0 : 24;
    const std::string name = block + "block_sparse_moe.experts." + expert;
    tensors.push_back(counting(name + ".w1.weight", {3, 4}, first));
    tensors.push_back(counting(name + ".w2.weight", {4, 3}, first / 2));
    tensors.push_back(counting(name + ".w3.weight", {3, 4}, first + 12));
  }
  return tensors;
}

TEST(ImportMixtral, StacksExpertsAndReadsStackedOnes) {
  const char* patch = R"({"architectures": ["MixtralForCausalLM"], "num_key_value_heads": 1, "num_local_experts": 2,
    "num_experts_per_tok": 1})";
  const Import apart = import_of(llama_config, mixtral_tensors(false), patch);
  const Import stacked = import_of(llama_config, mixtral_tensors(true), patch);
  ASSERT_FALSE(apart.error) << apart.error->message;
  ASSERT_FALSE(stacked.error) << stacked.error->message;
  for (const char* name : {"gate", "down", "up"}) {
    const std::string tensor = std::string("blk.0.ffn_") + name + "_exps.weight";
    EXPECT_EQ(apart.values(tensor).size(), 24U) << tensor;
    EXPECT_EQ(apart.values(tensor), stacked.values(tensor)) << tensor;
  }
  EXPECT_EQ(apart.values("blk.0.ffn_up_exps.weight")[12], 36.0F);
  EXPECT_EQ(key_of<std::uint32_t>(apart, "llama.expert_count"), 2U);
  EXPECT_EQ(key_of<std::uint32_t>(apart, "llama.expert_used_count"), 1U);
}

TEST(ImportMixtral, NamesAMissingExpert) {
  std::vector<FileTensor> tensors = mixtral_tensors(false);
  tensors.pop_back();
  const char* patch = R"({"architectures": ["MixtralForCausalLM"], "num_key_value_heads": 1, "num_local_experts": 2})";
  EXPECT_TRUE(refused(import_of(llama_config, tensors, patch), ErrorKind::engine_failed, "experts.1.w3.weight"));
}

constexpr const char* bert_config = R"({"architectures": ["BertModel"], "vocab_size": 8, "hidden_size": 4,
  "intermediate_size": 3, "num_hidden_layers": 1, "num_attention_heads": 2, "max_position_embeddings": 6})";

std::vector<FileTensor> bert_tensors(const std::string& prefix) {
  const std::string block = prefix + "encoder.layer.0.";
  std::vector<FileTensor> tensors = {counting(prefix + "embeddings.word_embeddings.weight", {8, 4}),
                                     counting(prefix + "embeddings.position_embeddings.weight", {6, 4}),
                                     counting(prefix + "embeddings.token_type_embeddings.weight", {2, 4}),
                                     counting(prefix + "embeddings.LayerNorm.gamma", {4}),
                                     counting(prefix + "embeddings.LayerNorm.beta", {4})};
  const auto dense = [&](const std::string& name, std::int64_t rows, std::int64_t columns) {
    tensors.push_back(counting(block + name + ".weight", {rows, columns}));
    tensors.push_back(counting(block + name + ".bias", {rows}));
  };
  for (const char* name :
       {"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"})
    dense(name, 4, 4);
  dense("intermediate.dense", 3, 4);
  dense("output.dense", 4, 3);
  for (const char* name : {"attention.output.LayerNorm", "output.LayerNorm"}) {
    tensors.push_back(counting(block + name + ".weight", {4}));
    tensors.push_back(counting(block + name + ".bias", {4}));
  }
  tensors.push_back(counting(prefix + "pooler.dense.weight", {4, 4}));
  tensors.push_back(counting(prefix + "pooler.dense.bias", {4}));
  return tensors;
}

TEST(ImportBert, LeavesThePoolerOutOfEmbeddings) {
  for (const char* prefix : {"", "bert."}) {
    const Import import = import_of(bert_config, bert_tensors(prefix));
    ASSERT_FALSE(import.error) << import.error->message;
    EXPECT_EQ(import.model.tensors.size(), 21U);
    EXPECT_FALSE(import.has_tensor("cls.weight"));
    EXPECT_EQ(key_of<bool>(import, "bert.attention.causal"), false);
    EXPECT_EQ(key_of<float>(import, "bert.attention.layer_norm_epsilon"), 1e-12F);
  }
}

TEST(ImportBert, TakesThePoolerAndTheLabelsOfAClassifier) {
  std::vector<FileTensor> tensors = bert_tensors("bert.");
  tensors.push_back(counting("classifier.weight", {1, 4}));
  tensors.push_back(counting("classifier.bias", {1}));
  const char* patch = R"({"architectures": ["BertForSequenceClassification"], "id2label": {"0": "score"}})";
  const Import import = import_of(bert_config, tensors, patch);
  ASSERT_FALSE(import.error) << import.error->message;
  EXPECT_TRUE(import.has_tensor("cls.weight"));
  EXPECT_TRUE(import.has_tensor("cls.output.bias"));
  EXPECT_EQ(key_of<std::vector<std::string>>(import, "bert.classifier.output_labels"),
            std::vector<std::string>{"score"});
  for (const char* odd : {R"({"1": "a"})", R"({"0": 1})", "[]", R"({"x": "a"})", R"({"00": "a", "0": "b"})"}) {
    const std::string other =
        R"({"architectures": ["BertForSequenceClassification"], "id2label": )" + std::string(odd) + "}";
    EXPECT_TRUE(import_of(bert_config, tensors, other).error) << odd;
  }
}

TEST(ImportRoberta, LeavesOutThePositionsOfPadding) {
  const char* patch = R"({"architectures": ["XLMRobertaModel"], "pad_token_id": 1})";
  const Import import = import_of(bert_config, bert_tensors("roberta."), patch);
  ASSERT_FALSE(import.error) << import.error->message;
  EXPECT_EQ(key_of<std::uint32_t>(import, "bert.context_length"), 4U);
  EXPECT_EQ(import.values("position_embd.weight").size(), 16U);
  EXPECT_EQ(import.values("position_embd.weight").front(), 8.0F);
  EXPECT_TRUE(
      refused(import_of(bert_config, bert_tensors(""), R"({"architectures": ["RobertaModel"], "pad_token_id": 5})"),
              ErrorKind::engine_failed, "pad_token_id"));
}

/// The names of an architecture's table with the shapes that these settings give.
std::vector<FileTensor> tensors_of(const std::string& config_text) {
  const Json settings = Json::parse(config_text);
  const auto class_name = settings["architectures"][0].get<std::string>();
  const Architecture* architecture = find_architecture(class_name);
  ModelConfig config(settings, "config.json", architecture->defaults, architecture->aliases);
  ModelSizes sizes;
  GgufModel model;
  std::vector<Warning> warnings;
  ImportDraft draft{config, sizes, model, warnings, class_name, architecture->name};
  read_sizes(*architecture, draft);
  std::vector<FileTensor> tensors;
  for (const TensorRow& row : architecture->tensors) {
    std::string name(row.source);
    if (const std::size_t at = name.find("{}"); at != std::string::npos) name.replace(at, 2, "0");
    std::vector<std::int64_t> shape;
    for (const Size size : row.shape)
      if (size != Size::unused) shape.push_back(sizes[size]);
    if (row.presence == Presence::required) tensors.push_back(counting(name, shape));
  }
  return tensors;
}

/// Imports what the table asks for.
Import table_import(const std::string& config, std::string_view patch = "{}") {
  return import_of(config, tensors_of(config), patch);
}

std::string gemma_config(const std::string& class_name) {
  return R"({"vocab_size": 5, "hidden_size": 4, "intermediate_size": 3, "num_hidden_layers": 1, "head_dim": 2,
    "num_attention_heads": 2, "num_key_value_heads": 1, "query_pre_attn_scalar": 2, "sliding_window": 8,
    "architectures": [")" +
         class_name + "\"]}";
}

TEST(ImportGemma, AddsOneToNorms) {
  for (const char* class_name : {"GemmaForCausalLM", "Gemma2ForCausalLM", "Gemma3ForCausalLM"}) {
    const Import import = table_import(gemma_config(class_name));
    ASSERT_FALSE(import.error) << import.error->message;
    EXPECT_EQ(import.values("output_norm.weight"), (std::vector<float>{1, 2, 3, 4})) << class_name;
    EXPECT_EQ(import.values("blk.0.ffn_up.weight").front(), 0.0F) << class_name;
  }
}

TEST(ImportGemma, WritesTheCapsAndRefusesTheirAbsence) {
  const std::string config = gemma_config("Gemma2ForCausalLM");
  EXPECT_EQ(key_of<float>(table_import(config), "gemma2.attn_logit_softcapping"), 50.0F);
  EXPECT_EQ(key_of<std::uint32_t>(table_import(config), "gemma2.attention.sliding_window"), 8U);
  Json without = Json::parse(config);
  without["attn_logit_softcapping"] = nullptr;
  EXPECT_TRUE(refused(table_import(without.dump()), ErrorKind::unsupported, "attn_logit_softcapping"));
}

TEST(ImportGemma, RefusesAScaleThatTheEngineDoesNotUse) {
  for (const char* class_name : {"Gemma2ForCausalLM", "Gemma3ForCausalLM"})
    EXPECT_TRUE(refused(table_import(gemma_config(class_name), R"({"query_pre_attn_scalar": 3})"),
                        ErrorKind::unsupported, "query_pre_attn_scalar"));
}

TEST(ImportGemma, ReadsBothFormsOfTwoRopeBases) {
  const std::string config = gemma_config("Gemma3ForCausalLM");
  for (const char* patch :
       {R"({"rope_theta": 7000, "rope_local_base_freq": 300, "rope_scaling": {"rope_type": "linear", "factor": 8}})",
        R"({"rope_parameters": {"full_attention": {"rope_type": "linear", "factor": 8, "rope_theta": 7000},
                                "sliding_attention": {"rope_type": "default", "rope_theta": 300}}})"}) {
    const Import import = table_import(config, patch);
    ASSERT_FALSE(import.error) << import.error->message;
    EXPECT_EQ(key_of<float>(import, "gemma3.rope.freq_base"), 7000.0F);
    EXPECT_EQ(key_of<float>(import, "gemma3.rope.freq_base_swa"), 300.0F);
    EXPECT_EQ(key_of<float>(import, "gemma3.rope.scaling.factor"), 8.0F);
  }
}

TEST(ImportGemma, WritesAnUnusualPatternOfWindows) {
  const std::string config = gemma_config("Gemma3ForCausalLM");
  EXPECT_EQ(table_import(config).key("gemma3.attention.sliding_window_pattern"), nullptr);
  EXPECT_EQ(key_of<std::uint32_t>(table_import(config, R"({"sliding_window_pattern": 3})"),
                                  "gemma3.attention.sliding_window_pattern"),
            3U);
  // All layers see everything.
  EXPECT_EQ(table_import(config, R"({"layer_types": ["full_attention"]})").key("gemma3.attention.sliding_window"),
            nullptr);
  for (const char* odd :
       {R"({"layer_types": ["chunked_attention"]})", R"({"layer_types": []})", R"({"layer_types": 1})"})
    EXPECT_TRUE(refused(table_import(config, odd), ErrorKind::unsupported, "layer_types")) << odd;
}

TEST(ImportGpt2, TransposesMatricesAndFillsInTheUsualWidth) {
  const Import import =
      table_import(R"({"architectures": ["GPT2LMHeadModel"], "vocab_size": 5, "n_embd": 4, "n_layer": 1,
    "n_head": 2, "n_positions": 6, "n_inner": null})");
  ASSERT_FALSE(import.error) << import.error->message;
  EXPECT_EQ(key_of<std::uint32_t>(import, "gpt2.feed_forward_length"), 16U);
  EXPECT_EQ(key_of<std::uint32_t>(import, "gpt2.context_length"), 6U);
  const std::vector<float> output = import.values("blk.0.attn_output.weight");
  ASSERT_EQ(output.size(), 16U);
  EXPECT_EQ(output[1], 4.0F);
  EXPECT_EQ(output[4], 1.0F);
}

constexpr const char* phi_config = R"({"architectures": ["Phi3ForCausalLM"], "vocab_size": 5, "hidden_size": 16,
  "intermediate_size": 3, "num_hidden_layers": 1, "num_attention_heads": 2, "partial_rotary_factor": 0.5,
  "max_position_embeddings": 64, "original_max_position_embeddings": 16, "tie_word_embeddings": true})";

TEST(ImportPhi3, WritesTheFactorsOfLongContexts) {
  const Import plain = table_import(phi_config);
  ASSERT_FALSE(plain.error) << plain.error->message;
  EXPECT_EQ(key_of<std::uint32_t>(plain, "phi3.rope.dimension_count"), 4U);
  EXPECT_FALSE(plain.has_tensor("rope_factors_long.weight"));
  const Import scaled = table_import(
      phi_config, R"({"rope_scaling": {"type": "longrope", "long_factor": [1.5, 2], "short_factor": [1, 1.25]}})");
  ASSERT_FALSE(scaled.error) << scaled.error->message;
  EXPECT_EQ(scaled.values("rope_factors_long.weight"), (std::vector<float>{1.5F, 2}));
  EXPECT_EQ(scaled.values("rope_factors_short.weight"), (std::vector<float>{1, 1.25F}));
  EXPECT_NEAR(key_of<float>(scaled, "phi3.rope.scaling.attn_factor"), std::sqrt(1 + std::log(4.0) / std::log(16.0)),
              1e-6);
}

TEST(ImportPhi3, RefusesFactorsThatDoNotFit) {
  for (const char* scaling :
       {R"({"type": "longrope"})", R"({"type": "longrope", "long_factor": [1], "short_factor": [1, 1]})",
        R"({"type": "longrope", "long_factor": [1, "x"], "short_factor": [1, 1]})",
        R"({"type": "longrope", "long_factor": [1, 0], "short_factor": [1, 1]})"})
    EXPECT_TRUE(refused(table_import(phi_config, R"({"rope_scaling": )" + std::string(scaling) + "}"),
                        ErrorKind::engine_failed, "factor"))
        << scaling;
  EXPECT_TRUE(refused(table_import(phi_config, R"({"rope_scaling": {"type": "linear", "factor": 2}})"),
                      ErrorKind::unsupported, "linear"));
  EXPECT_TRUE(refused(table_import(phi_config, R"({"partial_rotary_factor": 0.1})"), ErrorKind::engine_failed, "odd"));
}

TEST(ImportArchitectures, AllSayWhichTensorsAndKeysTheyHave) {
  for (const Architecture* architecture : architectures()) {
    EXPECT_FALSE(architecture->classes.empty());
    for (const std::string_view name : architecture->classes) EXPECT_EQ(find_architecture(name), architecture) << name;
    for (const TensorRow& row : architecture->tensors) {
      EXPECT_NE(row.shape[0], Size::unused) << row.source;
      EXPECT_EQ(row.source.find("{}") == std::string_view::npos, row.target.find("{}") == std::string_view::npos)
          << row.source;
      EXPECT_EQ(row.presence == Presence::setting, !row.flag.empty()) << row.source;
    }
  }
  EXPECT_EQ(find_architecture("Llama"), nullptr);
}

TEST(ImportCheckpoint, NamesTheArchitecturesThatItKnows) {
  const CheckpointFolder folder;
  folder.write("config.json", R"({"architectures": ["MambaForCausalLM"]})");
  const auto imported = import_checkpoint(ModelFolder(folder.path()));
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().kind, ErrorKind::unsupported);
  for (const char* part : {"'MambaForCausalLM'", "LlamaForCausalLM", "XLMRobertaModel"})
    EXPECT_NE(imported.error().message.find(part), std::string::npos) << imported.error().message;
  const std::vector<std::string> names = importable_architectures();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (const char* odd : {"{}", "[]", R"({"architectures": []})", R"({"architectures": [7]})"}) {
    folder.write("config.json", odd);
    EXPECT_EQ(import_checkpoint(ModelFolder(folder.path())).error().kind, ErrorKind::unsupported) << odd;
  }
}

TEST(ImportCheckpoint, RefusesWeightsThatAreAlreadyQuantised) {
  const CheckpointFolder folder;
  folder.write("config.json",
               R"({"architectures": ["LlamaForCausalLM"], "quantization_config": {"quant_method": "gptq"}})");
  const auto imported = import_checkpoint(ModelFolder(folder.path()));
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().kind, ErrorKind::unsupported);
}

TEST(ImportCheckpoint, ImportsAModelForEmbeddingsWithItsPooling) {
  const CheckpointFolder folder;
  folder.write("config.json", bert_config);
  folder.write("model.safetensors", safetensors_text(bert_tensors("")));
  folder.write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n##c\n");
  folder.write(
      "tokenizer_config.json",
      R"({"do_lower_case": true, "tokenizer_class": "BertTokenizer", "bos_token": "[CLS]", "cls_token": "[CLS]", "sep_token": "[SEP]",
    "unk_token": "[UNK]", "pad_token": "[PAD]", "mask_token": "[MASK]"})");
  folder.write("modules.json", R"([{"type": "sentence_transformers.models.Transformer", "path": ""},
    {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"}])");
  folder.write("1_Pooling/config.json", R"({"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false})");
  const auto imported = import_checkpoint(ModelFolder(folder.path()));
  ASSERT_TRUE(imported) << imported.error().message;
  const auto value = [&](const std::string& key) -> const GgufValue& {
    static const GgufValue none;
    for (const GgufEntry& entry : imported->model.entries)
      if (entry.key == key) return entry.value;
    ADD_FAILURE() << key;
    return none;
  };
  EXPECT_EQ(value("general.architecture"), GgufValue(std::string("bert")));
  EXPECT_EQ(value("bert.pooling_type"), GgufValue(std::uint32_t{2}));
  EXPECT_EQ(value("tokenizer.ggml.token_type_count"), GgufValue(std::uint32_t{2}));
  EXPECT_EQ(value("tokenizer.ggml.model"), GgufValue(std::string("bert")));
  EXPECT_TRUE(imported->warnings.empty());
}

}  // namespace
}  // namespace abstractllm
