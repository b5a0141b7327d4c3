// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "abstractllm/hub.hpp"
#include "hub/safe_path.hpp"

namespace abstractllm {
namespace {

constexpr std::size_t longest_repo = 96;

Error refused(std::string_view name, const std::string& why) {
  return {ErrorKind::invalid_argument, "'" + std::string(name) + "' names no model on the hub: " + why +
                                           "; write ORG/NAME[:QUANT][@REVISION] or ORG/NAME/FILE.gguf[@REVISION]"};
}

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Whether the text is a valid half of ORG/NAME by the hub's rules.
bool is_repo_part(std::string_view part) {
  const auto fits = [](char c) { return is_word_character(c) || c == '-' || c == '.'; };
  return !part.empty() && std::all_of(part.begin(), part.end(), fits) && is_word_character(part.front()) &&
         part.back() != '-' && part.back() != '.' && part.find("--") == part.npos && part.find("..") == part.npos &&
         !part.ends_with(".git");
}

bool may_be_quant(std::string_view quant) {
  const auto fits = [](char c) { return is_word_character(c) || c == '-' || c == '.'; };
  return !quant.empty() && std::all_of(quant.begin(), quant.end(), fits);
}

}  // namespace

Result<HubName> parse_hub_name(std::string_view text) {
  HubName name;
  std::string_view rest = text;
  if (const std::size_t at = rest.rfind('@'); at != rest.npos) {
    name.revision = rest.substr(at + 1);
    rest = rest.substr(0, at);
    if (!is_safe_path(name.revision)) return refused(text, "the text after '@' cannot be a revision");
  }
  const std::size_t slash = rest.find('/');
  if (slash == rest.npos) return refused(text, "it has no '/'");
  const std::size_t end = std::min(rest.find_first_of("/:", slash + 1), rest.size());
  name.repo = rest.substr(0, end);
  if (name.repo.size() > longest_repo || !is_repo_part(rest.substr(0, slash)) ||
      !is_repo_part(rest.substr(slash + 1, end - slash - 1)))
    return refused(text, "'" + name.repo + "' cannot be the name of a repository");
  if (end == rest.size()) return name;
  const std::string more(rest.substr(end + 1));
  if (rest[end] == ':') {
    if (!may_be_quant(more)) return refused(text, "'" + more + "' cannot be a quantisation");
    name.quant = more;
    return name;
  }
  if (!is_safe_path(more)) return refused(text, "'" + more + "' cannot be a path in a repository");
  if (!more.ends_with(".gguf")) return refused(text, "'" + more + "' is not a .gguf file");
  name.file = more;
  return name;
}

std::string to_string(const HubName& name) {
  std::string text = name.repo;
  if (!name.file.empty()) text += "/" + name.file;
  else if (!name.quant.empty()) text += ":" + name.quant;
  if (name.revision != "main") text += "@" + name.revision;
  return text;
}

}  // namespace abstractllm
