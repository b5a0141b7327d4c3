// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "gguf/gguf_model.hpp"
#include "support/checkpoint_files.hpp"

namespace abstractllm::testing_support {

/// A file of src/hub/import/testdata: a recipe of a checkpoint, and what the engine's converter made of it.
Json recipe(const std::string& name);

/// Writes the recipe's files, and its tensors as `weights`. The values follow from the tensors' names, as
/// tests/oracles/fabricated.py says.
void write_recipe(const Json& recipe, const CheckpointFolder& folder, const std::string& weights = "model.safetensors");

// Without Json in their types, because the engine's headers bring another version of it:

/// Writes the recipe of this name.
void write_recipe_named(const std::string& name, const CheckpointFolder& folder);
/// The prompts and answers that the recipe of this name expects in a state: "base", or the name of an adapter.
std::vector<std::pair<std::string, std::string>> expected_answers(const std::string& name, const std::string& state);

/// The bytes of a fabricated tensor of this type: "F32", "F16" or "BF16".
std::string fabricated_bytes(std::string_view name, const std::string& type, std::int64_t count);

/// What a model holds, in the form of the recipes' "expected": {"keys": {KEY: [TYPE, VALUE]}, "tensors":
/// {NAME: [TYPE, SIZES, SHA256]}}. Reads all tensors. general.name, general.size_label and what belongs to the
/// tokenizer are left out.
Json contents_of(const GgufModel& model);

/// The same of what was expected.
Json expected_contents(const Json& expected);

}  // namespace abstractllm::testing_support
