// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <filesystem>
#include <string>

#include "abstractllm/hub.hpp"

namespace abstractllm {

/// The environment variables that hold the hub's token. The first that is set counts.
inline constexpr std::array<const char*, 2> hub_token_variables = {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"};

/// HubOptions, completed from the environment.
struct HubSettings {
  std::string endpoint;  ///< without a '/' at its end
  std::string token;     ///< the token, or empty
  std::filesystem::path cache_folder;
  bool offline = false;
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds idle_timeout{10'000};  ///< HF_HUB_DOWNLOAD_TIMEOUT
};

/// Reads the environment. Errors: not_configured for an endpoint that is not a URL, for an invalid token, and if there
/// is no home folder.
Result<HubSettings> hub_settings(const HubOptions& options);

}  // namespace abstractllm
