// SPDX-License-Identifier: Apache-2.0
#include "hub/import/rope.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>
#include <numbers>
#include <utility>

namespace abstractllm {
namespace {

constexpr double engine_base = 10'000;  // llama_hparams::rope_freq_base_train of llama.cpp v0.5.0
constexpr std::int64_t most_rope_positions = std::int64_t{1} << 31;

}  // namespace

std::string rope_type(const Json& parameters) {
  for (const char* name : {"rope_type", "type"}) {
    const auto found = parameters.find(name);
    if (found != parameters.end() && found->is_string()) return found->get<std::string>();
  }
  return "default";
}

namespace {

double factor_of(ModelConfig& rope) {
  const double factor = rope.number("factor");
  if (!(factor >= 1) && !rope.error()) rope.refuse(ErrorKind::engine_failed, "has a factor below 1");
  return factor;
}

void add_yarn(ImportDraft& draft, ModelConfig& rope, const Json& parameters) {
  const double factor = factor_of(rope);
  // The engine reads these two for other architectures only.
  constexpr std::array<std::pair<const char*, double>, 2> built_in = {{{"beta_fast", 32}, {"beta_slow", 1}}};
  for (const auto& [name, value] : built_in)
    if (rope.has(name) && rope.number(name) != value)
      rope.refuse(ErrorKind::unsupported, std::string("has '") + name + "', which the engine cannot change");
  for (const char* name : {"mscale", "mscale_all_dim"})
    if (rope.has(name)) rope.refuse(ErrorKind::unsupported, std::string("has '") + name + "', which the engine lacks");
  if (const auto truncate = parameters.find("truncate"); truncate != parameters.end() && *truncate == false)
    rope.refuse(ErrorKind::unsupported, "has 'truncate' false, which the engine lacks");
  draft.add("rope.scaling.type", std::string("yarn"));
  draft.add("rope.scaling.factor", static_cast<float>(factor));
  const std::int64_t original = rope.has("original_max_position_embeddings")
                                    ? rope.integer("original_max_position_embeddings", 1, most_rope_positions)
                                    : draft.sizes[Size::context];
  draft.add("rope.scaling.original_context_length", static_cast<std::uint32_t>(original));
  if (!rope.has("attention_factor")) return;
  // The engine computes the usual factor itself and multiplies it by this key.
  const double usual = 0.1 * std::log(factor) + 1;
  const double relative = rope.number("attention_factor") / usual;
  if (std::abs(relative - 1) > 1e-6) draft.add("rope.scaling.attn_factor", static_cast<float>(relative));
}

/// One divisor per frequency. In floats and in this order, as the reference computes it (_compute_llama3_parameters).
void add_llama3(ImportDraft& draft, ModelConfig& rope, double base) {
  const auto factor = static_cast<float>(factor_of(rope));
  const auto low = static_cast<float>(rope.number("low_freq_factor"));
  const auto high = static_cast<float>(rope.number("high_freq_factor"));
  const auto original = static_cast<float>(rope.integer("original_max_position_embeddings", 1, most_rope_positions));
  if (!rope.error() && !(low > 0 && high > low))
    rope.refuse(ErrorKind::engine_failed, "needs 0 < low_freq_factor < high_freq_factor");
  if (rope.error()) return;
  const auto size = draft.sizes[Size::head];
  std::vector<float> divisors;
  for (std::int64_t at = 0; at < size; at += 2) {
    const float frequency =
        1.0F / std::pow(static_cast<float>(base), static_cast<float>(at) / static_cast<float>(size));
    const float length = 2 * std::numbers::pi_v<float> / frequency;
    const float smooth = (original / length - low) / (high - low);
    if (length < original / high) divisors.push_back(1);
    else if (length > original / low) divisors.push_back(factor);
    else divisors.push_back(1 / ((1 - smooth) / factor + smooth));
  }
  draft.model.tensors.push_back(constant_tensor("rope_freqs.weight", std::move(divisors)));
}

}  // namespace

GgufTensor constant_tensor(std::string name, std::vector<float> values) {
  const auto size = static_cast<std::int64_t>(values.size());
  const auto shared = std::make_shared<const std::vector<float>>(std::move(values));
  return {std::move(name), TensorType::f32, {size}, [shared](const ByteSink& sink) {
            return sink(std::as_bytes(std::span(*shared)));
          }};
}

const Json& rope_parameters(ImportDraft& draft) {
  static const Json none = Json::object();
  for (const char* name : {"rope_parameters", "rope_scaling"}) {
    const Json* found = draft.config.find(name);
    if (found == nullptr) continue;
    if (found->is_object()) return *found;
    draft.config.refuse(ErrorKind::engine_failed, std::string("has '") + name + "', which is no object");
  }
  return none;
}

void warn_sliding_window(ImportDraft& draft) {
  if (!draft.config.has("sliding_window")) return;
  const std::int64_t window = draft.config.integer("sliding_window", 0, most_rope_positions);
  if (window == 0 || window >= draft.sizes[Size::context]) return;
  draft.warnings.push_back({"import_sliding_window",
                            "the model's sliding window is left out, because the engine does "
                            "not apply one to " +
                                std::string(draft.name) + "; inputs of up to " + std::to_string(window) +
                                " tokens are not affected"});
}

void add_rope_scaling(ImportDraft& draft, const Json& parameters, double base, const RopeSupport& support) {
  ModelConfig rope(parameters, draft.config.where() + ": rope parameters");
  const std::string type = rope_type(parameters);
  if (type == "linear") {
    draft.add("rope.scaling.type", std::string("linear"));
    draft.add("rope.scaling.factor", static_cast<float>(factor_of(rope)));
  } else if (type == "dynamic") {
    // Below max_position_embeddings nothing is scaled, and that is the context length of the file.
    draft.warnings.push_back({"import_rope",
                              "the model's dynamic scaling of positions is left out, because the engine "
                              "lacks it; inputs of up to " +
                                  std::to_string(draft.sizes[Size::context]) + " tokens are not affected"});
  } else if (type == "yarn") {
    add_yarn(draft, rope, parameters);
  } else if (type == "llama3" && support.llama3) {
    add_llama3(draft, rope, base);
  } else if (type != "default") {
    rope.refuse(ErrorKind::unsupported,
                "have the type '" + type + "', which the engine does not apply to " + std::string(draft.name));
  }
  if (rope.error() && !draft.config.error()) draft.config.fail(*rope.error());
}

void add_rope(ImportDraft& draft, const RopeSupport& support) {
  const Json& parameters = rope_parameters(draft);
  if (parameters.contains("full_attention") || parameters.contains("sliding_attention")) {
    draft.config.refuse(ErrorKind::unsupported,
                        "has rope parameters for each kind of layer, which the engine does not "
                        "apply to " +
                            std::string(draft.name));
    return;
  }
  ModelConfig rope(parameters, draft.config.where() + ": rope parameters");
  const double base = rope.has("rope_theta") ? rope.number("rope_theta") : draft.config.number("rope_theta");
  if (rope.error()) return draft.config.fail(*rope.error());
  if (!(base > 0)) draft.config.refuse(ErrorKind::engine_failed, "has a rope_theta that is not positive");
  for (const ModelConfig* each : {&std::as_const(rope), &std::as_const(draft.config)}) {
    const Json* part = each->find("partial_rotary_factor");
    if (part != nullptr && *part != 1)
      draft.config.refuse(ErrorKind::unsupported,
                          "has a partial_rotary_factor, which the engine does not apply to " + std::string(draft.name));
  }
  add_rope_scaling(draft, parameters, base, support);
  if (support.always_base || base != engine_base) draft.add("rope.freq_base", static_cast<float>(base));
}

}  // namespace abstractllm
