// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <sstream>
#include <string_view>

#include "engines/llama_cpp/gguf_metadata.hpp"
#include "engines/llama_cpp/model_metadata.hpp"
#include "llama.h"

namespace abstractllm {
namespace {

constexpr double most_real = std::numeric_limits<float>::max();
constexpr double most_count = 2147483647;
constexpr double most_layers = 512;          // LLAMA_MAX_LAYERS
constexpr double most_experts = 1024;        // LLAMA_MAX_EXPERTS
constexpr double most_remembered = 1 << 20;  // tokens that a penalty looks back; the engine allocates them

/// Numbers beyond which the engine ends the process (GGML_ASSERT) or takes all memory. A key that begins with a dot
/// belongs to the architecture.
struct Limits {
  std::string_view key;
  double least;
  double most;
};

// llama_model_base::load_hparams (src/llama-model.cpp), common_sampler_init (common/sampling.cpp) and ggml_rope_impl
// (ggml/src/ggml.c) of llama.cpp v0.5.0, read on 2026-11-27.
constexpr Limits number_limits[] = {
    {".block_count", 1, most_layers},
    {".nextn_predict_layers", 0, most_layers},
    {".embedding_length", 1, most_count},
    {".context_length", 1, most_count},
    {".attention.head_count", 0, most_count},
    {".attention.head_count_kv", 0, most_count},
    {".attention.layer_norm_rms_epsilon", 0, most_real},
    {".attention.layer_norm_epsilon", 0, most_real},
    {".attention.group_norm_epsilon", 0, most_real},
    {".pooling_type", 0, LLAMA_POOLING_TYPE_RANK},
    {".expert_count", 0, most_experts},
    {"general.sampling.mirostat", 0, 2},
    {"general.sampling.penalty_last_n", -1, most_remembered},
};

// Their attention uses no rotation, so the width of a head may be odd.
constexpr std::array<std::string_view, 7> without_rotation = {"gpt2", "gptj", "mpt", "refact", "bloom", "bert", "t5"};

std::string text_of(double value) {
  std::ostringstream text;
  text.precision(std::numeric_limits<double>::max_digits10);
  text << value;
  return text.str();
}

class MetadataCheck {
 public:
  explicit MetadataCheck(const std::string& path) : file_(path), architecture_(file_.architecture()) {}

  std::optional<std::string> run() const {
    for (const Limits& row : number_limits)
      for (const double value : file_.numbers(full(row.key)))
        if (!(value >= row.least && value <= row.most)) return said(row.key, value);
    for (const auto check : {&MetadataCheck::layers, &MetadataCheck::experts, &MetadataCheck::expert_groups,
                             &MetadataCheck::heads, &MetadataCheck::rotation})
      if (auto problem = (this->*check)()) return problem;
    return {};
  }

 private:
  std::string full(std::string_view key) const {
    return key.starts_with('.') ? architecture_ + std::string(key) : std::string(key);
  }
  double number(std::string_view key, double otherwise) const {
    const std::vector<double> found = file_.numbers(full(key));
    return found.size() == 1 ? found[0] : otherwise;
  }
  double largest(std::string_view key) const {
    const std::vector<double> found = file_.numbers(full(key));
    return found.empty() ? 0 : *std::max_element(found.begin(), found.end());
  }
  std::string said(std::string_view key, double value, const std::string& reason = {}) const {
    return full(key) + " is " + text_of(value) + reason;
  }

  std::optional<std::string> layers() const {
    const double extra = number(".nextn_predict_layers", 0);
    if (extra > number(".block_count", most_layers)) return said(".nextn_predict_layers", extra);
    return {};
  }

  std::optional<std::string> experts() const {
    const double all = number(".expert_count", 0);
    const double used = largest(".expert_used_count");
    if (used > all || (all > 1 && used < 1))
      return said(".expert_used_count", used, " of " + text_of(all) + " experts");
    return {};
  }

  std::optional<std::string> expert_groups() const {
    const double experts = number(".expert_count", 0);
    const double groups = number(".expert_group_count", 0);
    if (groups == 0) return {};
    if (groups >= experts || std::fmod(experts, groups) != 0) return said(".expert_group_count", groups);
    const double used = number(".expert_group_used_count", 0);
    if (groups > 1 && (used < 1 || used >= groups)) return said(".expert_group_used_count", used);
    return {};
  }

  std::optional<std::string> heads() const {
    const std::vector<double> queries = file_.numbers(full(".attention.head_count"));
    const std::vector<double> keys = file_.numbers(full(".attention.head_count_kv"));
    for (std::size_t i = 0; i < queries.size() && i < keys.size(); ++i)
      if (keys[i] > 0 && std::fmod(queries[i], keys[i]) != 0)
        return said(".attention.head_count_kv", keys[i], ", which does not divide " + text_of(queries[i]));
    return {};
  }

  std::optional<std::string> rotation() const {
    for (const std::string_view key : {".rope.dimension_count", ".rope.dimension_count_swa"}) {
      const double rotated = number(key, 0);
      if (!(rotated >= 0) || std::fmod(rotated, 2) != 0) return said(key, rotated, ", and not even");
    }
    const auto is_it = [this](std::string_view name) { return name == architecture_; };
    if (std::any_of(without_rotation.begin(), without_rotation.end(), is_it)) return {};
    const double heads = number(".attention.head_count", 0);
    const double shared = heads > 0 ? std::floor(number(".embedding_length", 0) / heads) : 0;
    const double width = number(".attention.key_length", shared);
    const double rotated = number(".rope.dimension_count", width);
    if (std::fmod(rotated, 2) != 0) return said(".attention.key_length", width, ", and not even");
    if (width > 0 && rotated > width)
      return said(".rope.dimension_count", rotated, ", more than a head has (" + text_of(width) + ")");
    return {};
  }

  GgufMetadata file_;
  std::string architecture_;
};

}  // namespace

std::optional<std::string> metadata_problem(const std::string& path) { return MetadataCheck(path).run(); }

Result<void> check_model_metadata(const std::string& path) {
  const std::optional<std::string> problem = metadata_problem(path);
  if (!problem) return {};
  return Error(ErrorKind::engine_failed,
               "model file '" + path + "' is broken: its " + *problem + "; fetch it again, or take another model");
}

}  // namespace abstractllm
