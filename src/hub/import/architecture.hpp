// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/response.hpp"
#include "abstractllm/result.hpp"
#include "gguf/gguf_model.hpp"
#include "hub/import/model_config.hpp"

/// The tables that say how the checkpoints of one architecture become a GGUF file. To add an architecture: one file in
/// architectures/ with an Architecture, its declaration in architectures.hpp, its row in architectures.cpp, and a test.
namespace abstractllm {

/// The sizes of a model, from config.json.
enum class Size {
  unused,  ///< fills a shape up
  vocabulary,
  embedding,       ///< hidden_size
  feed_forward,    ///< intermediate_size
  feed_forward_2,  ///< twice
  query_rows,      ///< heads × head_dim
  key_rows,        ///< key and value heads × head_dim
  query_key_value_rows,
  head,  ///< head_dim
  heads,
  key_heads,
  blocks,
  positions,  ///< rows of position embeddings: max_position_embeddings
  context,    ///< the longest input: positions, less those that an offset takes
  token_types,
  labels,
  experts,
  colours,       ///< of a picture: 3
  patch_side,    ///< pixels
  joined_width,  ///< of the vectors of a tower that a projector joins
  text_width,    ///< hidden_size of the text model
  size_count
};

class ModelSizes {
 public:
  std::int64_t& operator[](Size size) { return values_[static_cast<std::size_t>(size)]; }
  std::int64_t operator[](Size size) const { return values_[static_cast<std::size_t>(size)]; }

 private:
  std::array<std::int64_t, static_cast<std::size_t>(Size::size_count)> values_{};
};

/// What happens to a tensor's values between the two files.
enum class Transform {
  keep,
  interleave_query,  ///< per query head: the halves of the rows are interleaved, as the engine's rotation expects them
  interleave_key,    ///< the same per key head
  plus_one,          ///< the stored weight is the distance from 1
  transpose,         ///< the stored matrix has its input dimension first
  skip_positions,    ///< the first rows (positions - context) are left out
  stack_experts,     ///< one matrix per expert, of which the name has the number for "{x}"
  first_half_rows,   ///< of each expert
  second_half_rows,
  first_row_last,
};

/// Which checkpoints have a tensor. Rows one after the other with one target are alternatives.
enum class Presence {
  required,
  untied,   ///< required unless tie_word_embeddings is true; then a stored one is ignored
  setting,  ///< required if the row's flag is true in config.json, else unknown
  optional,
};

/// One kind of tensor. "{}" in names is the number of a block.
struct TensorRow {
  std::string_view source;    ///< in the checkpoint
  std::string_view target;    ///< in the GGUF file
  std::array<Size, 4> shape;  ///< the stored one, the length of a row last
  Transform transform = Transform::keep;
  Presence presence = Presence::required;
  std::string_view flag = {};  ///< for Presence::setting
  bool always_f32 = false;     ///< the engine reads it only as F32
};

/// A key of the GGUF file, "llama." before it, and where its value comes from.
struct KeyRow {
  enum class Kind { size, integer, number, optional_number };
  std::string_view key;
  Kind kind;
  Size size = Size::unused;
  std::string_view setting = {};
};

constexpr KeyRow size_key(std::string_view key, Size size) { return {key, KeyRow::Kind::size, size, {}}; }
constexpr KeyRow integer_key(std::string_view key, std::string_view setting) {
  return {key, KeyRow::Kind::integer, Size::unused, setting};
}
constexpr KeyRow number_key(std::string_view key, std::string_view setting) {
  return {key, KeyRow::Kind::number, Size::unused, setting};
}
constexpr KeyRow optional_number_key(std::string_view key, std::string_view setting) {
  return {key, KeyRow::Kind::optional_number, Size::unused, setting};
}

/// A setting that the engine has built in: another value is unsupported. Values are JSON texts, "" for none.
struct FixedSetting {
  std::string_view name;
  std::array<std::string_view, 3> values;
};

/// A beginning or an end of stored names that becomes another one.
struct Rename {
  std::string_view from;
  std::string_view to;
};

/// One import under way: what tables cannot say is done by functions on this.
struct ImportDraft {
  ModelConfig& config;
  ModelSizes& sizes;
  GgufModel& model;
  std::vector<Warning>& warnings;
  std::string_view class_name;  ///< config.json's: "BertForSequenceClassification"
  std::string_view name;        ///< GGUF's architecture

  /// Adds a key of this architecture: "rope.freq_base" -> "llama.rope.freq_base".
  void add(std::string_view key, GgufValue value) const {
    model.add(std::string(name) + "." + std::string(key), std::move(value));
  }
};

/// Where the file's pooling_type comes from.
enum class PoolingRule {
  as_stored,          ///< the modules of sentence-transformers, or none
  as_stored_or_mean,  ///< without modules the mean, as sentence-transformers does
  rank,               ///< a classifier scores pairs
};

/// Two tables as one.
template <std::size_t first_count, std::size_t second_count>
constexpr std::array<TensorRow, first_count + second_count> joined(const TensorRow (&first)[first_count],
                                                                   const TensorRow (&second)[second_count]) {
  std::array<TensorRow, first_count + second_count> rows{};
  for (std::size_t at = 0; at < first_count; ++at) rows[at] = first[at];
  for (std::size_t at = 0; at < second_count; ++at) rows[first_count + at] = second[at];
  return rows;
}

struct Architecture {
  std::string_view name;  ///< GGUF's: "llama"
  std::span<const std::string_view> classes;
  std::span<const SettingDefault> defaults;  ///< of the classes in transformers, with the source in the table
  std::span<const SettingAlias> aliases;
  std::span<const FixedSetting> fixed;
  std::span<const Rename> prefixes;  ///< the first that fits counts
  std::span<const Rename> suffixes;
  std::span<const std::string_view> skipped;  ///< names without use; '*' at the beginning or the end
  std::span<const TensorRow> tensors;
  std::span<const KeyRow> keys;
  bool has_key_heads = true;             ///< whether the file says attention.head_count_kv
  std::int64_t feed_forward_factor = 0;  ///< of hidden_size, where intermediate_size is absent; 0: it is required
  PoolingRule pooling = PoolingRule::as_stored;
  bool square_heads = false;  ///< heads × head_dim must be hidden_size
  /// Adjusts the sizes, or refuses. May be null.
  void (*adjust_sizes)(ImportDraft&) = nullptr;
  /// Adds keys and tensors that no table expresses. May be null.
  void (*extend)(ImportDraft&) = nullptr;
};

/// All architectures, in the order of their names.
std::span<const Architecture* const> architectures();

/// The architecture of a class of config.json, or null.
const Architecture* find_architecture(std::string_view class_name);

}  // namespace abstractllm
