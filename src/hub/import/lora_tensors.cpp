// SPDX-License-Identifier: Apache-2.0
// Sources, read 2026-11: convert_lora_to_gguf.py and src/llama-adapter.cpp of llama.cpp v0.5.0; tuners/lora/layer.py of
// peft 0.21.
#include "hub/import/lora_tensors.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <memory>
#include <unordered_map>
#include <utility>

#include "hub/import/tensor_names.hpp"
#include "hub/import/tensor_reader.hpp"

namespace abstractllm::lora {
namespace {

/// A row of the base model's table, for one block.
struct Target {
  const TensorRow* row;
  std::string name;
};

/// "model.layers.12.mlp.up_proj.weight" -> "model.layers.{}.mlp.up_proj.weight" and 12; -1 without a number.
std::pair<std::string, std::int64_t> split_number(const std::string& name) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  for (std::size_t begin = name.find('.'); begin != std::string::npos; begin = name.find('.', begin + 1)) {
    const std::size_t end = std::min(name.find('.', begin + 1), name.size());
    const std::string_view part = std::string_view(name).substr(begin + 1, end - begin - 1);
    if (part.empty() || part.size() > 4 || !std::all_of(part.begin(), part.end(), is_digit)) continue;
    const std::int64_t number = std::stoll(std::string(part));
    return {name.substr(0, begin + 1) + "{}" + name.substr(end), number};
  }
  return {name, -1};
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (const std::int64_t size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

/// Multiplies what was read, which the plan widens to floats.
Result<void> read_scaled(const TensorPlan& plan, double factor, const ByteSink& sink) {
  std::vector<float> scaled;
  return read_tensor(plan, [&](std::span<const std::byte> piece) {
    scaled.resize(piece.size() / sizeof(float));
    std::memcpy(scaled.data(), piece.data(), piece.size());
    for (float& value : scaled) value = static_cast<float>(value * factor);
    return sink(std::as_bytes(std::span(scaled)));
  });
}

class Adding {
 public:
  Adding(const AdapterBase& base, GgufModel& model) : base_(base), model_(model) {
    for (const TensorRow& row : base.architecture.tensors) rows_.emplace(row.source, &row);
  }

  Result<void> add(const LoraPair& pair, double factor) {
    const Result<Target> target = find(pair);
    if (!target) return target.error();
    if (Result<void> checked = check(pair, *target->row); !checked) return checked;
    const std::int64_t rank = rank_of(pair);
    push(target->name + ".lora_a", *pair.a, pair.is_embedding ? Transform::transpose : Transform::keep, 1);
    const Transform change = target->row->transform;
    const bool moves_rows = change == Transform::interleave_query || change == Transform::interleave_key;
    push(target->name + ".lora_b", *pair.b, moves_rows ? change : Transform::keep, factor);
    return rank > 0 ? Result<void>() : Error(ErrorKind::engine_failed, quoted(*pair.a) + " is empty");
  }

 private:
  static std::string quoted(const CheckpointTensor& tensor) {
    return "the adapter's tensor '" + tensor.stored.name + "'";
  }

  static std::int64_t rank_of(const LoraPair& pair) { return pair.a->stored.shape[0]; }

  Result<Target> find(const LoraPair& pair) const {
    const auto [name, block] = split_number(table_name(base_.architecture, pair.module + ".weight"));
    const auto found = rows_.find(name);
    const bool fits = found != rows_.end() && block < base_.sizes[Size::blocks];
    if (!fits) {
      return Error(ErrorKind::engine_failed, quoted(*pair.a) + " adapts '" + pair.module + "', which the base model (" +
                                                 std::string(base_.architecture.name) +
                                                 ") does not have; it is of another model");
    }
    const TensorRow& row = *found->second;
    if (const char* reason = obstacle(pair, row); reason != nullptr)
      return Error(ErrorKind::unsupported, quoted(*pair.a) + " cannot be used: " + reason);
    return Target{&row, numbered(row.target, "{}", std::max<std::int64_t>(block, 0))};
  }

  /// Why the engine cannot adapt a tensor of the base model.
  const char* obstacle(const LoraPair& pair, const TensorRow& row) const {
    const bool is_table = row.target == "token_embd.weight";
    if (is_table && base_.tied)
      return "the base model uses its embeddings as the output matrix too, and the engine cannot adapt one alone";
    if (is_table != pair.is_embedding) return "the engine adapts embeddings and matrices in different ways";
    if (row.presence == Presence::untied && base_.tied)
      return "the base model uses its embeddings as the output matrix, and the engine cannot adapt one alone";
    const bool is_matrix = row.shape[1] != Size::unused && row.shape[2] == Size::unused;
    constexpr Transform possible[] = {Transform::keep, Transform::interleave_query, Transform::interleave_key,
                                      Transform::transpose};
    const bool is_possible = std::find(std::begin(possible), std::end(possible), row.transform) != std::end(possible);
    return is_matrix && is_possible ? nullptr : "the engine adapts only single matrices";
  }

  /// The matrices must make one of the base's shape.
  Result<void> check(const LoraPair& pair, const TensorRow& row) const {
    std::int64_t rows = base_.sizes[row.shape[0]];
    std::int64_t columns = base_.sizes[row.shape[1]];
    // Embeddings are adapted as columns; a transposed matrix has its input dimension first.
    if (pair.is_embedding || row.transform == Transform::transpose) std::swap(rows, columns);
    const std::vector<std::int64_t>& a = pair.a->stored.shape;
    const std::vector<std::int64_t>& b = pair.b->stored.shape;
    if (a.size() != 2 || b.size() != 2 || a[0] != b[1] || a[0] < 1 || a[1] != columns || b[0] != rows) {
      return Error(ErrorKind::engine_failed, quoted(*pair.a) + " has the shape " + shape_text(a) + " and '" +
                                                 pair.b->stored.name + "' " + shape_text(b) +
                                                 "; for the base model they must be [r, " + std::to_string(columns) +
                                                 "] and [" + std::to_string(rows) + ", r]; it is of another model");
    }
    for (const CheckpointTensor* each : {pair.a, pair.b}) {
      if (importable_type(each->stored.type)) continue;
      return Error(ErrorKind::unsupported,
                   quoted(*each) + " has values of type " + each->stored.type + "; F32, F16 and BF16 are imported");
    }
    return {};
  }

  void push(std::string name, const CheckpointTensor& tensor, Transform change, double factor) {
    auto plan = std::make_shared<TensorPlan>();
    const auto& [stored, file] = tensor;
    plan->stored_type = *importable_type(stored.type);
    plan->type = factor == 1 ? plan->stored_type : TensorType::f32;
    plan->parts.push_back({file, stored.offset, stored.bytes, stored.name});
    plan->change = change;
    plan->rows = stored.shape[0];
    plan->columns = stored.shape[1];
    plan->head_rows = base_.sizes[Size::head];
    std::vector<std::int64_t> sizes = {stored.shape[1], stored.shape[0]};
    if (change == Transform::transpose) std::swap(sizes[0], sizes[1]);
    const auto read = [plan, factor](const ByteSink& sink) {
      return factor == 1 ? read_tensor(*plan, sink) : read_scaled(*plan, factor, sink);
    };
    model_.tensors.push_back({std::move(name), plan->type, std::move(sizes), read});
  }

  const AdapterBase& base_;
  GgufModel& model_;
  std::unordered_map<std::string_view, const TensorRow*> rows_;
};

}  // namespace
}  // namespace abstractllm::lora

namespace abstractllm {

Result<std::vector<LoraPair>> lora_pairs(const Checkpoint& checkpoint, const LoraNames& names) {
  struct End {
    std::string_view text;
    bool is_a;
    bool is_embedding;
  };
  const End ends[] = {{names.a, true, false},
                      {names.b, false, false},
                      {names.embedding_a, true, true},
                      {names.embedding_b, false, true}};
  std::vector<LoraPair> pairs;
  std::unordered_map<std::string, std::size_t> places;
  for (const CheckpointTensor& tensor : checkpoint.tensors) {
    const std::string_view name = tensor.stored.name;
    const auto* end = std::find_if(std::begin(ends), std::end(ends),
                                   [name](const End& each) { return !each.text.empty() && name.ends_with(each.text); });
    if (end == std::end(ends) || !name.starts_with(names.prefix) ||
        name.size() <= names.prefix.size() + end->text.size()) {
      return Error(
          ErrorKind::unsupported,
          "the adapter's tensor '" + tensor.stored.name +
              "' is no part of a LoRA; leaving it out would change the model. Merge the adapter into its model "
              "(merge_and_unload() of PEFT) and use the result as the model");
    }
    std::string module(name.substr(names.prefix.size(), name.size() - names.prefix.size() - end->text.size()));
    const auto [place, is_new] = places.emplace(module, pairs.size());
    if (is_new) pairs.push_back({std::move(module), nullptr, nullptr, end->is_embedding});
    LoraPair& pair = pairs[place->second];
    const CheckpointTensor*& half = end->is_a ? pair.a : pair.b;
    if (half != nullptr || pair.is_embedding != end->is_embedding)
      return Error(ErrorKind::engine_failed, "the adapter has '" + pair.module + "' twice");
    half = &tensor;
  }
  for (const LoraPair& pair : pairs) {
    if (pair.a != nullptr && pair.b != nullptr) continue;
    return Error(ErrorKind::engine_failed, "the adapter has only one of the two matrices of '" + pair.module + "'");
  }
  if (pairs.empty()) return Error(ErrorKind::engine_failed, "the adapter has no tensors");
  return pairs;
}

Result<void> add_lora(const AdapterBase& base, const std::vector<LoraPair>& pairs, const AlphaOf& alpha_of,
                      GgufModel& model) {
  double alpha = 0;
  lora::Adding adding(base, model);
  for (const LoraPair& pair : pairs) {
    const std::vector<std::int64_t>& shape = pair.a->stored.shape;
    const double own = alpha_of(pair.module, shape.empty() ? 1 : std::max<std::int64_t>(shape[0], 1));
    // The engine takes an alpha of 0 for none.
    if (alpha == 0) alpha = own;
    if (Result<void> added = adding.add(pair, alpha == 0 ? 0 : own / alpha); !added) return added;
  }
  const auto written = static_cast<float>(alpha == 0 ? 1 : alpha);
  if (!std::isfinite(written) || written == 0)
    return Error(ErrorKind::engine_failed, "the adapter's lora_alpha " + std::to_string(alpha) + " fits no float");
  model.add("adapter.lora.alpha", written);
  return {};
}

}  // namespace abstractllm
