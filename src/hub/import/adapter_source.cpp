// SPDX-License-Identifier: Apache-2.0
#include "hub/import/adapter_source.hpp"

#include <system_error>
#include <utility>

#include "base/digest.hpp"
#include "hub/import/import_adapter.hpp"
#include "hub/import/import_cache.hpp"
#include "hub/import/source_files.hpp"
#include "hub/import/temporary_file.hpp"

namespace abstractllm {
namespace {

/// The files that an import of an adapter reads.
SourceFiles adapter_files(const std::filesystem::path& folder) {
  SourceFiles found;
  for (const char* name : {"adapter_config.json", "adapter_model.safetensors"})
    if (const auto identity = file_identity((folder / name).string())) found.files.emplace(name, *identity);
  return found;
}

}  // namespace

Result<std::string> imported_adapter(const std::filesystem::path& root, const std::filesystem::path& adapter,
                                     const std::filesystem::path& base, const GgufEngine& engine,
                                     const std::stop_token& stop) {
  const Result<std::string> config = ModelFolder(base).text("config.json");
  if (!config) return config.error();
  const SourceFiles before = adapter_files(adapter);
  ImportPlace place = place_of_folder(root, adapter, before);
  place.folder = root / "adapters";
  Digest digest(Digest::Kind::sha256);
  digest.add(*config);
  place.stem += "-" + digest.hex().substr(0, 16);
  const std::filesystem::path path = place.adapter("peft");
  std::error_code failure;
  if (std::filesystem::is_regular_file(path, failure)) return path.string();
  const Result<GgufModel> model = import_adapter(ModelFolder(adapter), ModelFolder(base));
  if (!model) return model.error();
  std::filesystem::create_directories(place.folder, failure);
  if (failure)
    return Error(ErrorKind::not_configured, "cannot create '" + place.folder.string() + "': " + failure.message());
  Result<TemporaryFile> file = TemporaryFile::beside(path);
  if (!file) return std::move(file).error();
  if (auto written = engine.write(*model, file->path().string(), {stop, {}}); !written)
    return std::move(written).error();
  if (!(adapter_files(adapter) == before))
    return Error(ErrorKind::engine_failed, "adapter '" + adapter.string() + "' changed while it was imported");
  if (auto kept = file->keep(); !kept) return std::move(kept).error();
  return path.string();
}

}  // namespace abstractllm
