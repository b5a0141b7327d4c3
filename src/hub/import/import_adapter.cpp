// SPDX-License-Identifier: Apache-2.0
#include "hub/import/import_adapter.hpp"

#include <optional>
#include <utility>

#include "hub/import/adapter_base.hpp"
#include "hub/import/adapter_config.hpp"
#include "hub/import/lora_tensors.hpp"
#include "hub/import/model_keys.hpp"

namespace abstractllm::peft {
namespace {

constexpr std::string_view config_name = "adapter_config.json";
constexpr std::string_view tensors_name = "adapter_model.safetensors";
constexpr std::uint32_t quantization_version = 2;  // GGML_QNT_VERSION of llama.cpp v0.5.0
// https://huggingface.co/docs/peft/developer_guides/checkpoint, read 2026-11.
constexpr LoraNames peft_names = {"base_model.model.", ".lora_A.weight", ".lora_B.weight", ".lora_embedding_A",
                                  ".lora_embedding_B"};

Result<Checkpoint> open_tensors(const ModelFolder& folder) {
  if (!folder.has(tensors_name) && folder.has("adapter_model.bin")) {
    return Error(ErrorKind::unsupported, "'" + folder.path().string() +
                                             "' has its adapter only as 'adapter_model.bin'; pickle files are never "
                                             "opened because they can run code. Use one with .safetensors files");
  }
  return open_checkpoint_file(folder, tensors_name);
}

Result<void> check_ranks(const AdapterConfig& config, const std::vector<LoraPair>& pairs) {
  for (const LoraPair& pair : pairs) {
    const std::vector<std::int64_t>& shape = pair.a->stored.shape;
    if (config.rank == 0 || shape.empty() || shape[0] == config.rank) continue;
    return Error(ErrorKind::engine_failed, "the adapter's tensor '" + pair.a->stored.name + "' has the rank " +
                                               std::to_string(shape[0]) + ", and adapter_config.json says " +
                                               std::to_string(config.rank));
  }
  return {};
}

/// The parts of an adapter that do not depend on its base model.
struct Parts {
  AdapterConfig config;
  Checkpoint checkpoint;
  std::vector<LoraPair> pairs;  // into the checkpoint
};

Result<Parts> read_parts(const ModelFolder& adapter) {
  const Result<Json> stored = adapter.json(config_name);
  if (!stored) return stored.error();
  Result<AdapterConfig> config = read_adapter_config(*stored);
  if (!config) return config.error();
  Result<Checkpoint> checkpoint = open_tensors(adapter);
  if (!checkpoint) return checkpoint.error();
  Parts parts{*std::move(config), *std::move(checkpoint), {}};
  Result<std::vector<LoraPair>> pairs = lora_pairs(parts.checkpoint, peft_names);
  if (!pairs) return pairs.error();
  parts.pairs = *std::move(pairs);
  if (Result<void> checked = check_ranks(parts.config, parts.pairs); !checked) return checked.error();
  return parts;
}

Result<GgufModel> fit(const Parts& parts, const AdapterBase& base, const std::string& name) {
  GgufModel model;
  begin_adapter(base, name, model);
  const auto alpha_of = [&parts](std::string_view module, std::int64_t rank) {
    return parts.config.effective_alpha(module, rank);
  };
  if (Result<void> added = add_lora(base, parts.pairs, alpha_of, model); !added) return added.error();
  if (!parts.config.invocation_tokens.empty())
    model.add("adapter.alora.invocation_tokens", parts.config.invocation_tokens);
  model.add("general.quantization_version", quantization_version);
  return model;
}

}  // namespace
}  // namespace abstractllm::peft

namespace abstractllm {

bool is_adapter(const ModelFolder& folder) { return folder.has(peft::config_name); }

Result<GgufModel> import_adapter(const ModelFolder& adapter, const ModelFolder& base) {
  const Result<peft::Parts> parts = peft::read_parts(adapter);
  if (!parts) return parts.error();
  const Result<AdapterBase> base_model = read_adapter_base(base);
  if (!base_model) return base_model.error();
  return peft::fit(*parts, *base_model, model_name(adapter));
}

Result<GgufModel> import_adapter(const ModelFolder& adapter, const GgufDescription& base) {
  const Result<peft::Parts> parts = peft::read_parts(adapter);
  if (!parts) return parts.error();
  const Result<std::vector<AdapterBase>> bases = adapter_bases(base);
  if (!bases) return bases.error();
  Result<GgufModel> fitted = peft::fit(*parts, bases->front(), model_name(adapter));
  // The first one's error is about the usual names.
  for (std::size_t at = 1; !fitted && at < bases->size(); ++at)
    if (Result<GgufModel> other = peft::fit(*parts, (*bases)[at], model_name(adapter))) fitted = std::move(other);
  return fitted;
}

}  // namespace abstractllm
