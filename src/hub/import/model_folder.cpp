// SPDX-License-Identifier: Apache-2.0
#include "hub/import/model_folder.hpp"

#include <algorithm>
#include <span>
#include <system_error>

#include "base/source_file.hpp"
#include "hub/safe_path.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_json_levels = 64;

bool is_inside(const fs::path& file, const fs::path& folder) {
  const auto [rest, file_rest] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  return rest == folder.end() && file_rest != file.end();
}

/// The hub's cache stores each file once, and its snapshots are links to "models--ORG--NAME/blobs/HASH".
bool is_blob(const fs::path& file) {
  const fs::path blobs = file.parent_path();
  const std::string repository = blobs.parent_path().filename().string();
  return blobs.filename() == "blobs" && repository.rfind("models--", 0) == 0;
}

std::size_t levels_of(const Json& root) {
  std::vector<std::pair<const Json*, std::size_t>> open = {{&root, 1}};
  std::size_t most = 0;
  while (!open.empty()) {
    const auto [value, level] = open.back();
    open.pop_back();
    if (!value->is_structured()) continue;
    most = std::max(most, level);
    for (const Json& part : *value) open.emplace_back(&part, level + 1);
  }
  return most;
}

}  // namespace

Result<fs::path> ModelFolder::find(std::string_view name) const {
  const std::string quoted = "'" + std::string(name) + "'";
  if (!is_safe_path(name))
    return Error(ErrorKind::engine_failed, "the model names a file " + quoted + ", which is no path inside its folder");
  std::error_code failed;
  const fs::path given = path_ / fs::path(name);
  const fs::path file = fs::canonical(given, failed);
  if (failed) {
    return Error(ErrorKind::not_configured,
                 "the model's folder '" + path_.string() + "' has no file " + quoted + ": " + failed.message());
  }
  const fs::path folder = fs::canonical(path_, failed);
  if (failed || !(is_inside(file, folder) || is_blob(file))) {
    return Error(ErrorKind::not_configured,
                 "'" + given.string() + "' is a link that leads out of the model's folder, to '" + file.string() +
                     "'; a model must not read other files of this machine. If you trust it, copy the file there");
  }
  if (!fs::is_regular_file(file, failed))
    return Error(ErrorKind::not_configured, "'" + given.string() + "' is not a regular file");
  return file;
}

bool ModelFolder::has(std::string_view name) const { return find(name).has_value(); }

std::vector<std::string> ModelFolder::files() const {
  std::vector<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator at(path_, failed), end; !failed && at != end; at.increment(failed)) {
    std::string name = at->path().filename().string();
    if (has(name)) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::string> ModelFolder::text(std::string_view name, std::size_t most_bytes) const {
  const Result<fs::path> path = find(name);
  if (!path) return path.error();
  const Result<SourceFile> file = SourceFile::open(*path);
  if (!file) return file.error();
  const auto size = static_cast<std::size_t>(file->size());
  if (size > most_bytes) {
    return Error(ErrorKind::engine_failed, "'" + std::string(name) + "' has " + std::to_string(size) +
                                               " bytes; at most " + std::to_string(most_bytes) + " are read");
  }
  std::string text(size, '\0');
  if (Result<void> read = file->read_at(0, std::as_writable_bytes(std::span(text))); !read) return read.error();
  return text;
}

Result<Json> ModelFolder::json(std::string_view name) const {
  Result<std::string> text = this->text(name);
  if (!text) return text.error();
  Result<Json> value = parse_json(*text, "'" + std::string(name) + "'");
  if (!value) return Error(ErrorKind::engine_failed, value.error().message);
  if (levels_of(*value) > most_json_levels) {
    return Error(ErrorKind::engine_failed,
                 "'" + std::string(name) + "' nests more than " + std::to_string(most_json_levels) + " levels of JSON");
  }
  return value;
}

}  // namespace abstractllm
