// SPDX-License-Identifier: Apache-2.0
//
// The part of SchemaReader that joins "$ref" with what it names.
#include <algorithm>
#include <charconv>

#include "schema/schema_reader.hpp"

namespace abstractllm {
namespace {

/// A URI fragment with %XX read. RFC 3986, section 2.1.
std::string without_percent(std::string_view fragment) {
  std::string text;
  for (std::size_t at = 0; at < fragment.size(); ++at) {
    unsigned byte = 0;
    const char* const digits = fragment.data() + at + 1;
    if (fragment[at] == '%' && at + 2 < fragment.size() &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      text += static_cast<char>(byte);
      at += 2;
    } else {
      text += fragment[at];
    }
  }
  return text;
}

/// One part of a JSON pointer. RFC 6901, section 4.
std::string without_tildes(std::string_view part) {
  std::string name;
  for (std::size_t at = 0; at < part.size(); ++at) {
    const std::string_view escape = part.substr(at, 2);
    if (escape != "~0" && escape != "~1") {
      name += part[at];
      continue;
    }
    name += escape == "~0" ? '~' : '/';
    ++at;
  }
  return name;
}

}  // namespace

void SchemaReader::index_places() {
  for (std::uint32_t parent = 0; parent < tree_.size(); ++parent) {
    std::size_t position = 0;
    const bool is_list = tree_.kind(parent) == JsonKind::list;
    tree_.each_child(parent, [&](std::uint32_t child) {
      places_.emplace(std::pair(parent, is_list ? std::to_string(position++) : std::string(tree_.name(child))), child);
      return true;
    });
  }
}

std::optional<std::uint32_t> SchemaReader::find_place(std::string_view pointer) const {
  std::uint32_t place = JsonTree::root;
  while (!pointer.empty()) {
    if (pointer.front() != '/') return std::nullopt;
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    const auto found = places_.find(std::pair(place, without_tildes(pointer.substr(0, end))));
    if (found == places_.end()) return std::nullopt;
    place = found->second;
    pointer.remove_prefix(end);
  }
  return place;
}

bool SchemaReader::resolve_references() {
  if (!references_.empty()) index_places();
  for (const auto& [schema, value] : references_) {
    std::string buffer;
    const std::string_view reference = tree_.string(value, buffer);
    const std::string shown = shown_json(tree_.spelled(value));
    if (!reference.starts_with('#'))
      return fail(value, "must name a place in this schema, such as \"#/$defs/city\", not " + shown);
    const auto place = find_place(without_percent(reference.substr(1)));
    if (!place) return fail(value, "names a place that does not exist: " + shown);
    schema->ref = schemas_[*place];
    if (!schema->ref) return fail(value, "names a place where there is no schema: " + shown);
  }
  return true;
}

/// A schema that judges a value by itself would never end.
bool SchemaReader::check_ends() {
  enum class State : std::uint8_t { unseen, open, done };
  std::vector<State> states(tree_.size(), State::unseen);
  // Without recursion: a chain of references may be as long as the schema.
  std::vector<const SchemaNode*> open;
  for (const SchemaNode& start : rules_.nodes) {
    open.assign(1, &start);
    while (!open.empty()) {
      const SchemaNode& schema = *open.back();
      State& state = states[schema.place];
      if (state != State::unseen) {
        state = State::done;
        open.pop_back();
        continue;
      }
      state = State::open;
      bool ends = true;
      schema.each_of_same_value([&](const SchemaNode* next) {
        if (states[next->place] == State::open) ends = false;
        if (states[next->place] == State::unseen) open.push_back(next);
      });
      if (!ends) return fail(schema.place, "refers to itself for the same value, so a check would never end");
    }
  }
  return true;
}

}  // namespace abstractllm
