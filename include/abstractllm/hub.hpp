// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "abstractllm/export.hpp"
#include "abstractllm/result.hpp"

/// Names, downloads and stores models of the Hugging Face hub. Files are in the folders of Python's huggingface_hub: it
/// finds the files that we downloaded, and we find its files.
namespace abstractllm {

/// The name of a model on the hub.
class HubName {
 public:
  HubName() {}

  std::string repo;               ///< "org/name"
  std::string quant;              ///< quantisation, such as "Q4_K_M"; empty: the first in a fixed order (docs/hub.md)
  std::string file;               ///< path of one .gguf file in the repository; if empty, `quant` decides
  std::string revision = "main";  ///< branch, tag or commit
};

/// Reads `REPO[:QUANT][@REVISION]` or `REPO/path/in/it.gguf[@REVISION]`, where REPO is `ORG/NAME`. Looks only at the
/// text. Errors: invalid_argument.
ABSTRACTLLM_API Result<HubName> parse_hub_name(std::string_view name);

/// Returns the name in the form that parse_hub_name reads, without "@main".
ABSTRACTLLM_API std::string to_string(const HubName& name);

/// The hub, the token and the cache folder. Unset fields come from the variables that huggingface_hub reads.
class HubOptions {
 public:
  HubOptions() {}

  std::optional<std::string> endpoint;  ///< default: HF_ENDPOINT, otherwise https://huggingface.co
  /// Default: HF_TOKEN, otherwise HUGGING_FACE_HUB_TOKEN, otherwise the file HF_TOKEN_PATH, otherwise the file
  /// HF_HOME/token. An empty string means that no token is sent. The token is sent to the endpoint only.
  std::optional<std::string> token;
  /// Default: the first of HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME/hub, XDG_CACHE_HOME/huggingface/hub,
  /// ~/.cache/huggingface/hub.
  std::optional<std::string> cache_folder;
  std::optional<bool> offline;  ///< default: HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE; true: the network is not used
};

/// The progress of a download.
struct PullProgress {
  /// waiting: another process or thread downloads the same file. downloading: bytes arrive. verifying: bytes of an
  /// earlier run are read again for the checksum.
  enum class Stage { waiting, downloading, verifying };

  Stage stage = Stage::downloading;
  std::string file;              ///< path in the repository
  std::int64_t bytes = 0;        ///< of all files together, including files that existed before
  std::int64_t total_bytes = 0;  ///< of all files together
  double bytes_per_second = 0;   ///< over the last seconds; 0: not yet known
  std::optional<double> seconds_left;
};

/// Options of a download.
class PullOptions {
 public:
  PullOptions() {}

  HubOptions hub;
  std::stop_token stop_token;  ///< ends the download in `cancelled`; bytes that arrived are kept for the next time
  /// Called on the caller's thread, at the start of each file and about ten times a second.
  std::function<void(const PullProgress&)> on_progress;
  bool dry_run = false;  ///< asks the hub which files would be downloaded, and downloads nothing
  /// Number of further attempts after an attempt that brought no bytes. An attempt that brought bytes does not count.
  int max_retries = 5;
};

/// One file of a model on the hub.
struct HubFile {
  std::string path;  ///< in the repository
  std::int64_t size_bytes = 0;
  std::string etag;        ///< sha256 of the content, or git's sha1, as the hub reports it; empty if not requested
  bool cached = false;     ///< whether the whole file is on this disk
  std::string local_path;  ///< where the file is or will be
};

/// A model of the hub and its files.
struct HubModel {
  HubName name;
  std::string commit;                     ///< 40 hexadecimal digits
  std::vector<HubFile> files;             ///< the model's parts in order, then the projector
  std::string model_file;                 ///< local path of the first part, which is the file to load
  std::string projector_file;             ///< local path of the projector for images, or empty
  std::vector<std::string> alternatives;  ///< other quantisations in the repository; filled by pull()
};

/// Downloads the files of a model that are not on this disk, and returns the local paths. Blocks. Any number of threads
/// and processes may pull at once: one downloads a file, and the others wait for it. An interrupted download is
/// continued. A file gets its name only after its size and checksum are verified. Progress is also logged, as
/// `download_progress` (debug), and each repeated request as `hub_retry` (info).
///
/// If the hub cannot be reached, or offline, a model on this disk is returned. Errors: invalid_argument (a name),
/// not_found (repository, revision, file, no GGUF in it), authentication, permission (a gated model; the message names
/// the page to visit), not_configured (offline and not on this disk; no space; folder not writable), rate_limited,
/// unavailable, network, timeout, protocol (wrong bytes, a web page), cancelled.
ABSTRACTLLM_API Result<HubModel> pull(std::string_view name, const PullOptions& options = {});

/// Returns the model if all its files are on this disk, otherwise nullopt. It does not use the network. Errors: those
/// of parse_hub_name; not_configured (no home folder).
ABSTRACTLLM_API Result<std::optional<HubModel>> find_cached(std::string_view name, const HubOptions& options = {});

/// One entry of the cache that can be removed.
struct CachedModel {
  /// Name for pull(), remove_cached() and Options::model. It is the repository alone if that has no GGUF file, and a
  /// path for a file that scripts/quickstart has put next to the cache, or that was imported from a folder, and for an
  /// imported adapter.
  std::string name;
  std::string commit;                                              ///< of the snapshot that has the files, or empty
  std::int64_t size_bytes = 0;                                     ///< of its files
  std::int64_t incomplete_bytes = 0;                               ///< of interrupted downloads
  std::vector<std::string> paths;                                  ///< in the repository
  std::optional<std::chrono::system_clock::time_point> last_used;  ///< latest read of a file, as the system reports it
  bool usable = false;                                             ///< whether it is a complete GGUF model
  bool imported = false;                                           ///< whether an import made it
  bool adapter = false;  ///< whether it is a LoRA adapter that was imported: a path for Options::adapters, not a model
  std::string source;    ///< of what was imported: its folder, or its name on the hub. Empty if that is not known
};

/// Lists the cache: one row for each GGUF model, and one for all other files of a repository, sorted by name. If
/// `options` name no folder, imported models and adapters, and models that scripts/quickstart has put next to the cache
/// are included. A missing folder is an empty cache. Errors: not_configured.
ABSTRACTLLM_API Result<std::vector<CachedModel>> cached_models(const HubOptions& options = {});

/// The result of remove_cached().
struct RemovedModel {
  std::int64_t freed_bytes = 0;
  std::vector<std::string> paths;  ///< in the repository
};

/// Removes a model from the cache. `ORG/NAME` removes the whole repository and all that was imported from it; any other
/// name removes the files that it means. A blob is deleted when no snapshot links to it any more. Errors:
/// invalid_argument, not_found (the message lists the cache), not_configured (the system refuses; another process is
/// downloading it).
ABSTRACTLLM_API Result<RemovedModel> remove_cached(std::string_view name, const HubOptions& options = {});

}  // namespace abstractllm
