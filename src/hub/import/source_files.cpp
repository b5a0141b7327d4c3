// SPDX-License-Identifier: Apache-2.0
#include "hub/import/source_files.hpp"

#include <system_error>
#include <vector>

#include "base/digest.hpp"
#include "hub/checkpoint_files.hpp"
#include "hub/find_cached.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t file_digest_digits = 16;

void add_files(const fs::path& folder, const std::string& prefix, SourceFiles& found) {
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
    const std::string name = prefix + at->path().filename().string();
    std::error_code unreadable;
    if (prefix.empty() && fs::is_directory(at->path(), unreadable)) add_files(at->path(), name + "/", found);
    if (!is_checkpoint_name(name)) continue;
    if (const auto identity = file_identity(at->path().string())) found.files.emplace(name, *identity);
  }
}

}  // namespace

std::string SourceFiles::digest() const {
  Digest digest(Digest::Kind::sha256);
  for (const auto& [name, identity] : files) {
    digest.add(name);
    // A '/' before the numbers: no name ends in one.
    digest.add("/" + std::to_string(identity.size) + " " + std::to_string(identity.changed_ns) + "\n");
  }
  return digest.hex().substr(0, file_digest_digits);
}

SourceFiles source_files(const fs::path& folder) {
  SourceFiles found;
  add_files(folder, "", found);
  return found;
}

std::int64_t weight_bytes_in(const fs::path& folder) {
  const SourceFiles found = source_files(folder);
  std::vector<std::string> names;
  for (const auto& [name, identity] : found.files) names.push_back(name);
  auto checkpoint = choose_checkpoint(names);
  if (!checkpoint) return 0;
  if (checkpoint->has_index)
    if (const auto named = index_at(folder))
      checkpoint->weights.insert(checkpoint->weights.end(), named->begin(), named->end());
  std::int64_t sum = 0;
  for (const std::string& name : checkpoint->weights)
    if (const auto file = found.files.find(name); file != found.files.end()) sum += file->second.size;
  return sum;
}

fs::path whole_path(const fs::path& folder) {
  std::error_code failure;
  fs::path whole = fs::canonical(folder, failure);
  return failure ? folder : whole;
}

bool is_checkpoint_folder(const fs::path& folder) {
  std::error_code failure;
  if (!fs::is_directory(folder, failure)) return false;
  bool has_config = false;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
    const std::string name = at->path().filename().string();
    if (name.ends_with(".gguf")) return false;
    has_config = has_config || name == "config.json";
  }
  return has_config;
}

}  // namespace abstractllm
