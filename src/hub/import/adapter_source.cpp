// SPDX-License-Identifier: Apache-2.0
#include "hub/import/adapter_source.hpp"

#include <algorithm>
#include <map>
#include <system_error>
#include <utility>

#include "base/digest.hpp"
#include "base/disk_file.hpp"
#include "hub/checkpoint_files.hpp"
#include "hub/import/import_adapter.hpp"
#include "hub/import/import_cache.hpp"
#include "hub/import/import_lock.hpp"
#include "hub/import/import_progress.hpp"
#include "hub/import/source_files.hpp"
#include "hub/import/temporary_file.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t base_digits = 16;

/// The files that an import of an adapter reads.
SourceFiles adapter_files(const fs::path& folder) {
  SourceFiles found;
  for (const std::string_view name : peft_file_names)
    if (const auto identity = file_identity((folder / name).string())) found.files.emplace(name, *identity);
  return found;
}

/// Equal for base models to which an adapter is fitted in the same way.
std::string base_digest(const GgufDescription& base) {
  Digest digest(Digest::Kind::sha256);
  digest.add(base.architecture);
  for (const auto& [name, number] : std::map(base.numbers.begin(), base.numbers.end()))
    digest.add("\n" + name + "=" + std::to_string(number));
  for (const char* name : {"token_embd.weight", "output.weight"}) {
    const auto found = base.tensors.find(name);
    if (found == base.tensors.end()) continue;
    digest.add(std::string("\n") + name);
    for (const std::int64_t size : found->second) digest.add(" " + std::to_string(size));
  }
  return digest.hex().substr(0, base_digits);
}

ImportPlace adapter_place(const AdapterSource& source, const GgufDescription& base, const SourceFiles& files) {
  ImportPlace place = source.repo.empty() ? place_of_folder(source.root, source.folder, files)
                                          : place_of_commit(source.root, source.repo, source.commit);
  // The folder that a repository's models would have is the beginning of the name.
  if (!source.repo.empty()) place.stem = place.folder.filename().string() + "-" + place.stem;
  place.folder = source.root / adapters_folder_name;
  place.stem += "-" + base_digest(base);
  return place;
}

Error about_adapter(const AdapterSource& source, Error error) {
  error.message = "adapter '" + source.name + "': " + error.message;
  return error;
}

Result<void> check_adapter_space(const fs::path& folder, const GgufModel& model) {
  std::int64_t bytes = 0;
  for (const GgufTensor& tensor : model.tensors) bytes += size_bytes(tensor);
  std::error_code failure;
  const fs::space_info space = fs::space(folder, failure);
  if (failure || space.available >= static_cast<std::uintmax_t>(bytes)) return {};
  return Error(ErrorKind::not_configured, "not enough disk space in '" + folder.string() + "' for an import of " +
                                              std::to_string(bytes) +
                                              " bytes; make room, or set XDG_CACHE_HOME to a folder on another disk");
}

/// With the lock of the place.
Result<void> write_adapter(const AdapterSource& source, const GgufModel& model, const SourceFiles& before,
                           const ImportPlace& place, const GgufEngine& engine, Clock& clock) {
  remove_abandoned(place.folder, place.stem);
  if (auto room = check_adapter_space(place.folder, model); !room) return room;
  Result<TemporaryFile> file = TemporaryFile::beside(place.adapter(peft_adapter));
  if (!file) return std::move(file).error();
  const GgufWatch watch{source.stop, import_meter(source.name, ImportProgress::Stage::writing, {}, clock)};
  if (auto written = engine.write(model, file->path().string(), watch); !written) return written;
  if (!(adapter_files(source.folder) == before))
    return Error(ErrorKind::engine_failed, "it changed while it was imported: try again when nothing writes to it");
  if (auto kept = file->keep(); !kept) return kept;
  ImportedModel notes;
  notes.source = source.repo.empty() ? whole_path(source.folder).string() : source.name;
  notes.commit = source.commit;
  return write_notes(place.adapter(peft_adapter).replace_extension(".json"), notes);
}

}  // namespace

Result<std::string> imported_adapter(const AdapterSource& source, const GgufDescription& base, const GgufEngine& engine,
                                     Clock& clock) {
  const SourceFiles before = adapter_files(source.folder);
  const ImportPlace place = adapter_place(source, base, before);
  const fs::path path = place.adapter(peft_adapter);
  std::error_code failure;
  if (fs::is_regular_file(path, failure)) {
    touch_access_time(path);
    return path.string();
  }
  const Result<GgufModel> model = import_adapter(ModelFolder(source.folder), base);
  if (!model) return about_adapter(source, model.error());
  const auto lock = lock_of_import(place, source.stop, clock, [&] {
    log_import_progress({ImportProgress::Stage::waiting, source.name, 0, 0, 0, std::nullopt});
  });
  if (!lock) return about_adapter(source, lock.error());
  if (fs::is_regular_file(path, failure)) return path.string();
  if (auto written = write_adapter(source, *model, before, place, engine, clock); !written)
    return about_adapter(source, std::move(written).error());
  return path.string();
}

}  // namespace abstractllm
