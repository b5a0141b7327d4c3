// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/export.hpp"
#include "abstractllm/hub.hpp"
#include "abstractllm/result.hpp"
#include "abstractllm/warning.hpp"

/// Makes the GGUF file that runs in this process from a safetensors checkpoint. Provider `huggingface` does this itself
/// when it gets the name of such a model.
namespace abstractllm {

/// The progress of an import.
struct ImportProgress {
  /// downloading: the checkpoint comes from the hub. waiting: another process or thread downloads or imports the same
  /// model. writing: the GGUF file is written. quantizing: its quantised copy is written.
  enum class Stage { downloading, waiting, writing, quantizing };

  Stage stage = Stage::writing;
  std::string file;              ///< the file that is downloaded, or the model's name
  std::int64_t bytes = 0;        ///< of this stage
  std::int64_t total_bytes = 0;  ///< of this stage
  double bytes_per_second = 0;   ///< over the last seconds; 0: not yet known
  std::optional<double> seconds_left;
};

/// Options of an import.
class ImportOptions {
 public:
  ImportOptions() {}

  HubOptions hub;
  std::stop_token stop_token;  ///< ends the import in `cancelled`; nothing of it is kept but downloaded files
  /// Called on the caller's thread, at the start of each stage and about ten times a second.
  std::function<void(const ImportProgress&)> on_progress;
  /// The GGUF file to write. An existing one is replaced at the end. A projector goes next to it, with "mmproj-" before
  /// its name, and adapters with "lora-vision-" or "lora-speech-". Empty: a file in import_folder, which is reused the
  /// next time.
  std::string output_file;
  /// A quantisation such as "Q8_0" or "Q4_K_M", in any case. Empty: the tensors keep the type of the checkpoint.
  std::string quantize;
  /// Default: XDG_CACHE_HOME/abstractllm/imported, otherwise ~/.cache/abstractllm/imported. Provider huggingface looks
  /// for imported models in the default folder.
  std::optional<std::string> import_folder;
  int max_retries = 5;  ///< as PullOptions::max_retries
};

/// A LoRA adapter that is part of a checkpoint, for one kind of content: "vision" or "speech".
struct ImportedAdapter {
  std::string name;
  std::string file;  ///< local path of the GGUF file
  bool operator==(const ImportedAdapter&) const = default;
};

/// A model that was imported.
struct ImportedModel {
  std::string model_file;      ///< local path of the GGUF file
  std::string projector_file;  ///< local path of the projector for images, or empty
  std::vector<ImportedAdapter> adapters;
  std::string source;  ///< name on the hub, or whole path of the folder
  std::string commit;  ///< of the repository: 40 hexadecimal digits; empty for a folder
  std::string type;    ///< "BF16", "Q4_K_M"
  std::int64_t size_bytes = 0;
  bool reused = false;  ///< it had been imported before
  /// What was left out, and "model_exceeds_memory" for a model that cannot be loaded on this machine.
  std::vector<Warning> warnings;
};

/// Imports the safetensors of a folder or of a repository on the hub (`ORG/NAME[:QUANT][@REVISION]`; QUANT is another
/// way to set `quantize`). An existing path is a folder. Blocks. Any number of threads and processes may import at
/// once: one imports a model, and the others wait for it. The file gets its name after it is completely on the disk. If
/// the import fails or the process is killed, the next import removes what was left. Needs as much memory as the
/// model's two largest tensors. Progress is also logged, as `import_progress` (debug).
///
/// Errors: those of pull(); invalid_argument (an unknown quantisation; `output_file` is a folder or a file of the
/// checkpoint), unsupported (an architecture or a setting that cannot be imported; pickle files, which are never
/// opened), engine_failed (a damaged checkpoint; one that changed during the import), not_configured (a missing file;
/// no engine in this build; no disk space; a folder that cannot be written), cancelled.
ABSTRACTLLM_API Result<ImportedModel> import_model(std::string_view repo_or_folder, const ImportOptions& options = {});

}  // namespace abstractllm
