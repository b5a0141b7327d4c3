// SPDX-License-Identifier: Apache-2.0
#include "hub/default_model.hpp"

#include <array>
#include <filesystem>

#include "base/environment.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

// The second is the same model, quantised otherwise, from where it can be had when the hub cannot be reached.
constexpr std::array file_names = {"SmolLM2-135M-Instruct-Q4_K_M.gguf", "SmolLM2-135M-Instruct.Q4_1.gguf"};

std::optional<fs::path> home() {
  if (const auto own = environment("ABSTRACTLLM_HOME")) return fs::path(*own);
  if (const auto cache = environment("XDG_CACHE_HOME")) return fs::path(*cache) / "abstractllm";
  if (const auto user = environment("HOME")) return fs::path(*user) / ".cache" / "abstractllm";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> file_of_default_model(std::string_view model) {
  if (!model.empty() && model != default_model_name) return std::nullopt;
  const auto folder = home();
  if (!folder) return std::nullopt;
  for (const char* name : file_names) {
    std::error_code ignored;  // unreadable is as good as absent: the engine's message says what to do
    const fs::path file = *folder / "models" / name;
    if (fs::is_regular_file(file, ignored)) return file.string();
  }
  return std::nullopt;
}

}  // namespace abstractllm
