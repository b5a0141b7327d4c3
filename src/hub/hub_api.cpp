// SPDX-License-Identifier: Apache-2.0
//
// The hub's API: https://huggingface.co/.well-known/openapi.json, read in 2026-11.
#include "hub/hub_api.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/url.hpp"
#include "hub/safe_path.hpp"

namespace abstractllm {
namespace {

constexpr int most_pages = 1000;
constexpr std::size_t most_files = 100'000;
constexpr std::int64_t most_file_bytes = std::int64_t{1} << 50U;
// A user who is offline should know it within seconds. A broken download is worth more attempts.
constexpr int most_retries = 3;

struct Page {
  Json json;
  std::string next_url;  ///< or empty
};

Result<Page> ask(const HubClient& client, const HubName& name, const std::string& url, int max_retries) {
  auto question = std::make_shared<HubQuestion>(client, name, url);
  if (auto asked = client.run(question, std::min(max_retries, most_retries)); !asked) return std::move(asked).error();
  auto json = parse_server_json(question->body(), "the hub's answer about '" + name.repo + "'");
  if (!json) return std::move(json).error();
  return Page{*std::move(json), question->next_url()};
}

std::string text_at(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t size_at(const Json& json) {
  const auto found = json.find("size");
  return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : -1;
}

Result<std::string> commit_of(const HubClient& client, const HubName& name, int max_retries) {
  const std::string url =
      client.settings().endpoint + "/api/models/" + name.repo + "/revision/" + url_encoded(name.revision, false);
  auto page = ask(client, name, url, max_retries);
  if (!page) return std::move(page).error();
  const std::string commit = page->json.is_object() ? text_at(page->json, "sha") : std::string();
  if (commit.size() != 40 || !is_hex_id(commit))
    return Error(ErrorKind::protocol, "the hub's answer about '" + name.repo + "' names no commit");
  return commit;
}

void add_file(const Json& entry, RepoListing& listing) {
  if (!entry.is_object() || text_at(entry, "type") != "file") return;
  RepoFile file;
  file.path = text_at(entry, "path");
  const auto lfs = entry.find("lfs");
  const bool large = lfs != entry.end() && lfs->is_object();
  file.etag = text_at(large ? *lfs : entry, "oid");
  if (file.etag.starts_with("sha256:")) file.etag.erase(0, 7);
  file.size_bytes = size_at(large ? *lfs : entry);
  // An invalid id would also become part of a path.
  const bool usable =
      is_safe_path(file.path) && is_hex_id(file.etag) && file.size_bytes >= 0 && file.size_bytes <= most_file_bytes;
  if (usable) listing.files.push_back(std::move(file));
  else ++listing.left_out;
}

}  // namespace

Result<RepoListing> list_repository(const HubClient& client, const HubName& name, int max_retries) {
  auto commit = commit_of(client, name, max_retries);
  if (!commit) return std::move(commit).error();
  RepoListing listing;
  listing.commit = *std::move(commit);
  std::string url =
      client.settings().endpoint + "/api/models/" + name.repo + "/tree/" + listing.commit + "?recursive=true";
  for (int pages = 0; !url.empty(); ++pages) {
    if (pages == most_pages)
      return Error(ErrorKind::protocol, "the hub's listing of '" + name.repo + "' does not come to an end");
    auto page = ask(client, name, url, max_retries);
    if (!page) return std::move(page).error();
    if (!page->json.is_array())
      return Error(ErrorKind::protocol, "the hub's listing of '" + name.repo + "' is not a list");
    for (const Json& entry : page->json) add_file(entry, listing);
    if (listing.files.size() + listing.left_out > most_files)
      return Error(ErrorKind::protocol, "the hub's listing of '" + name.repo + "' has too many files");
    url = std::move(page->next_url);
  }
  return listing;
}

std::vector<std::string> gguf_repositories_from(const HubClient& client, const std::string& repo) {
  HubName name;
  name.repo = repo;
  const std::string url = client.settings().endpoint +
                          "/api/models?filter=" + url_encoded("base_model:quantized:" + repo, false) +
                          "&filter=gguf&sort=downloads&limit=5";
  std::vector<std::string> found;
  const auto page = ask(client, name, url, 0);
  if (!page || !page->json.is_array()) return found;
  for (const Json& entry : page->json) {
    const std::string id = entry.is_object() ? text_at(entry, "id") : std::string();
    if (parse_hub_name(id)) found.push_back(id);
  }
  return found;
}

}  // namespace abstractllm
