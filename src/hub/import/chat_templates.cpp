// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <filesystem>
#include <map>
#include <system_error>

#include "base/ascii.hpp"
#include "base/utf8.hpp"
#include "hub/import/tokenizer_files.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t most_bytes = 1 << 20;
constexpr std::size_t most_templates = 100;

using Templates = std::map<std::string, std::string, std::less<>>;

/// A name becomes part of a key.
std::string key_part(std::string_view name) {
  std::string part(name);
  for (char& c : part) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!is_plain) c = '_';
  }
  return part;
}

Result<void> add(Templates& templates, std::string_view name, std::string text, std::string_view file) {
  if (const auto invalid = find_invalid_utf8(text))
    return contradiction(file, "the chat template is not UTF-8 at byte " + std::to_string(*invalid));
  if (text.size() > most_bytes || templates.size() >= most_templates)
    return contradiction(file, "it has a chat template of more than 1 MiB, or more than 100 templates");
  std::string part = key_part(name);
  if (!part.empty()) templates.insert_or_assign(std::move(part), std::move(text));
  return {};
}

Result<void> add_value(Templates& templates, const std::optional<JsonElement>& value, std::string_view file) {
  if (!value) return {};
  if (const auto text = string_of(value)) return add(templates, "default", std::string(*text), file);
  simdjson::dom::array choices;
  if (value->get(choices) != simdjson::SUCCESS)
    return contradiction(file, "chat_template is neither a text nor a list");
  for (const JsonElement choice : choices) {
    const auto [name, text] = members(choice, std::array<std::string_view, 2>{"name", "template"});
    if (!string_of(name) || !string_of(text)) return contradiction(file, "a chat template has no name or no text");
    if (Result<void> added = add(templates, *string_of(name), std::string(*string_of(text)), file); !added)
      return added;
  }
  return {};
}

Result<void> add_file(Templates& templates, const ModelFolder& folder, std::string_view name, const std::string& file) {
  Result<std::string> text = folder.text(file, most_bytes);
  if (!text) return text.error();
  return add(templates, name, std::move(*text), file);
}

Result<Templates> read_templates(const ModelFolder& folder, const TokenizerFiles& files) {
  Templates templates;
  if (folder.has("chat_template.jinja")) {
    if (Result<void> added = add_file(templates, folder, "default", "chat_template.jinja"); !added)
      return added.error();
    const ModelFolder more(folder.path() / "additional_chat_templates");
    constexpr std::string_view ending = ".jinja";
    for (const std::string& name : more.files()) {
      if (name.size() <= ending.size() || name.substr(name.size() - ending.size()) != ending) continue;
      const std::string_view stem = std::string_view(name).substr(0, name.size() - ending.size());
      if (Result<void> added = add_file(templates, more, stem, name); !added) return added.error();
    }
    return templates;
  }
  constexpr std::string_view json = "chat_template.json";
  const Result<std::optional<JsonFile>> file = JsonFile::read_if_present(folder, json);
  if (!file) return file.error();
  const bool has_file = file->has_value() && (*file)->member("chat_template");
  const auto value = has_file ? (*file)->member("chat_template") : files.setting("chat_template");
  if (Result<void> added = add_value(templates, value, has_file ? json : "tokenizer_config.json"); !added)
    return added.error();
  return templates;
}

}  // namespace

Result<void> add_chat_templates(const ModelFolder& folder, const TokenizerFiles& files,
                                std::vector<GgufEntry>& entries) {
  Result<Templates> templates = read_templates(folder, files);
  if (!templates) return templates.error();
  std::vector<std::string> names;
  for (auto& [name, text] : *templates) {
    if (name == "default") continue;
    entries.push_back({"tokenizer.chat_template." + name, std::move(text)});
    names.push_back(name);
  }
  if (!names.empty()) entries.push_back({"tokenizer.chat_templates", std::move(names)});
  if (const auto main = templates->find("default"); main != templates->end())
    entries.push_back({"tokenizer.chat_template", std::move(main->second)});
  return {};
}

}  // namespace abstractllm
