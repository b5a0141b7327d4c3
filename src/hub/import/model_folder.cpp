// SPDX-License-Identifier: Apache-2.0
#include "hub/import/model_folder.hpp"

#include <algorithm>
#include <fstream>
#include <system_error>

#include "base/json_text.hpp"
#include "hub/safe_path.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t most_levels = 64;

Error not_readable(std::string_view name, const std::filesystem::path& folder, std::string_view why) {
  return {ErrorKind::not_configured, "cannot read " + std::string(name) + " in " + folder.string() + ": " +
                                         std::string(why) + ". Download the repository again, or check the folder"};
}

}  // namespace

bool ModelFolder::has(std::string_view name) const {
  std::error_code failed;
  return is_safe_path(name) && std::filesystem::is_regular_file(path_ / name, failed);
}

std::vector<std::string> ModelFolder::files() const {
  std::vector<std::string> names;
  std::error_code failed;
  for (std::filesystem::directory_iterator at(path_, failed), end; !failed && at != end; at.increment(failed)) {
    std::error_code unknown;
    if (at->is_regular_file(unknown)) names.push_back(at->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::string> ModelFolder::text(std::string_view name, std::size_t most_bytes) const {
  if (!has(name)) return not_readable(name, path_, "there is no such file");
  std::ifstream file(path_ / name, std::ios::binary | std::ios::ate);
  const std::streamoff size = file ? static_cast<std::streamoff>(file.tellg()) : -1;
  if (size < 0) return not_readable(name, path_, "the system does not allow it");
  if (static_cast<std::size_t>(size) > most_bytes) {
    return Error(ErrorKind::engine_failed, std::string(name) + " has " + std::to_string(size) + " bytes; at most " +
                                               std::to_string(most_bytes) + " are read");
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  file.seekg(0);
  if (!file.read(text.data(), size)) return not_readable(name, path_, "it ended early");
  return text;
}

Result<Json> ModelFolder::json(std::string_view name) const {
  Result<std::string> read = text(name);
  if (!read) return read.error();
  if (const auto fault = find_json_fault(*read, most_levels)) {
    const std::string what =
        fault->too_deep ? " nests more than 64 levels of JSON at byte " : " is not valid JSON at byte ";
    return Error(ErrorKind::engine_failed, std::string(name) + what + std::to_string(fault->at));
  }
  Result<Json> value = parse_json(*read, name);
  if (!value) return Error(ErrorKind::engine_failed, value.error().message);
  return value;
}

}  // namespace abstractllm
