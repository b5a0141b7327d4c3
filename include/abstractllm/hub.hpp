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

/// Models of the Hugging Face hub: named, downloaded, kept in the folders of Python's huggingface_hub, which finds what
/// we downloaded and whose downloads we find.
namespace abstractllm {

/// The name of a model on the hub.
class HubName {
 public:
  HubName() {}

  std::string repo;               ///< "org/name"
  std::string quant;              ///< quantisation, "Q4_K_M"; empty: the best of a fixed order (docs/hub.md)
  std::string file;               ///< path of one .gguf file in the repository; empty: chosen by `quant`
  std::string revision = "main";  ///< branch, tag or commit
};

/// Reads `REPO[:QUANT][@REVISION]` or `REPO/path/in/it.gguf[@REVISION]`, where REPO is `ORG/NAME`. Looks at nothing but
/// the text. Errors: invalid_argument.
ABSTRACTLLM_API Result<HubName> parse_hub_name(std::string_view name);

/// The name as parse_hub_name reads it; without "@main".
ABSTRACTLLM_API std::string to_string(const HubName& name);

/// Which hub, as whom, and where files are kept. What is unset comes from the variables that huggingface_hub reads.
class HubOptions {
 public:
  HubOptions() {}

  std::optional<std::string> endpoint;  ///< HF_ENDPOINT, else https://huggingface.co
  /// HF_TOKEN, else the file HF_TOKEN_PATH, else HF_HOME/token; empty: none. Sent to the endpoint only.
  std::optional<std::string> token;
  /// HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME/hub, XDG_CACHE_HOME/huggingface/hub, ~/.cache/huggingface/hub
  std::optional<std::string> cache_folder;
  std::optional<bool> offline;  ///< HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE: nothing is asked of the network
};

/// How far a download is.
struct PullProgress {
  /// What happens now: another process or thread downloads the same file and is waited for; bytes come; bytes that an
  /// earlier run left are read again for the checksum.
  enum class Stage { waiting, downloading, verifying };

  Stage stage = Stage::downloading;
  std::string file;              ///< path in the repository
  std::int64_t bytes = 0;        ///< of all files together, those included that were there before
  std::int64_t total_bytes = 0;  ///< of all files together
  double bytes_per_second = 0;   ///< over the last seconds; 0: not known yet
  std::optional<double> seconds_left;
};

/// How a model is downloaded.
class PullOptions {
 public:
  PullOptions() {}

  HubOptions hub;
  std::stop_token stop_token;  ///< ends the download in `cancelled`; what has come is kept for the next time
  /// Called on the thread of the caller: at the start of each file and about ten times a second.
  std::function<void(const PullProgress&)> on_progress;
  bool dry_run = false;  ///< asks the hub what would be downloaded, and downloads nothing
  /// Further attempts after one that brought nothing; one that brought bytes does not count.
  int max_retries = 5;
};

/// One file of a model on the hub.
struct HubFile {
  std::string path;  ///< in the repository
  std::int64_t size_bytes = 0;
  std::string etag;        ///< sha256 of the content as the hub says it, or git's sha1; empty where not asked
  bool cached = false;     ///< on this disk, whole
  std::string local_path;  ///< where it is, or will be
};

/// A model of the hub and its files.
struct HubModel {
  HubName name;
  std::string commit;                     ///< 40 hexadecimal digits
  std::vector<HubFile> files;             ///< the model's parts in order, then the projector
  std::string model_file;                 ///< local path of what is loaded: the first part
  std::string projector_file;             ///< local path of the projector for images beside it, or empty
  std::vector<std::string> alternatives;  ///< other quantisations in the repository; filled by pull()
};

/// Downloads what of the model is not there yet, and returns where it is. Blocks. Any number of threads and processes
/// may pull at once: one downloads a file, the others wait for it. A download that was cut, or whose process was
/// killed, goes on where it was. A file gets its name only after its size and checksum were verified. Progress is
/// logged too: `download_progress` (debug).
///
/// With the hub out of reach, or offline, a model that is there already is returned. Errors: invalid_argument (a name),
/// not_found (repository, revision, file, no GGUF in it), authentication, permission (gated: says which page to
/// visit), not_configured (offline and not there; no space; folder not writable), rate_limited, unavailable, network,
/// timeout, protocol (wrong bytes, a web page), cancelled.
ABSTRACTLLM_API Result<HubModel> pull(std::string_view name, const PullOptions& options = {});

/// The model if it is on this disk, whole; else nothing. Asks nothing of the network. Errors: as parse_hub_name;
/// not_configured (no home folder).
ABSTRACTLLM_API Result<std::optional<HubModel>> find_cached(std::string_view name, const HubOptions& options = {});

/// One thing on this disk that can be removed.
struct CachedModel {
  /// What pull(), remove_cached() and Options::model take: just the repository where it has no GGUF, and the path of a
  /// file that scripts/quickstart has put beside the cache.
  std::string name;
  std::string commit;                                              ///< of the snapshot that holds it, or empty
  std::int64_t size_bytes = 0;                                     ///< of its files
  std::int64_t incomplete_bytes = 0;                               ///< of downloads that were cut
  std::vector<std::string> paths;                                  ///< in the repository
  std::optional<std::chrono::system_clock::time_point> last_used;  ///< latest read of a file, as the system knows it
  bool usable = false;                                             ///< a whole GGUF model
};

/// What is in the cache: a row for each GGUF model, and one for the other files of a repository. Sorted by name. Then,
/// where `options` name no folder, the models that scripts/quickstart has put beside it. An absent folder is an empty
/// cache. Errors: not_configured.
ABSTRACTLLM_API Result<std::vector<CachedModel>> cached_models(const HubOptions& options = {});

/// What remove_cached() did.
struct RemovedModel {
  std::int64_t freed_bytes = 0;
  std::vector<std::string> paths;  ///< in the repository
};

/// Removes a model from the cache: `ORG/NAME` all of the repository, else the files that are meant. A blob is deleted
/// only when no snapshot points to it any more. Errors: invalid_argument, not_found (names what is there),
/// not_configured (the system does not let us; somebody is downloading it).
ABSTRACTLLM_API Result<RemovedModel> remove_cached(std::string_view name, const HubOptions& options = {});

}  // namespace abstractllm
