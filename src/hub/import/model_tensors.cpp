// SPDX-License-Identifier: Apache-2.0
#include "hub/import/model_tensors.hpp"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <utility>

#include "hub/import/tensor_names.hpp"
#include "hub/import/tensor_reader.hpp"

namespace abstractllm {
namespace {

using Shape = std::vector<std::int64_t>;

std::string shape_text(const Shape& shape) {
  std::string text = "[";
  for (const std::int64_t size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

bool fits(std::string_view name, std::string_view pattern) {
  if (pattern.starts_with('*')) return name.ends_with(pattern.substr(1));
  if (pattern.ends_with('*')) return name.starts_with(pattern.substr(0, pattern.size() - 1));
  return name == pattern;
}

/// One import of all tensors.
class Matching {
 public:
  Matching(const Architecture& architecture, ImportDraft& draft) : architecture_(architecture), draft_(draft) {
    tied_ = draft.config.flag("tie_word_embeddings");
  }

  Result<void> index(const Checkpoint& checkpoint) {
    for (const CheckpointTensor& tensor : checkpoint.tensors) {
      const auto [place, is_new] =
          stored_.emplace(table_name(architecture_, tensor.stored.name), Entry{&tensor, false});
      if (is_new) continue;
      return Error(ErrorKind::engine_failed, "the checkpoint has tensor '" + place->first + "' twice: as '" +
                                                 place->second.tensor->stored.name + "' and as '" + tensor.stored.name +
                                                 "'");
    }
    return {};
  }

  Result<void> match_all() {
    const std::span<const TensorRow> rows = architecture_.tensors;
    for (std::size_t first = 0; first < rows.size();) {
      std::size_t end = first + 1;
      while (end < rows.size() && is_per_block(rows[end]) == is_per_block(rows[first])) ++end;
      const std::int64_t times = is_per_block(rows[first]) ? draft_.sizes[Size::blocks] : 1;
      for (std::int64_t block = 0; block < times; ++block)
        if (Result<void> matched = match_rows(rows.subspan(first, end - first), block); !matched) return matched;
      first = end;
    }
    return check_leftovers();
  }

 private:
  struct Entry {
    const CheckpointTensor* tensor;
    bool used;
  };

  Result<void> match_rows(std::span<const TensorRow> rows, std::int64_t block) {
    while (!rows.empty()) {
      std::size_t alternatives = 1;
      while (alternatives < rows.size() && rows[alternatives].target == rows[0].target) ++alternatives;
      if (Result<void> matched = match_one(rows.first(alternatives), block); !matched) return matched;
      rows = rows.subspan(alternatives);
    }
    return {};
  }

  Result<void> match_one(std::span<const TensorRow> alternatives, std::int64_t block) {
    for (const TensorRow& row : alternatives) {
      const auto found = stored_.find(numbered(numbered(row.source, "{}", block), "{x}", 0));
      if (found == stored_.end()) continue;
      if (row.presence == Presence::untied && tied_) {
        found->second.used = true;
        return {};
      }
      if (row.presence == Presence::setting && !draft_.config.flag(row.flag)) continue;
      return add(row, block);
    }
    const TensorRow& row = alternatives.front();
    const bool needed = row.presence == Presence::required || (row.presence == Presence::untied && !tied_) ||
                        (row.presence == Presence::setting && draft_.config.flag(row.flag));
    if (needed) return missing(numbered(numbered(row.source, "{}", block), "{x}", 0));
    return {};
  }

  static Result<void> missing(const std::string& name) {
    return Error(ErrorKind::engine_failed, "the checkpoint lacks tensor '" + name +
                                               "', which its config.json asks for; check that it was fetched "
                                               "completely");
  }

  Shape shape_of(const TensorRow& row) const {
    Shape shape;
    for (const Size size : row.shape)
      if (size != Size::unused) shape.push_back(draft_.sizes[size]);
    return shape;
  }

  Result<const CheckpointTensor*> take(const std::string& name, const Shape& shape) {
    const auto found = stored_.find(name);
    if (found == stored_.end()) return missing(name).error();
    found->second.used = true;
    const StoredTensor& stored = found->second.tensor->stored;
    if (stored.shape != shape) {
      return Error(ErrorKind::engine_failed, "tensor '" + stored.name + "' has the shape " + shape_text(stored.shape) +
                                                 ", and config.json asks for " + shape_text(shape));
    }
    if (!importable_type(stored.type)) {
      return Error(ErrorKind::unsupported, "tensor '" + stored.name + "' has values of type " + stored.type +
                                               "; F32, F16 and BF16 are imported. Use a repository with the original "
                                               "weights, or with .gguf files");
    }
    return found->second.tensor;
  }

  /// The stored parts of a row's tensor, and the shape that they make.
  Result<void> plan_parts(const TensorRow& row, std::int64_t block, Shape& shape, TensorPlan& plan) {
    const std::string name = numbered(row.source, "{}", block);
    const std::int64_t count = row.transform == Transform::stack_experts ? draft_.sizes[Size::experts] : 1;
    for (std::int64_t expert = 0; expert < count; ++expert) {
      const Result<const CheckpointTensor*> found = take(numbered(name, "{x}", expert), shape);
      if (!found) return found.error();
      const auto& [stored, file] = **found;
      const TensorType type = *importable_type(stored.type);
      if (expert > 0 && type != plan.stored_type)
        return Error(ErrorKind::unsupported, "tensor '" + stored.name + "' has another type than its other experts");
      plan.stored_type = type;
      plan.parts.push_back({file, stored.offset, stored.bytes, stored.name});
    }
    if (row.transform == Transform::stack_experts) shape.insert(shape.begin(), count);
    return {};
  }

  /// Leaves out rows: the first ones, or half of those of each expert.
  void cut_parts(const TensorRow& row, Shape& shape, TensorPlan& plan) const {
    const TensorPart whole = plan.parts.front();
    if (row.transform == Transform::skip_positions) {
      const std::int64_t row_bytes = whole.bytes / shape[0];
      const std::int64_t skipped = (shape[0] - draft_.sizes[Size::context]) * row_bytes;
      plan.parts.front().offset += skipped;
      plan.parts.front().bytes -= skipped;
      shape[0] = draft_.sizes[Size::context];
    }
    if (row.transform == Transform::first_row_last) {
      const std::int64_t row_bytes = whole.bytes / shape[0];
      plan.parts = {{whole.file, whole.offset + row_bytes, whole.bytes - row_bytes, whole.name},
                    {whole.file, whole.offset, row_bytes, whole.name}};
    }
    if (row.transform != Transform::first_half_rows && row.transform != Transform::second_half_rows) return;
    const std::int64_t half = whole.bytes / shape[0] / 2;
    plan.parts.clear();
    for (std::int64_t expert = 0; expert < shape[0]; ++expert) {
      const std::int64_t begin = 2 * expert + (row.transform == Transform::second_half_rows ? 1 : 0);
      plan.parts.push_back({whole.file, whole.offset + begin * half, half, whole.name});
    }
    shape[1] /= 2;
  }

  Result<void> add(const TensorRow& row, std::int64_t block) {
    auto plan = std::make_shared<TensorPlan>();
    Shape shape = shape_of(row);
    if (Result<void> planned = plan_parts(row, block, shape, *plan); !planned) return planned;
    cut_parts(row, shape, *plan);
    const std::string target = numbered(row.target, "{}", block);
    // As the engine's converter decides (conversion/base.py of llama.cpp v0.5.0, prepare_tensors).
    const bool wide = row.always_f32 || row.transform == Transform::plus_one || shape.size() < 2 ||
                      target.ends_with("_norm.weight") || !target.ends_with(".weight");
    plan->type = wide ? TensorType::f32 : plan->stored_type;
    plan->change = row.transform;
    plan->rows = shape[0];
    plan->columns = shape.size() < 2 ? 1 : shape[1];
    plan->head_rows = draft_.sizes[Size::head];
    if (row.transform == Transform::transpose) std::swap(shape[0], shape[1]);
    std::reverse(shape.begin(), shape.end());
    draft_.model.tensors.push_back(
        {target, plan->type, std::move(shape), [plan](const ByteSink& sink) { return read_tensor(*plan, sink); }});
    return {};
  }

  Result<void> check_leftovers() const {
    std::vector<std::string> unknown;
    for (const auto& [name, entry] : stored_) {
      const auto skips = [name = std::string_view(name)](std::string_view pattern) { return fits(name, pattern); };
      if (entry.used || std::any_of(architecture_.skipped.begin(), architecture_.skipped.end(), skips)) continue;
      unknown.push_back(entry.tensor->stored.name);
    }
    if (unknown.empty()) return {};
    std::sort(unknown.begin(), unknown.end());
    return Error(ErrorKind::unsupported, "the checkpoint has " + std::to_string(unknown.size()) + " tensor(s) that " +
                                             std::string(draft_.class_name) +
                                             " with this config.json does not have, the first is '" + unknown.front() +
                                             "'; leaving them out would change the model");
  }

  const Architecture& architecture_;
  ImportDraft& draft_;
  bool tied_ = false;
  std::unordered_map<std::string, Entry> stored_;
};

}  // namespace

Result<void> add_tensors(const Architecture& architecture, const Checkpoint& checkpoint, ImportDraft& draft) {
  Matching matching(architecture, draft);
  if (Result<void> indexed = matching.index(checkpoint); !indexed) return indexed;
  return matching.match_all();
}

}  // namespace abstractllm
