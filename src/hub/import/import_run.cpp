// SPDX-License-Identifier: Apache-2.0
#include "hub/import/import_run.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <system_error>
#include <utility>

#include "base/ascii.hpp"
#include "base/disk_file.hpp"
#include "hub/import/import_checkpoint.hpp"
#include "hub/import/import_lock.hpp"
#include "hub/import/import_progress.hpp"
#include "hub/import/temporary_file.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;
using Stage = ImportProgress::Stage;

constexpr double checkpoint_bits = 16;
// Some tensors of a quantised model keep more bits than the average.
constexpr double quantised_margin = 1.2;

constexpr std::array<std::pair<TensorType, std::string_view>, 3> type_names = {
    {{TensorType::bf16, "BF16"}, {TensorType::f16, "F16"}, {TensorType::f32, "F32"}}};

/// The type of most of the weights.
std::string type_of(const GgufModel& model) {
  std::array<std::int64_t, type_names.size()> bytes{};
  for (const GgufTensor& tensor : model.tensors)
    for (std::size_t i = 0; i < type_names.size(); ++i)
      if (tensor.type == type_names[i].first) bytes[i] += size_bytes(tensor);
  const auto most = std::max_element(bytes.begin(), bytes.end()) - bytes.begin();
  return std::string(type_names[static_cast<std::size_t>(most)].second);
}

std::int64_t metadata_bytes(const GgufModel& model) {
  std::int64_t sum = 0;
  for (const GgufEntry& entry : model.entries)
    if (const auto* texts = std::get_if<std::vector<std::string>>(&entry.value))
      for (const std::string& text : *texts) sum += static_cast<std::int64_t>(text.size()) + 8;
  return sum;
}

std::int64_t bytes_of(const GgufModel& model) {
  std::int64_t sum = metadata_bytes(model);
  for (const GgufTensor& tensor : model.tensors) sum += size_bytes(tensor);
  return sum;
}

std::int64_t quantised_bytes(std::int64_t bytes, const std::string& source_type, const Quantisation& type) {
  const double bits = source_type == "F32" ? 2 * checkpoint_bits : checkpoint_bits;
  return std::llround(static_cast<double>(bytes) * std::min(1.0, quantised_margin * type.bits_per_value / bits));
}

std::string megabytes_text(std::int64_t bytes) { return std::to_string((bytes + 999'999) / 1'000'000) + " MB"; }

class ImportRun {
 public:
  ImportRun(const ImportJob& job, const GgufEngine& engine, Clock& clock) : job_(job), engine_(engine), clock_(clock) {}

  Result<ImportedModel> run();

 private:
  std::optional<ImportedModel> find() const;
  Result<ImportedModel> import_now();
  Result<void> check_type(const std::string& source_type) const;
  Result<void> check_space(std::int64_t bytes, std::int64_t quantised) const;
  Result<void> check_output(const SourceFiles& files) const;
  Result<ImportedModel> write(const ImportedCheckpoint& checkpoint, const std::string& source_type,
                              const SourceFiles& before);
  Result<void> write_model(const GgufModel& model, const std::string& source_type, const fs::path& to);
  Result<void> quantize(const fs::path& from, const fs::path& to);
  Result<void> check_unchanged(const SourceFiles& before) const;
  GgufWatch watch(Stage stage);
  void tell_waiting();

  fs::path model_path(const std::string& type) const { return job_.place ? job_.place->model(type) : job_.output_file; }
  fs::path projector_path() const {
    if (job_.place) return job_.place->projector();
    return job_.output_file.parent_path() / ("mmproj-" + job_.output_file.filename().string());
  }
  fs::path adapter_path(const std::string& name) const {
    if (job_.place) return job_.place->adapter(name);
    return job_.output_file.parent_path() / ("lora-" + name + "-" + job_.output_file.filename().string());
  }
  /// Writes what belongs to the model, under names that are not theirs yet.
  Result<std::vector<TemporaryFile>> write_parts(const ImportedCheckpoint& checkpoint, ImportedModel& made);
  Result<void> write_part(const GgufModel& part, const fs::path& path, std::vector<TemporaryFile>& files);
  bool stopped() const { return job_.stop.stop_requested(); }

  const ImportJob& job_;
  const GgufEngine& engine_;
  Clock& clock_;
};

std::optional<ImportedModel> ImportRun::find() const {
  if (!job_.place) return std::nullopt;
  auto found = find_imported(*job_.place, job_.type.name);
  if (found) found->source = job_.name;
  return found;
}

GgufWatch ImportRun::watch(Stage stage) {
  return {job_.stop, import_meter(job_.name, stage, job_.on_progress, clock_)};
}

void ImportRun::tell_waiting() {
  const ImportProgress progress{Stage::waiting, job_.name, 0, 0, 0, std::nullopt};
  log_import_progress(progress);
  if (job_.on_progress) job_.on_progress(progress);
}

Result<ImportedModel> ImportRun::run() {
  if (auto found = find()) return *std::move(found);
  if (!job_.place) {
    remove_abandoned(job_.output_file.parent_path(), job_.output_file.filename().string() + ".");
    return import_now();
  }
  const auto lock = lock_of_import(*job_.place, job_.stop, clock_, [this] { tell_waiting(); });
  if (!lock) return lock.error();
  if (auto found = find()) return *std::move(found);
  remove_abandoned(job_.place->folder, job_.place->stem);
  return import_now();
}

Result<void> ImportRun::check_type(const std::string& source_type) const {
  if (job_.type.name.empty() || job_.type.quantisation || job_.type.name == source_type) return {};
  return Error(ErrorKind::invalid_argument, "the weights of '" + job_.name + "' are " + source_type +
                                                ", and an import " + "does not make " + job_.type.name +
                                                " of them: leave the type out");
}

Result<void> ImportRun::check_output(const SourceFiles& files) const {
  if (job_.place) return {};
  std::error_code failure;
  if (fs::is_directory(job_.output_file, failure))
    return Error(ErrorKind::invalid_argument,
                 "'" + job_.output_file.string() + "' is a folder: give the name of a file");
  if (fs::exists(job_.output_file, failure) && !fs::is_regular_file(job_.output_file, failure))
    return Error(ErrorKind::invalid_argument, "'" + job_.output_file.string() + "' is not a regular file");
  for (const auto& [name, identity] : files.files)
    if (fs::equivalent(job_.output_file, job_.source / name, failure))
      return Error(ErrorKind::invalid_argument, "'" + job_.output_file.string() + "' is a file of the model itself");
  return {};
}

Result<void> ImportRun::check_space(std::int64_t bytes, std::int64_t quantised) const {
  const fs::path folder = job_.place ? job_.place->folder : job_.output_file.parent_path();
  std::error_code failure;
  const fs::space_info space = fs::space(folder.empty() ? fs::path(".") : folder, failure);
  const std::int64_t needed = bytes + quantised;
  // The write reports what cannot be checked.
  if (failure || space.available >= static_cast<std::uintmax_t>(needed)) return {};
  std::string message = "not enough disk space for the import of '" + job_.name + "' in '" + folder.string() +
                        "': it needs " + megabytes_text(needed);
  if (quantised > 0) message += " (" + megabytes_text(bytes) + " of them only until it is quantised)";
  return Error(ErrorKind::not_configured, message + ", there are " + std::to_string(space.available / 1'000'000) +
                                              " MB; make room, or set XDG_CACHE_HOME to a folder on another disk");
}

Result<void> ImportRun::check_unchanged(const SourceFiles& before) const {
  const SourceFiles now = source_files(job_.source);
  if (now == before) return {};
  std::string changed;
  for (const auto& [name, identity] : before.files) {
    const auto found = now.files.find(name);
    if (found == now.files.end() || !(found->second == identity)) changed = name;
  }
  if (changed.empty()) changed = "a file that was added";
  return Error(ErrorKind::engine_failed, "'" + job_.name + "' changed while it was imported ('" + changed +
                                             "'): import it again when nothing writes to it");
}

Result<void> ImportRun::quantize(const fs::path& from, const fs::path& to) {
  return engine_.quantize(from.string(), to.string(), *job_.type.quantisation, watch(Stage::quantizing));
}

Result<void> ImportRun::write_model(const GgufModel& model, const std::string& source_type, const fs::path& to) {
  if (!job_.type.quantisation) return engine_.write(model, to.string(), watch(Stage::writing));
  if (job_.place)
    if (const auto whole = find_imported(*job_.place, source_type)) return quantize(whole->model_file, to);
  const auto between = TemporaryFile::beside(model_path(source_type));
  if (!between) return between.error();
  if (auto written = engine_.write(model, between->path().string(), watch(Stage::writing)); !written) return written;
  return quantize(between->path(), to);
}

Result<void> ImportRun::write_part(const GgufModel& part, const fs::path& path, std::vector<TemporaryFile>& files) {
  auto file = TemporaryFile::beside(path);
  if (!file) return std::move(file).error();
  files.push_back(*std::move(file));
  return engine_.write(part, files.back().path().string(), {job_.stop, {}});
}

Result<std::vector<TemporaryFile>> ImportRun::write_parts(const ImportedCheckpoint& checkpoint, ImportedModel& made) {
  std::vector<TemporaryFile> files;
  if (checkpoint.projector) {
    made.projector_file = projector_path().string();
    if (auto written = write_part(*checkpoint.projector, made.projector_file, files); !written)
      return std::move(written).error();
  }
  for (const NamedAdapter& adapter : checkpoint.adapters) {
    made.adapters.push_back({adapter.name, adapter_path(adapter.name).string()});
    if (auto written = write_part(adapter.model, made.adapters.back().file, files); !written)
      return std::move(written).error();
  }
  return files;
}

Result<ImportedModel> ImportRun::write(const ImportedCheckpoint& checkpoint, const std::string& source_type,
                                       const SourceFiles& before) {
  ImportedModel made;
  made.type = job_.type.quantisation ? job_.type.name : source_type;
  made.model_file = model_path(made.type).string();
  made.source = job_.commit.empty() ? whole_path(job_.source).string() : job_.name;
  made.commit = job_.commit;
  made.warnings = checkpoint.warnings;
  auto model = TemporaryFile::beside(made.model_file);
  if (!model) return std::move(model).error();
  auto parts = write_parts(checkpoint, made);
  if (!parts) return std::move(parts).error();
  if (auto written = write_model(checkpoint.model, source_type, model->path()); !written)
    return std::move(written).error();
  if (auto unchanged = check_unchanged(before); !unchanged) return std::move(unchanged).error();
  std::error_code failure;
  made.size_bytes = static_cast<std::int64_t>(fs::file_size(model->path(), failure));
  if (job_.place)
    if (auto noted = write_notes(job_.place->notes(made.type), made); !noted) return std::move(noted).error();
  // The model comes last, because what has its name is complete.
  Result<void> kept;
  for (TemporaryFile& part : *parts)
    if (kept) kept = part.keep();
  if (kept) kept = model->keep();
  if (kept) return made;
  if (job_.place) fs::remove(job_.place->notes(made.type), failure);
  return std::move(kept).error();
}

Result<ImportedModel> ImportRun::import_now() {
  if (stopped()) return import_stopped();
  const SourceFiles before = source_files(job_.source);
  if (auto checked = check_output(before); !checked) return std::move(checked).error();
  auto checkpoint = import_checkpoint(ModelFolder(job_.source));
  if (!checkpoint) return std::move(checkpoint).error();
  const std::string source_type = type_of(checkpoint->model);
  if (auto checked = check_type(source_type); !checked) return std::move(checked).error();
  std::int64_t bytes = bytes_of(checkpoint->model);
  std::int64_t quantised = 0;
  if (job_.type.quantisation) quantised = quantised_bytes(bytes, source_type, *job_.type.quantisation);
  const std::int64_t result_bytes = quantised > 0 ? quantised : bytes;
  if (quantised > 0 && job_.place && find_imported(*job_.place, source_type)) bytes = 0;
  if (checkpoint->projector) bytes += bytes_of(*checkpoint->projector);
  for (const NamedAdapter& adapter : checkpoint->adapters) bytes += bytes_of(adapter.model);
  if (auto room = check_space(bytes, quantised); !room) return std::move(room).error();
  const std::int64_t most = engine_.most_model_bytes();
  if (most > 0 && result_bytes > most)
    checkpoint->warnings.push_back({"model_exceeds_memory", "the imported model has " + megabytes_text(result_bytes) +
                                                                ", and models on this machine may have " +
                                                                megabytes_text(most)});
  return write(*checkpoint, source_type, before);
}

}  // namespace

Result<ImportType> import_type(std::string_view name, const GgufEngine& engine) {
  const std::string wanted = uppered(name);
  if (wanted.empty()) return ImportType();
  for (const auto& [type, type_name] : type_names)
    if (wanted == type_name) return ImportType{wanted, std::nullopt};
  std::string known;
  for (const Quantisation& each : engine.quantisations()) {
    if (wanted == each.name) return ImportType{wanted, each};
    known += (known.empty() ? "" : " ") + each.name;
  }
  return Error(ErrorKind::invalid_argument,
               "there is no quantisation '" + std::string(name) + "'; an import can make " + known);
}

Result<ImportedModel> run_import(const ImportJob& job, const GgufEngine& engine, Clock& clock) {
  return ImportRun(job, engine, clock).run();
}

Result<void> check_memory(const std::string& name, std::int64_t weight_bytes, const ImportType& type,
                          const GgufEngine& engine) {
  const std::int64_t most = engine.most_model_bytes();
  std::int64_t bytes = weight_bytes;
  if (type.quantisation)
    bytes = std::llround(static_cast<double>(bytes) * type.quantisation->bits_per_value / checkpoint_bits);
  if (most <= 0 || bytes <= most) return {};
  return Error(ErrorKind::engine_failed,
               "model '" + name + "' has weights of " + megabytes_text(bytes) +
                   ", and models on this machine may have " + megabytes_text(most) +
                   " (ModelCacheLimits::max_bytes), so it was not imported: use a smaller model, " +
                   "or a quantisation such as " + name + ":Q4_K_M if it is on the hub");
}

}  // namespace abstractllm
