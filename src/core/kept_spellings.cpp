// SPDX-License-Identifier: Apache-2.0
#include "core/kept_spellings.hpp"

#include "base/json_text.hpp"

namespace abstractllm {
namespace {

using Kind = JsonToken::Kind;

bool begins(Kind kind) { return kind == Kind::begin_object || kind == Kind::begin_list; }

/// Returns the end of the value that begins with this token.
std::size_t end_of_value(JsonTokens& tokens, JsonToken token) {
  std::size_t depth = 0;
  for (;; token = tokens.next()) {
    if (begins(token.kind)) ++depth;
    if (token.kind == Kind::end_object || token.kind == Kind::end_list) --depth;
    if (depth == 0 || token.kind == Kind::end || token.kind == Kind::invalid) return token.end;
  }
}

/// Whether a name as spelled in JSON, with its quotes, is this name. Any character of it may be escaped.
bool names(std::string_view spelled, std::string_view name) {
  constexpr std::size_t longest_escape = 6;
  if (spelled.size() < 2) return false;
  if (spelled.find('\\') == std::string_view::npos) return spelled.substr(1, spelled.size() - 2) == name;
  if (spelled.size() > name.size() * longest_escape + 2) return false;
  const Result<Json> plain = parse_json(spelled, "a name");
  return plain && *plain == name;
}

}  // namespace

KeptSpellings::KeptSpellings(std::string_view json) {
  JsonTokens tokens(json);
  std::string_view latest;  // the spelling of the previous token; before a colon it is a name
  std::size_t copied = 0;
  for (JsonToken token = tokens.next(); token.kind != Kind::end && token.kind != Kind::invalid; token = tokens.next()) {
    if (token.kind != Kind::colon) {
      latest = json.substr(token.begin, token.end - token.begin);
      continue;
    }
    const JsonToken value = tokens.next();
    const bool kept = names(latest, "data") || (names(latest, "arguments") && begins(value.kind));
    latest = {};
    if (!kept) continue;
    const std::size_t end = end_of_value(tokens, value);
    (text_ += json.substr(copied, value.begin - copied)) += "{\"n\":" + std::to_string(values_.size()) + "}";
    values_.push_back(json.substr(value.begin, end - value.begin));
    copied = end;
  }
  text_ += json.substr(copied);
}

std::string_view spelled_member(std::string_view object, std::string_view name) {
  std::string_view found;
  JsonTokens tokens(object);
  if (tokens.next().kind != Kind::begin_object) return found;
  for (JsonToken key = tokens.next(); key.kind == Kind::string; key = tokens.next()) {
    if (tokens.next().kind != Kind::colon) break;
    const JsonToken value = tokens.next();
    const std::size_t end = end_of_value(tokens, value);
    if (names(object.substr(key.begin, key.end - key.begin), name))
      found = object.substr(value.begin, end - value.begin);
    if (tokens.next().kind != Kind::comma) break;
  }
  return found;
}

std::string KeptSpellings::spelling_of(const Json& value) const {
  const auto number = value.is_object() && value.size() == 1 ? value.find("n") : value.end();
  if (number == value.end() || !number->is_number_unsigned()) return dump_json(value);
  const auto at = number->get<std::size_t>();
  return at < values_.size() ? std::string(values_[at]) : dump_json(value);
}

}  // namespace abstractllm
