// SPDX-License-Identifier: Apache-2.0
#include "hub/default_model.hpp"

#include <algorithm>
#include <filesystem>

#include "base/environment.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

// The fallback model in another quantisation. It comes from a place that works without the hub.
constexpr const char* file_name = "SmolLM2-135M-Instruct.Q4_1.gguf";

}  // namespace

std::optional<fs::path> quickstart_folder() {
  if (const auto own = environment("ABSTRACTLLM_HOME")) return fs::path(*own) / "models";
  if (const auto cache = environment("XDG_CACHE_HOME")) return fs::path(*cache) / "abstractllm" / "models";
  if (const auto user = environment("HOME")) return fs::path(*user) / ".cache" / "abstractllm" / "models";
  return std::nullopt;
}

std::vector<fs::path> models_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end; at.increment(failure))
    if (at->path().extension() == ".gguf") found.push_back(at->path());
  std::sort(found.begin(), found.end());
  return found;
}

std::optional<std::string> file_of_fallback_model(const fs::path& folder) {
  std::error_code ignored;  // unreadable is the same as absent; the engine's message says what to do
  if (!fs::is_regular_file(folder / file_name, ignored)) return std::nullopt;
  return (folder / file_name).string();
}

}  // namespace abstractllm
