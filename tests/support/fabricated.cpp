// SPDX-License-Identifier: Apache-2.0
#include "support/fabricated.hpp"

#include <array>
#include <bit>
#include <fstream>
#include <iterator>
#include <span>
#include <type_traits>
#include <vector>

#include "base/digest.hpp"
#include "support/checkpoint_files.hpp"

namespace abstractllm::testing_support {
namespace {

std::string sha256(std::span<const std::byte> bytes) {
  Digest digest(Digest::Kind::sha256);
  digest.add({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return digest.hex();
}

float value_of(std::string_view name, std::uint32_t seed, std::uint32_t at) {
  std::uint32_t mixed = at * 2654435761U + seed;
  mixed = (mixed ^ (mixed >> 16)) * 0x45D9F3BU;
  mixed ^= mixed >> 16;
  const bool is_norm = name.find("norm") != std::string_view::npos && name.ends_with(".weight");
  if (is_norm) return 1.0F + static_cast<float>(mixed % 17) / 128.0F - 8.0F / 128.0F;
  return (static_cast<float>(mixed % 256) - 128.0F) / 256.0F;
}

/// For the values above, which halves hold exactly.
std::uint16_t half_of(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7FFFFFFFU) == 0) return static_cast<std::uint16_t>(bits >> 16);
  const std::uint32_t exponent = ((bits >> 23) & 0xFFU) - (127 - 15);
  return static_cast<std::uint16_t>((bits >> 16 & 0x8000U) | exponent << 10 | (bits >> 13 & 0x3FFU));
}

Json described(const GgufValue& value) {
  return std::visit(
      [](const auto& held) -> Json {
        using Held = std::decay_t<decltype(held)>;
        const auto name = [](auto tag) -> std::string {
          using Type = decltype(tag);
          if constexpr (std::is_same_v<Type, std::string>) return "string";
          else if constexpr (std::is_same_v<Type, bool>) return "bool";
          else if constexpr (std::is_same_v<Type, float>) return "float32";
          else if constexpr (std::is_same_v<Type, std::uint8_t>) return "uint8";
          else return (std::is_signed_v<Type> ? "int" : "uint") + std::to_string(8 * sizeof(Type));
        };
        if constexpr (requires { typename Held::allocator_type; } && !std::is_same_v<Held, std::string>)
          return Json::array({"array of " + name(typename Held::value_type{}), held});
        else return Json::array({name(Held{}), held});
      },
      value);
}

bool is_compared(const std::string& key) {
  return key != "general.name" && key != "general.size_label" && !key.starts_with("tokenizer.");
}

}  // namespace

Json recipe(const std::string& name) {
  std::ifstream file(std::string(ABSTRACTLLM_SOURCE_DIR) + "/src/hub/import/testdata/" + name + ".json");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return Json::parse(text);
}

std::string fabricated_bytes(std::string_view name, const std::string& type, std::int64_t count) {
  std::uint32_t seed = 2166136261U;
  for (const char c : name) seed = (seed ^ static_cast<unsigned char>(c)) * 16777619U;
  std::vector<float> values;
  std::vector<std::uint16_t> narrow;
  for (std::int64_t at = 0; at < count; ++at) {
    const float value = value_of(name, seed, static_cast<std::uint32_t>(at));
    if (type == "F32") values.push_back(value);
    else if (type == "F16") narrow.push_back(half_of(value));
    else narrow.push_back(static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16));
  }
  return type == "F32" ? f32_bytes(values) : u16_bytes(narrow);
}

void write_recipe(const Json& recipe, const CheckpointFolder& folder, const std::string& weights) {
  for (const auto& [name, content] : recipe["files"].items())
    folder.write(name, content.is_string() ? content.get<std::string>() : content.dump());
  std::vector<FileTensor> tensors;
  const auto type = recipe["dtype"].get<std::string>();
  for (const auto& [name, shape] : recipe["tensors"].items()) {
    std::int64_t count = 1;
    for (const Json& size : shape) count *= size.get<std::int64_t>();
    tensors.push_back({name, type, shape.get<std::vector<std::int64_t>>(), fabricated_bytes(name, type, count)});
  }
  folder.write(weights, safetensors_text(tensors));
}

void write_recipe_named(const std::string& name, const CheckpointFolder& folder) { write_recipe(recipe(name), folder); }

std::vector<std::pair<std::string, std::string>> expected_answers(const std::string& name, const std::string& state) {
  std::vector<std::pair<std::string, std::string>> answers;
  const Json given = recipe(name);
  for (const auto& [prompt, answer] : given["expected"]["answers"][state].items())
    answers.emplace_back(prompt, answer.get<std::string>());
  return answers;
}

Json contents_of(const GgufModel& model) {
  Json keys = Json::object();
  for (const GgufEntry& entry : model.entries)
    if (is_compared(entry.key)) keys[entry.key] = described(entry.value);
  Json tensors = Json::object();
  for (const GgufTensor& tensor : model.tensors) {
    const Result<std::vector<std::byte>> read = read_whole(tensor);
    constexpr std::array<const char*, 3> types = {"F32", "F16", "BF16"};
    tensors[tensor.name] = Json::array(
        {types[static_cast<std::size_t>(tensor.type)], tensor.sizes, read ? sha256(*read) : read.error().message});
  }
  return {{"keys", std::move(keys)}, {"tensors", std::move(tensors)}};
}

Json expected_contents(const Json& expected) {
  Json keys = Json::object();
  for (const auto& [key, value] : expected["keys"].items())
    if (is_compared(key)) keys[key] = value;
  return {{"keys", std::move(keys)}, {"tensors", expected["tensors"]}};
}

}  // namespace abstractllm::testing_support
