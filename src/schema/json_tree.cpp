// SPDX-License-Identifier: Apache-2.0
#include "schema/json_tree.hpp"

#include <algorithm>

#include "base/json_text.hpp"
#include "base/utf8.hpp"
#include "schema/byte_hash.hpp"
#include "schema/decimal.hpp"
#include "schema/json_string.hpp"

namespace abstractllm {
namespace {

JsonKind kind_of_token(const JsonToken& token, std::string_view text) {
  switch (token.kind) {
    case JsonToken::Kind::begin_object: return JsonKind::object;
    case JsonToken::Kind::begin_list: return JsonKind::list;
    case JsonToken::Kind::string: return JsonKind::string;
    case JsonToken::Kind::number: return JsonKind::number;
    default: return text[token.begin] == 'n' ? JsonKind::null : JsonKind::boolean;
  }
}

std::string message_of(const JsonFault& fault, std::size_t size) {
  if (fault.too_deep) return "nests more than " + std::to_string(JsonTree::most_levels) + " levels";
  if (fault.at >= size) return "is not valid JSON: it is cut off at byte " + std::to_string(size);
  return "is not valid JSON at byte " + std::to_string(fault.at);
}

constexpr std::size_t most_shown_bytes = 64;
constexpr std::size_t most_name_bytes = 48;
constexpr std::size_t most_path_bytes = 300;

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() <= most_name_bytes && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

/// A part of a JSON pointer. RFC 6901, section 3.
std::string escaped_pointer_part(std::string_view name) {
  std::string escaped;
  for (const char c : name) {
    if (c == '~') escaped += "~0";
    else if (c == '/') escaped += "~1";
    else escaped += c;
  }
  return escaped;
}

}  // namespace

JsonTree::JsonTree(std::string_view text) : text_(text) {
  if (text.size() > most_bytes) {
    fault_ = JsonTreeFault{most_bytes, root, false, "has more than 256 MiB"};
  } else if (const std::optional<JsonFault> fault = find_json_fault(text, most_levels)) {
    fault_ = JsonTreeFault{fault->at, root, false, message_of(*fault, text.size())};
  } else {
    build();
    check_nodes();
  }
}

void JsonTree::build() {
  JsonTokens tokens(text_);
  std::vector<std::uint32_t> open;
  std::optional<JsonToken> string;  // that may be the name of a member
  const auto add = [&](const JsonToken& token) {
    JsonNode node;
    node.begin = static_cast<std::uint32_t>(token.begin);
    node.end = static_cast<std::uint32_t>(token.end);
    node.kind = kind_of_token(token, text_);
    node.next = static_cast<std::uint32_t>(nodes_.size()) + 1;
    if (!names_.empty()) node.name = static_cast<std::uint32_t>(names_.size()) - 1;
    nodes_.push_back(node);
  };
  for (JsonToken token = tokens.next();; token = tokens.next()) {
    if (string && token.kind != JsonToken::Kind::colon) add(*string);
    switch (token.kind) {
      case JsonToken::Kind::end:
      case JsonToken::Kind::invalid: return;
      case JsonToken::Kind::comma: break;
      case JsonToken::Kind::colon: add_name(string->begin, string->end); break;
      case JsonToken::Kind::end_object:
      case JsonToken::Kind::end_list:
        nodes_[open.back()].end = static_cast<std::uint32_t>(token.end);
        nodes_[open.back()].next = static_cast<std::uint32_t>(nodes_.size());
        open.pop_back();
        break;
      case JsonToken::Kind::begin_object:
      case JsonToken::Kind::begin_list:
        open.push_back(static_cast<std::uint32_t>(nodes_.size()));
        add(token);
        break;
      case JsonToken::Kind::string: break;
      default: add(token);
    }
    string.reset();
    if (token.kind == JsonToken::Kind::string) string = token;
  }
}

void JsonTree::add_name(std::size_t begin, std::size_t end) {
  std::string_view text = text_.substr(begin, end - begin);
  if (text.find('\\') == std::string_view::npos) text = text.substr(1, text.size() - 2);
  else text = decoded_.emplace_back(decoded_json_string(text));
  names_.push_back({text, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
}

bool JsonTree::check_nodes() {
  std::vector<std::string_view> names;  // here, to use its memory again
  for (std::uint32_t index = 0; index < nodes_.size(); ++index) {
    if (kind(index) == JsonKind::object && !has_names_once(index, names)) return false;
    if (kind(index) != JsonKind::number || Decimal::has_readable_exponent(spelled(index))) continue;
    fault_ = JsonTreeFault{nodes_[index].begin, index, true, "must have an exponent of at most nine digits"};
    return false;
  }
  return true;
}

bool JsonTree::has_names_once(std::uint32_t object, std::vector<std::string_view>& names) {
  names.clear();
  each_child(object, [&](std::uint32_t child) {
    names.push_back(name(child));
    return true;
  });
  if (names.size() < 2) return true;
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return true;
  fault_ = JsonTreeFault{nodes_[object].begin, object, true, "must not have " + shown_name(*twice) + " twice"};
  return false;
}

std::string_view JsonTree::spelled(std::uint32_t index) const {
  return text_.substr(nodes_[index].begin, nodes_[index].end - nodes_[index].begin);
}

std::string_view JsonTree::spelled_name(std::uint32_t index) const {
  const Name& name = names_[nodes_[index].name];
  return text_.substr(name.begin, name.end - name.begin);
}

std::string_view JsonTree::string(std::uint32_t index, std::string& buffer) const {
  const std::string_view quoted = spelled(index);
  if (quoted.find('\\') == std::string_view::npos) return quoted.substr(1, quoted.size() - 2);
  return buffer = decoded_json_string(quoted);
}

std::size_t JsonTree::count_children(std::uint32_t parent) const {
  std::size_t count = 0;
  each_child(parent, [&](std::uint32_t) {
    ++count;
    return true;
  });
  return count;
}

std::uint64_t JsonTree::hash(std::uint32_t index) const {
  const auto seed = static_cast<std::uint64_t>(kind(index));
  std::string buffer;
  std::uint64_t sum = seed;
  switch (kind(index)) {
    case JsonKind::null: return seed;
    case JsonKind::boolean: return mixed_hash(seed, is_true(index) ? 1 : 0);
    case JsonKind::number: return mixed_hash(seed, Decimal(spelled(index)).hash());
    case JsonKind::string: return hash_of_bytes(string(index, buffer), seed);
    case JsonKind::list:
      each_child(index, [&](std::uint32_t child) {
        sum = mixed_hash(sum, hash(child));
        return true;
      });
      return sum;
    case JsonKind::object:
      // A sum, because the order of members has no meaning.
      each_child(index, [&](std::uint32_t child) {
        sum += hash_of_bytes(name(child), hash(child));
        return true;
      });
      return mixed_hash(seed, sum);
  }
  return sum;
}

bool JsonTree::equals(std::uint32_t index, const JsonTree& other, std::uint32_t other_index) const {
  if (kind(index) != other.kind(other_index)) return false;
  std::string buffer;
  std::string other_buffer;
  switch (kind(index)) {
    case JsonKind::null: return true;
    case JsonKind::boolean: return is_true(index) == other.is_true(other_index);
    case JsonKind::number: return Decimal(spelled(index)).compare(Decimal(other.spelled(other_index))) == 0;
    case JsonKind::string: return string(index, buffer) == other.string(other_index, other_buffer);
    case JsonKind::object: return equal_members(index, other, other_index);
    case JsonKind::list: break;
  }
  std::uint32_t other_child = other_index + 1;
  const std::uint32_t other_end = other.nodes_[other_index].next;
  return each_child(index,
                    [&](std::uint32_t child) {
                      if (other_child >= other_end || !equals(child, other, other_child)) return false;
                      other_child = other.nodes_[other_child].next;
                      return true;
                    }) &&
         other_child >= other_end;
}

bool JsonTree::equal_members(std::uint32_t index, const JsonTree& other, std::uint32_t other_index) const {
  const std::vector<std::uint32_t> members = sorted_members(index);
  const std::vector<std::uint32_t> others = other.sorted_members(other_index);
  return std::equal(members.begin(), members.end(), others.begin(), others.end(),
                    [&](std::uint32_t member, std::uint32_t other_member) {
                      return name(member) == other.name(other_member) && equals(member, other, other_member);
                    });
}

std::vector<std::uint32_t> JsonTree::sorted_members(std::uint32_t object) const {
  std::vector<std::uint32_t> members;
  each_child(object, [&](std::uint32_t child) {
    members.push_back(child);
    return true;
  });
  std::sort(members.begin(), members.end(), [&](std::uint32_t a, std::uint32_t b) { return name(a) < name(b); });
  return members;
}

std::string JsonTree::path(std::uint32_t index) const {
  std::string path;
  for (std::uint32_t parent = root; parent != index;) {
    std::size_t position = 0;
    std::uint32_t child = parent + 1;
    for (; nodes_[child].next <= index; child = nodes_[child].next) ++position;
    if (kind(parent) == JsonKind::list) path.append("[").append(std::to_string(position)).append("]");
    else if (is_plain_name(name(child))) path.append(path.empty() ? "" : ".").append(name(child));
    else path.append("[").append(shown_name(name(child))).append("]");
    parent = child;
  }
  if (path.size() <= most_path_bytes) return path;
  std::size_t cut = path.size() - most_path_bytes;
  while ((static_cast<unsigned char>(path[cut]) & 0xC0U) == 0x80U) ++cut;
  return "…" + path.substr(cut);
}

std::string JsonTree::pointer(std::uint32_t index) const {
  std::string pointer;
  for (std::uint32_t parent = root; parent != index && pointer.size() <= most_path_bytes;) {
    std::size_t position = 0;
    std::uint32_t child = parent + 1;
    for (; nodes_[child].next <= index; child = nodes_[child].next) ++position;
    pointer += '/';
    pointer += kind(parent) == JsonKind::list ? std::to_string(position) : escaped_pointer_part(name(child));
    parent = child;
  }
  return escaped_start(pointer, most_path_bytes);
}

std::string shown_json(std::string_view spelled) { return escaped_start(spelled, most_shown_bytes); }

std::string shown_name(std::string_view name) { return '"' + escaped_start(name, most_name_bytes) + '"'; }

}  // namespace abstractllm
