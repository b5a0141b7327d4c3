// SPDX-License-Identifier: Apache-2.0
//
// The hub's API: https://huggingface.co/.well-known/openapi.json, read in 2026-11.
#include "hub/hub_api.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "hub/hub_errors.hpp"
#include "hub/safe_path.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t most_answer_bytes = std::size_t{64} << 20;
constexpr int most_pages = 1000;
constexpr std::size_t most_files = 1'000'000;
constexpr std::int64_t most_file_bytes = std::int64_t{1} << 50U;
// A user who is offline should know it within seconds. A broken download is worth more attempts.
constexpr int most_retries = 3;

struct Page {
  Json json;
  std::string next_url;  ///< or empty
};

/// `<https://…>; rel="next"`
std::string next_url(const HttpHead& head) {
  const std::string* link = head.header("Link");
  if (link == nullptr || link->find("rel=\"next\"") == std::string::npos) return {};
  const std::size_t begin = link->find('<');
  const std::size_t end = link->find('>', begin);
  return end == std::string::npos ? std::string() : link->substr(begin + 1, end - begin - 1);
}

Result<Page> ask_once(const HubHttp& http, const HubName& name, const std::string& url) {
  auto reply = http.get(url, {HttpHeader("Accept", "application/json")});
  if (!reply) return std::move(reply).error();
  if (reply->head.status >= 300) return hub_error(http.settings(), name, reply->head);
  if (auto page = web_page_error(http.settings(), reply->head)) return *std::move(page);
  auto body = reply->body->read_all(most_answer_bytes);
  if (!body) return std::move(body).error();
  auto json = parse_server_json(*body, "the hub's answer about '" + name.repo + "'");
  if (!json) return std::move(json).error();
  return Page{*std::move(json), next_url(reply->head)};
}

Result<Page> ask(const HubHttp& http, const HubName& name, const std::string& url, int max_retries) {
  HubRetries retries(http, std::min(max_retries, most_retries));
  for (;;) {
    auto page = ask_once(http, name, url);
    if (page || !retries.again(page.error())) return page;
  }
}

std::string text_at(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t size_at(const Json& json) {
  const auto found = json.find("size");
  return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : -1;
}

Result<std::string> commit_of(const HubHttp& http, const HubName& name, int max_retries) {
  const std::string url =
      http.settings().endpoint + "/api/models/" + name.repo + "/revision/" + url_encoded(name.revision, false);
  auto page = ask(http, name, url, max_retries);
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
  else listing.left_out.push_back(std::move(file.path));
}

}  // namespace

Result<RepoListing> list_repository(const HubHttp& http, const HubName& name, int max_retries) {
  auto commit = commit_of(http, name, max_retries);
  if (!commit) return std::move(commit).error();
  RepoListing listing;
  listing.commit = *std::move(commit);
  std::string url =
      http.settings().endpoint + "/api/models/" + name.repo + "/tree/" + listing.commit + "?recursive=true";
  for (int pages = 0; !url.empty() && pages < most_pages; ++pages) {
    auto page = ask(http, name, url, max_retries);
    if (!page) return std::move(page).error();
    if (!page->json.is_array())
      return Error(ErrorKind::protocol, "the hub's listing of '" + name.repo + "' is no list");
    for (const Json& entry : page->json) add_file(entry, listing);
    if (listing.files.size() + listing.left_out.size() > most_files)
      return Error(ErrorKind::protocol, "the hub's listing of '" + name.repo + "' has too many files");
    url = std::move(page->next_url);
  }
  return listing;
}

std::vector<std::string> gguf_repositories_from(const HubHttp& http, const std::string& repo) {
  HubName name;
  name.repo = repo;
  const std::string url = http.settings().endpoint +
                          "/api/models?filter=" + url_encoded("base_model:quantized:" + repo, false) +
                          "&filter=gguf&sort=downloads&limit=5";
  std::vector<std::string> found;
  const auto page = ask(http, name, url, 0);
  if (!page || !page->json.is_array()) return found;
  for (const Json& entry : page->json) {
    const std::string id = entry.is_object() ? text_at(entry, "id") : std::string();
    if (parse_hub_name(id)) found.push_back(id);
  }
  return found;
}

}  // namespace abstractllm
