// SPDX-License-Identifier: Apache-2.0
#include "hub/hub_settings.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>

#include "base/ascii.hpp"
#include "base/environment.hpp"
#include "base/url.hpp"

namespace abstractllm {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view default_endpoint = "https://huggingface.co";

Error not_configured(std::string message) { return {ErrorKind::not_configured, std::move(message)}; }

/// Reads a switch in the way of huggingface_hub.
bool is_true(const std::string& name) {
  std::string value = environment(name).value_or("");
  std::transform(value.begin(), value.end(), value.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return value == "1" || value == "ON" || value == "YES" || value == "TRUE";
}

fs::path expanded(const std::string& path) {
  if (path == "~" || path.starts_with("~/"))
    if (const auto home = environment("HOME")) return fs::path(*home + path.substr(1));
  return path;
}

/// HF_HOME: the folder of the cache and of the token.
std::optional<fs::path> hub_home() {
  if (const auto home = environment("HF_HOME")) return expanded(*home);
  if (const auto cache = environment("XDG_CACHE_HOME")) return expanded(*cache) / "huggingface";
  if (const auto home = environment("HOME")) return fs::path(*home) / ".cache" / "huggingface";
  return std::nullopt;
}

Result<fs::path> cache_folder(const HubOptions& options) {
  if (options.cache_folder) return expanded(*options.cache_folder);
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"})
    if (const auto folder = environment(name)) return expanded(*folder);
  if (const auto home = hub_home()) return *home / "hub";
  return not_configured("there is no folder for downloads: set HF_HUB_CACHE, HF_HOME or HOME");
}

Result<std::string> endpoint(const HubOptions& options) {
  std::string url =
      options.endpoint ? *options.endpoint : environment("HF_ENDPOINT").value_or(std::string(default_endpoint));
  while (url.ends_with('/')) url.pop_back();
  const bool is_url = url.starts_with("http://") || url.starts_with("https://");
  const bool odd = std::any_of(url.begin(), url.end(), [](char c) { return (c >= 0 && c <= ' ') || c == 0x7f; });
  if (has_user(url)) return not_configured("HF_ENDPOINT holds a user name or password: use HF_TOKEN");
  if (!is_url || odd || url.find_first_of("?#") != url.npos)
    return not_configured("HF_ENDPOINT is '" + shown_url(url) + "', which is not the URL of a hub: write https://HOST");
  return url;
}

std::string token_of_environment() {
  for (const char* name : hub_token_variables)
    if (const auto token = environment(name)) return std::string(trimmed(*token));
  fs::path path;
  if (const auto named = environment("HF_TOKEN_PATH")) path = expanded(*named);
  else if (const auto home = hub_home()) path = *home / "token";
  std::string token;
  if (std::ifstream file(path, std::ios::binary); file) std::getline(file, token);
  return std::string(trimmed(token));
}

Result<std::string> token(const HubOptions& options) {
  std::string token;
  if (options.token) token = trimmed(*options.token);
  else if (!is_true("HF_HUB_DISABLE_IMPLICIT_TOKEN")) token = token_of_environment();
  // Not quoted, because it is a secret even if it is invalid.
  if (std::any_of(token.begin(), token.end(), [](char c) { return c <= ' ' || c == 0x7f; }))
    return not_configured("the token for the hub has a blank or a character outside ASCII: check HF_TOKEN");
  return token;
}

std::chrono::milliseconds idle_timeout(std::chrono::milliseconds otherwise) {
  const std::string text = environment("HF_HUB_DOWNLOAD_TIMEOUT").value_or("");
  int seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds > 0 ? std::chrono::seconds(seconds) : otherwise;
}

}  // namespace

Result<HubSettings> hub_settings(const HubOptions& options) {
  HubSettings settings;
  auto folder = cache_folder(options);
  if (!folder) return std::move(folder).error();
  auto url = endpoint(options);
  if (!url) return std::move(url).error();
  auto secret = token(options);
  if (!secret) return std::move(secret).error();
  settings.cache_folder = *std::move(folder);
  settings.endpoint = *std::move(url);
  settings.token = *std::move(secret);
  settings.offline = options.offline.value_or(is_true("HF_HUB_OFFLINE") || is_true("TRANSFORMERS_OFFLINE"));
  settings.idle_timeout = idle_timeout(settings.idle_timeout);
  return settings;
}

}  // namespace abstractllm
