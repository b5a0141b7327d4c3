// SPDX-License-Identifier: Apache-2.0
#include "hub/import/import_cache.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <system_error>

#include "base/ascii.hpp"
#include "base/digest.hpp"
#include "base/disk_file.hpp"
#include "base/environment.hpp"
#include "base/json.hpp"
#include "hub/repo_folder.hpp"
#include "hub/safe_path.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view projector_type = "mmproj";
constexpr std::string_view adapter_types = "lora.";
constexpr std::size_t most_folder_name_bytes = 48;
constexpr std::size_t digest_digits = 16;
constexpr std::size_t most_notes_bytes = 1 << 20;
// The types that the weights of a checkpoint may have.
constexpr std::array<std::string_view, 3> checkpoint_types = {"BF16", "F16", "F32"};

std::string import_file_name(const std::string& stem, std::string_view type, std::string_view ending) {
  return stem + "-" + std::string(type) + "-v" + std::to_string(import_version) + std::string(ending);
}

std::string short_digest(std::string_view text) {
  Digest digest(Digest::Kind::sha256);
  digest.add(text);
  return digest.hex().substr(0, digest_digits);
}

/// The folder's name with only characters that every file system takes.
std::string plain_name(const fs::path& folder) {
  std::string name = folder.filename().string().substr(0, most_folder_name_bytes);
  for (char& c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
    if (!plain && c != '-') c = '_';
  }
  return name.empty() ? "model" : name;
}

/// Nullopt if neither the hub's cache nor an import knows a commit.
std::optional<std::string> commit_of_name(const fs::path& root, const HubSettings& hub, const HubName& name) {
  const RepoFolder repo(hub.cache_folder, name.repo);
  if (auto commit = repo.commit_of(name.revision)) return commit;
  if (name.revision != HubName().revision) return std::nullopt;
  for (const auto& [file, path] : imports_in(root / dashed_repo(name.repo)))
    if (file.version == import_version && is_hex_id(file.stem)) return file.stem;
  return std::nullopt;
}

}  // namespace

std::optional<ImportName> parse_import_name(std::string_view name) {
  constexpr std::string_view ending = ".gguf";
  if (!name.ends_with(ending)) return std::nullopt;
  name.remove_suffix(ending.size());
  const std::size_t last = name.rfind("-v");
  const std::size_t before = last == name.npos || last == 0 ? name.npos : name.rfind('-', last - 1);
  if (before == name.npos || before == 0) return std::nullopt;
  ImportName made{std::string(name.substr(0, before)), std::string(name.substr(before + 1, last - before - 1)), 0};
  const std::string_view number = name.substr(last + 2);
  const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), made.version);
  if (failure != std::errc() || end != number.data() + number.size()) return std::nullopt;
  return made;
}

std::vector<std::pair<ImportName, fs::path>> imports_in(const fs::path& folder) {
  std::vector<std::tuple<fs::file_time_type, ImportName, fs::path>> found;
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure)) {
    auto name = parse_import_name(at->path().filename().string());
    std::error_code unreadable;
    if (name && name->type != projector_type && !name->type.starts_with(adapter_types) &&
        fs::is_regular_file(at->path(), unreadable))
      found.emplace_back(at->last_write_time(unreadable), *std::move(name), at->path());
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return std::tie(std::get<0>(a), std::get<2>(a)) > std::tie(std::get<0>(b), std::get<2>(b));
  });
  std::vector<std::pair<ImportName, fs::path>> models;
  models.reserve(found.size());
  for (auto& [time, name, path] : found) models.emplace_back(std::move(name), std::move(path));
  return models;
}

std::vector<std::pair<ImportName, fs::path>> imported_adapters(const fs::path& root) {
  std::vector<std::pair<ImportName, fs::path>> found;
  std::error_code failure;
  for (fs::directory_iterator at(root / adapters_folder_name, failure), end; !failure && at != end;
       at.increment(failure)) {
    auto name = parse_import_name(at->path().filename().string());
    std::error_code unreadable;
    if (name && name->type.starts_with(adapter_types) && fs::is_regular_file(at->path(), unreadable))
      found.emplace_back(*std::move(name), at->path());
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return found;
}

std::optional<fs::path> imported_folder() {
  if (const auto cache = environment("XDG_CACHE_HOME")) return fs::path(*cache) / "abstractllm" / "imported";
  if (const auto user = environment("HOME")) return fs::path(*user) / ".cache" / "abstractllm" / "imported";
  return std::nullopt;
}

fs::path ImportPlace::model(std::string_view type) const { return folder / import_file_name(stem, type, ".gguf"); }
fs::path ImportPlace::projector() const { return folder / import_file_name(stem, projector_type, ".gguf"); }
fs::path ImportPlace::adapter(std::string_view name) const {
  return folder / import_file_name(stem, std::string(adapter_types) + std::string(name), ".gguf");
}
std::vector<fs::path> ImportPlace::shared_parts() const {
  std::vector<fs::path> parts = {projector()};
  for (const std::string_view name : part_adapters) parts.push_back(adapter(name));
  return parts;
}
fs::path ImportPlace::notes(std::string_view type) const { return folder / import_file_name(stem, type, ".json"); }
fs::path ImportPlace::lock() const { return root / ".locks" / (folder.filename().string() + "--" + stem + ".lock"); }

ImportPlace place_of_commit(const fs::path& root, std::string_view repo, std::string_view commit) {
  return {root, root / dashed_repo(repo), std::string(commit)};
}

ImportPlace place_of_folder(const fs::path& root, const fs::path& source, const SourceFiles& files) {
  const fs::path path = whole_path(source);
  return {root, root / folders_folder_name,
          plain_name(path) + "-" + short_digest(path.string()) + "-" + files.digest()};
}

std::optional<ImportedModel> find_imported(const ImportPlace& place, std::string_view type) {
  for (const std::string_view each : checkpoint_types) {
    const std::string_view wanted = type.empty() ? each : type;
    std::error_code absent;
    if (!fs::is_regular_file(place.model(wanted), absent)) continue;
    ImportedModel found;
    read_notes(place.notes(wanted), found);
    found.model_file = place.model(wanted).string();
    if (fs::is_regular_file(place.projector(), absent)) found.projector_file = place.projector().string();
    for (const std::string_view name : part_adapters)
      if (fs::is_regular_file(place.adapter(name), absent))
        found.adapters.push_back({std::string(name), place.adapter(name).string()});
    found.type = wanted;
    found.size_bytes = bytes_of_file(found.model_file);
    found.reused = true;
    return found;
  }
  return std::nullopt;
}

std::optional<ImportedModel> find_imported(const fs::path& root, const HubSettings& hub, const HubName& name) {
  if (!name.file.empty()) return std::nullopt;
  const auto commit = commit_of_name(root, hub, name);
  if (!commit) return std::nullopt;
  return find_imported(place_of_commit(root, name.repo, *commit), uppered(name.quant));
}

void read_notes(const fs::path& path, ImportedModel& model) {
  if (bytes_of_file(path) > static_cast<std::int64_t>(most_notes_bytes)) return;
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (text.empty()) return;
  const auto notes = parse_json(text, "notes");
  if (!notes || !notes->is_object()) return;
  const auto text_of = [](const Json& json, const char* name) {
    const auto found = json.is_object() ? json.find(name) : json.end();
    return json.is_object() && found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  model.source = text_of(*notes, "source");
  model.commit = text_of(*notes, "commit");
  const auto warnings = notes->find("warnings");
  if (warnings == notes->end() || !warnings->is_array()) return;
  for (const Json& each : *warnings) model.warnings.push_back({text_of(each, "code"), text_of(each, "message")});
}

Result<void> write_notes(const fs::path& path, const ImportedModel& model) {
  Json warnings = Json::array();
  for (const Warning& warning : model.warnings) {
    Json entry = Json::object();
    entry["code"] = warning.code;
    entry["message"] = warning.message;
    warnings.push_back(std::move(entry));
  }
  Json notes = Json::object();
  notes["source"] = model.source;
  notes["commit"] = model.commit;
  notes["warnings"] = std::move(warnings);
  auto file = DiskFile::open(path);
  if (!file) return std::move(file).error();
  const std::string text = dump_json(notes) + "\n";
  if (auto emptied = file->resize(0); !emptied) return emptied;
  return file->write_at(0, text);
}

}  // namespace abstractllm
