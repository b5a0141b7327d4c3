// SPDX-License-Identifier: Apache-2.0
#include "hub/import/json_file.hpp"

#include "base/json_text.hpp"
#include "base/utf8.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t deepest_level = 64;
constexpr std::size_t longest_quote = 100;

Error not_json(std::string_view name, std::string_view text, simdjson::error_code code) {
  std::string what = "it is not JSON that can be read: ";
  if (const auto invalid = find_invalid_utf8(text)) {
    what = "it is not UTF-8 at byte " + std::to_string(*invalid);
  } else if (const auto fault = find_json_fault(text, deepest_level)) {
    what = fault->too_deep ? "it nests more than 64 levels of JSON at byte " : "it is not valid JSON at byte ";
    what += std::to_string(fault->at);
  } else {
    what += simdjson::error_message(code);
  }
  return contradiction(name, std::move(what));
}

}  // namespace

Result<JsonFile> JsonFile::read(const ModelFolder& folder, std::string_view name) {
  Result<std::string> text = folder.text(name);
  if (!text) return text.error();
  const std::size_t size = text->size();
  text->resize(size + simdjson::SIMDJSON_PADDING);
  JsonFile file;
  file.name_ = name;
  file.parser_ = std::make_unique<simdjson::dom::parser>();
  simdjson::error_code code = file.parser_->allocate(std::max<std::size_t>(size, 64), deepest_level);
  if (code == simdjson::SUCCESS) code = file.parser_->parse(text->data(), size, false).get(file.root_);
  if (code != simdjson::SUCCESS) return not_json(name, std::string_view(*text).substr(0, size), code);
  return file;
}

Result<std::optional<JsonFile>> JsonFile::read_if_present(const ModelFolder& folder, std::string_view name) {
  if (!folder.has(name)) return std::optional<JsonFile>();
  Result<JsonFile> file = read(folder, name);
  if (!file) return file.error();
  return std::optional<JsonFile>(std::move(*file));
}

std::optional<bool> flag_of(const std::optional<JsonElement>& element) {
  bool flag = false;
  if (!element || element->get(flag) != simdjson::SUCCESS) return std::nullopt;
  return flag;
}

std::optional<std::string_view> string_of(const std::optional<JsonElement>& element) {
  std::string_view text;
  if (!element || element->get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

std::string in_quotes(std::string_view text) { return "'" + escaped_start(text, longest_quote) + "'"; }

Error contradiction(std::string_view file, std::string what) {
  return {ErrorKind::engine_failed,
          std::string(file) + ": " + std::move(what) + ". Download the file again, or ask the model's authors"};
}

Error unsupported_rule(std::string_view file, std::string what) {
  return {ErrorKind::unsupported, std::string(file) + ": " + std::move(what) +
                                      ". The local engine would split texts differently, so the model is not imported"};
}

}  // namespace abstractllm
