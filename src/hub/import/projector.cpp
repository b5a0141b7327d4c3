// SPDX-License-Identifier: Apache-2.0
// Sources, read 2026-11: conversion/{base,gemma,smolvlm}.py, tools/mtmd/clip.cpp (load_hparams) and
// tools/mtmd/legacy-models/convert_image_encoder_to_gguf.py of llama.cpp v0.5.0.
#include "hub/import/projector.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "base/utf8.hpp"
#include "hub/import/model_keys.hpp"
#include "hub/import/model_tensors.hpp"
#include "hub/import/projector_tables.hpp"

namespace abstractllm::projectors {
namespace {

constexpr std::uint32_t quantization_version = 2;
constexpr std::int64_t most_width = std::int64_t{1} << 20;
constexpr std::int64_t most_side = 8192;            // pixels; the engine's own limit
constexpr std::int64_t most_squares_per_side = 16;  // SmolVLM has 4; each square is a picture for the engine
constexpr std::int64_t most_positions = 1 << 20;    // patches of a picture
constexpr std::int64_t most_blocks = 512;
constexpr std::size_t most_quoted_bytes = 60;

const Json& no_value() {
  static const Json none;
  return none;
}

const Json& member(const Json& object, std::string_view name) {
  if (!object.is_object()) return no_value();
  const auto found = object.find(name);
  return found == object.end() ? no_value() : *found;
}

std::string text_member(const Json& object, std::string_view name, std::string_view otherwise) {
  const Json& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string(otherwise);
}

/// One projector under way. The first reason why the engine cannot run it is kept.
class Import {
 public:
  Import(ProjectorForm form, const ModelFolder& folder, const Json& whole, std::vector<Warning>& warnings)
      : form_(form), folder_(folder), whole_(whole), vision_(member(whole, "vision_config")), warnings_(warnings) {}

  Result<std::optional<GgufModel>> run(const Checkpoint& tower, std::int64_t text_width) {
    sizes_[Size::text_width] = text_width;
    choose_table();
    read_pictures();
    if (!reason_.empty()) return left_out();
    ModelConfig config(vision_, "config.json: vision_config", table_->defaults);
    read_sizes(config);
    if (config.error()) return *config.error();
    if (!reason_.empty()) return left_out();
    return fill(config, tower);
  }

 private:
  void refuse(std::string reason) {
    if (reason_.empty()) reason_ = std::move(reason);
  }

  std::optional<GgufModel> left_out() {
    warnings_.push_back({"import_vision", "the model cannot see here: " + reason_ +
                                              ". Its text part is imported, and pictures are left out"});
    return std::nullopt;
  }

  void choose_table() {
    const std::string type = text_member(vision_, "model_type", "");
    switch (form_) {
      case ProjectorForm::none: return refuse("the engine's importer does not have the vision tower of its class");
      case ProjectorForm::gemma3: table_ = &projector_tables::gemma3; break;
      case ProjectorForm::idefics3: table_ = &projector_tables::idefics3; break;
      case ProjectorForm::llava: choose_llava(type); break;
    }
    if (!vision_.is_object()) refuse("config.json has no vision_config");
    if (form_ == ProjectorForm::gemma3 && type != "siglip_vision_model") refuse_type(type);
    const std::string activation = text_member(vision_, "hidden_act", has_class_ ? "quick_gelu" : "gelu_pytorch_tanh");
    uses_gelu_ = activation == "gelu" || activation == "gelu_pytorch_tanh";
    if (!uses_gelu_ && activation != "quick_gelu")
      refuse("its vision tower uses the activation '" + escaped_start(activation, most_quoted_bytes) +
             "', which the engine lacks");
  }

  void refuse_type(const std::string& type) {
    refuse("its vision tower is of type '" + escaped_start(type, most_quoted_bytes) +
           "' (config.json: vision_config.model_type), and CLIP and SigLIP are imported");
  }

  void choose_llava(const std::string& type) {
    has_class_ = type == "clip_vision_model";
    if (!has_class_ && type != "siglip_vision_model") return refuse_type(type);
    table_ = has_class_ ? &projector_tables::clip_llava : &projector_tables::siglip_llava;
    // With a class embedding, "full" hands it to the text model, and without one "default" loses a patch.
    const std::string strategy = text_member(whole_, "vision_feature_select_strategy", "default");
    if (strategy != (has_class_ ? "default" : "full"))
      refuse("the engine lacks its vision_feature_select_strategy '" + escaped_start(strategy, most_quoted_bytes) +
             "' for this tower");
    const std::string activation = text_member(whole_, "projector_hidden_act", "gelu");
    if (activation != "gelu") refuse("the engine's projector has only gelu");
    if (member(whole_, "multimodal_projector_bias") == false) refuse("the engine's projector needs biases");
  }

  /// What the files say about pictures, the first that counts first: a processor's configuration has that of its
  /// pictures inside.
  void read_pictures() {
    for (const char* name : {"preprocessor_config.json", "processor_config.json"}) {
      if (!folder_.has(name)) continue;
      Result<Json> read = folder_.json(name);
      if (!read) return refuse(read.error().message);
      Json nested = member(*read, "image_processor");
      pictures_.insert(pictures_.begin(), std::move(*read));
      pictures_.insert(pictures_.begin(), std::move(nested));
    }
    if (pictures_.empty()) return refuse("its preprocessor_config.json is missing");
    mean_ = colours_of("image_mean");
    deviation_ = colours_of("image_std");
    if (std::find(deviation_.begin(), deviation_.end(), 0.0F) != deviation_.end()) refuse("its image_std has a 0");
  }

  const Json& picture_setting(const char* name) const {
    const auto has = [name](const Json& each) { return !member(each, name).is_null(); };
    const auto found = std::find_if(pictures_.begin(), pictures_.end(), has);
    return found == pictures_.end() ? no_value() : member(*found, name);
  }

  std::vector<float> colours_of(const char* name) {
    std::vector<float> values;
    for (const Json& each : picture_setting(name)) values.push_back(each.is_number() ? each.get<float>() : INFINITY);
    const auto fine = [](float value) { return std::isfinite(value); };
    if (values.size() != 3 || !std::all_of(values.begin(), values.end(), fine))
      refuse(std::string("its preprocessor_config.json has no three numbers '") + name + "'");
    return values;
  }

  void read_sizes(ModelConfig& config) {
    sizes_[Size::embedding] = config.integer("hidden_size", 1, most_width);
    sizes_[Size::feed_forward] = config.integer("intermediate_size", 1, most_width);
    sizes_[Size::blocks] = config.integer("num_hidden_layers", 1, most_blocks);
    sizes_[Size::heads] = config.integer("num_attention_heads", 1, most_width);
    sizes_[Size::colours] = config.integer("num_channels", 3, 3);
    image_side_ = config.integer("image_size", 1, most_side);
    sizes_[Size::patch_side] = config.integer("patch_size", 1, image_side_);
    const std::int64_t per_side = image_side_ / sizes_[Size::patch_side];
    sizes_[Size::positions] = per_side * per_side + (has_class_ ? 1 : 0);
    epsilon_ = config.number("layer_norm_eps");
    if (config.error()) return;
    if (sizes_[Size::embedding] % sizes_[Size::heads] != 0)
      config.refuse(ErrorKind::engine_failed, "has hidden_size that is no multiple of num_attention_heads");
    if (sizes_[Size::positions] > most_positions || !(epsilon_ > 0))
      config.refuse(ErrorKind::engine_failed, "has a wrong patch_size or layer_norm_eps");
    if (image_side_ % sizes_[Size::patch_side] != 0) refuse("its pictures are no whole number of patches");
    // By this the engine recognises files of old converters, which mixed the two up.
    if (sizes_[Size::feed_forward] == sizes_[Size::embedding])
      refuse("the engine takes matrices of its vision tower for each other");
    sizes_[Size::joined_width] = sizes_[Size::embedding];
    read_projector_sizes(per_side);
  }

  void read_projector_sizes(std::int64_t per_side) {
    if (form_ == ProjectorForm::llava) return read_feature_layers();
    if (form_ == ProjectorForm::idefics3) {
      factor_ = integer_of(member(whole_, "scale_factor"), 2, per_side);
      sizes_[Size::joined_width] = sizes_[Size::embedding] * factor_ * factor_;
      read_longest_edge();
    } else {
      const std::int64_t vectors = integer_of(picture_setting("image_seq_length"), 256, most_positions);
      factor_ =
          per_side / std::max(static_cast<std::int64_t>(std::sqrt(static_cast<double>(vectors))), std::int64_t{1});
    }
    if (factor_ < 1 || per_side % factor_ != 0) refuse("its patches do not fill the squares that are joined");
  }

  /// How large a picture may be before it is cut into squares of image_size.
  void read_longest_edge() {
    const Json& stored = member(picture_setting("size"), "longest_edge");
    longest_edge_ = integer_of(stored, image_side_, image_side_ * most_squares_per_side);
    if (longest_edge_ == 0) refuse("its pictures are cut into too many squares: longest_edge is out of range");
  }

  /// An integer from 1, or 0.
  static std::int64_t integer_of(const Json& stored, std::int64_t otherwise, std::int64_t most) {
    if (stored.is_null()) return otherwise;
    const double value = stored.is_number() ? stored.get<double>() : 0;
    return value >= 1 && value <= static_cast<double>(most) ? static_cast<std::int64_t>(value) : 0;
  }

  /// Which outputs of the tower the projector reads, counted from 1: 0 is what enters the first block.
  void read_feature_layers() {
    const Json& stored = member(whole_, "vision_feature_layer");
    const Json list = stored.is_array() ? stored : Json::array({stored.is_null() ? Json(-2) : stored});
    const std::int64_t blocks = sizes_[Size::blocks];
    for (const Json& each : list) {
      if (!each.is_number_integer()) return refuse("its vision_feature_layer is no integer");
      const auto chosen = each.get<std::int64_t>();
      const std::int64_t layer = chosen < 0 ? blocks + 1 + std::max(chosen, -blocks - 1) : chosen;
      const std::int64_t least = layers_.empty() ? 1 : layers_.back() + 1;
      if (layer < least || layer > blocks) return refuse("the engine lacks its order of vision_feature_layer");
      layers_.push_back(static_cast<std::int32_t>(layer));
    }
    if (layers_.empty()) return refuse("its vision_feature_layer is empty");
    sizes_[Size::blocks] = layers_.back();
    sizes_[Size::joined_width] *= static_cast<std::int64_t>(layers_.size());
  }

  void add_keys(GgufModel& model) const {
    const auto add_size = [&model](const char* key, std::int64_t size) {
      model.add(std::string("clip.vision.") + key, static_cast<std::uint32_t>(size));
    };
    model.add("clip.has_vision_encoder", true);
    add_size("projection_dim", sizes_[Size::text_width]);
    add_size("image_size", image_side_);
    add_size("patch_size", sizes_[Size::patch_side]);
    add_size("embedding_length", sizes_[Size::embedding]);
    add_size("feed_forward_length", sizes_[Size::feed_forward]);
    add_size("block_count", sizes_[Size::blocks]);
    add_size("attention.head_count", sizes_[Size::heads]);
    model.add("clip.vision.image_mean", mean_);
    model.add("clip.vision.image_std", deviation_);
    model.add("clip.projector_type", std::string(table_->name));
    model.add("clip.vision.attention.layer_norm_epsilon", static_cast<float>(epsilon_));
    if (form_ == ProjectorForm::llava) model.add("clip.vision.feature_layer", layers_);
    if (form_ == ProjectorForm::idefics3 || (form_ == ProjectorForm::gemma3 && factor_ != gemma3_factor))
      add_size("projector.scale_factor", factor_);
    model.add("clip.use_gelu", uses_gelu_);
    if (form_ == ProjectorForm::idefics3) add_size("preproc_image_size", longest_edge_);
  }

  Result<std::optional<GgufModel>> fill(ModelConfig& config, const Checkpoint& tower) {
    GgufModel model;
    ImportDraft draft{config, sizes_, model, warnings_, table_->name, table_->name};
    if (Result<void> added = add_tensors(*table_, used_of(tower), draft); !added) return added.error();
    if (has_class_)
      warnings_.push_back(
          {"import_vision", "of each picture, the engine does not show the model the patch in the upper left corner"});
    std::vector<GgufTensor> tensors = std::exchange(model.tensors, {});
    model.add("general.architecture", std::string("clip"));
    model.add("general.type", std::string("mmproj"));
    model.add("general.name", model_name(folder_));
    model.add("general.size_label", size_label(tensors));
    model.add("general.file_type", file_type(tensors));
    add_keys(model);
    model.add("general.quantization_version", quantization_version);
    model.tensors = std::move(tensors);
    return std::optional<GgufModel>(std::move(model));
  }

  /// Without the blocks behind the last one whose output is read.
  Checkpoint used_of(const Checkpoint& tower) const {
    constexpr std::string_view blocks = "vision.encoder.layers.";
    Checkpoint used;
    for (const CheckpointTensor& tensor : tower.tensors) {
      const std::string& name = tensor.stored.name;
      const bool in_block = form_ == ProjectorForm::llava && name.starts_with(blocks);
      if (in_block && std::strtoll(name.c_str() + blocks.size(), nullptr, 10) >= sizes_[Size::blocks]) continue;
      used.tensors.push_back(tensor);
    }
    return used;
  }

  static constexpr std::int64_t gemma3_factor = 4;  // what the engine assumes

  ProjectorForm form_;
  const ModelFolder& folder_;
  const Json& whole_;
  const Json& vision_;
  std::vector<Warning>& warnings_;
  std::string reason_;
  const Architecture* table_ = nullptr;
  ModelSizes sizes_;
  std::vector<Json> pictures_;
  std::vector<float> mean_;
  std::vector<float> deviation_;
  std::vector<std::int32_t> layers_;
  std::int64_t image_side_ = 0;
  std::int64_t longest_edge_ = 0;
  std::int64_t factor_ = 0;
  double epsilon_ = 0;
  bool has_class_ = false;
  bool uses_gelu_ = false;
};

}  // namespace
}  // namespace abstractllm::projectors

namespace abstractllm {

Result<std::optional<GgufModel>> import_projector(const VisionModel& model, const ModelFolder& folder,
                                                  const Json& config, const Checkpoint& tower, std::int64_t text_width,
                                                  std::vector<Warning>& warnings) {
  return projectors::Import(model.form, folder, config, warnings).run(tower, text_width);
}

}  // namespace abstractllm
