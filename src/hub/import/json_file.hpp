// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/result.hpp"
#include "base/json_element.hpp"
#include "hub/import/model_folder.hpp"

namespace abstractllm {

/// A JSON file of a checkpoint, parsed in linear time also if it has 40 MB. Elements are valid as long as the object.
class JsonFile {
 public:
  /// At most 64 levels, valid UTF-8. Errors: those of ModelFolder::text(); engine_failed with the position.
  static Result<JsonFile> read(const ModelFolder& folder, std::string_view name);
  /// The same, or nullopt if there is no such file.
  static Result<std::optional<JsonFile>> read_if_present(const ModelFolder& folder, std::string_view name);

  const std::string& name() const { return name_; }
  JsonElement root() const { return root_; }
  std::optional<JsonElement> member(std::string_view key) const { return abstractllm::member(root_, key); }

 private:
  JsonFile() = default;

  std::string name_;
  std::unique_ptr<simdjson::dom::parser> parser_;  // its address is part of the elements
  JsonElement root_;
};

/// The boolean, or nullopt for any other type.
std::optional<bool> flag_of(const std::optional<JsonElement>& element);

/// The string, or nullopt for any other type.
std::optional<std::string_view> string_of(const std::optional<JsonElement>& element);

/// The beginning of a text from a file, for a message.
std::string in_quotes(std::string_view text);

/// An error about a file that contradicts itself: "tokenizer.json: WHAT".
Error contradiction(std::string_view file, std::string what);

/// An error about a rule that the engine does not have.
Error unsupported_rule(std::string_view file, std::string what);

}  // namespace abstractllm
