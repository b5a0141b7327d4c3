// SPDX-License-Identifier: Apache-2.0
#include "schema/adapted_schemas.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "schema/json_pieces.hpp"
#include "schema/strict_schema.hpp"

namespace abstractllm {
namespace {

constexpr std::string_view holds_schema[] = {
    "items",         "additionalProperties", "additionalItems",      "not", "if", "then", "else", "contains",
    "propertyNames", "unevaluatedItems",     "unevaluatedProperties"};
constexpr std::string_view holds_named_schemas[] = {"properties", "$defs", "definitions", "patternProperties",
                                                    "dependentSchemas"};
constexpr std::string_view holds_schemas[] = {"anyOf", "oneOf", "allOf", "prefixItems", "items"};

template <class List>
bool holds(const List& list, std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

/// Writes a schema without the keywords that are refused. It recurses as deep as the pieces do.
class SchemaCopy {
 public:
  SchemaCopy(const SchemaSubset& rules, AdaptedSchema& out) : rules_(rules), out_(out) {}

  void root(const JsonPiece& piece) {
    out_.json += '{';
    write_members(piece, true);
    // OpenAI and Anthropic refuse a schema without them (docs/wire-formats.md#tool-rules).
    if (piece.find("type") == nullptr) add(R"("type":"object")");
    if (piece.find("properties") == nullptr) add(R"("properties":{})");
    out_.json += '}';
  }

 private:
  void add(std::string_view member) {
    if (out_.json.back() != '{') out_.json += ',';
    out_.json += member;
  }

  bool is_refused(const JsonMember& member, bool at_root) {
    const std::string& name = member.name;
    if (!holds(rules_.refused, name) && !(at_root && holds(rules_.refused_at_root, name))) return false;
    // A model that sees the properties writes no others, and a tool gets none, because the arguments are checked.
    const bool is_missed = name != "additionalProperties" || member.value.kind == JsonPiece::Kind::object;
    if (is_missed && !holds(out_.removed, name)) out_.removed.push_back(name);
    return true;
  }

  void write_members(const JsonPiece& piece, bool at_root) {
    for (const JsonMember& member : piece.members) {
      if (is_refused(member, at_root)) continue;
      add(member.spelling);
      out_.json += ':';
      value(member);
    }
  }

  void schema(const JsonPiece& piece) {
    if (piece.kind != JsonPiece::Kind::object) {
      out_.json += piece.text;
      return;
    }
    out_.json += '{';
    write_members(piece, false);
    out_.json += '}';
  }

  void value(const JsonMember& member) {
    const JsonPiece& piece = member.value;
    if (piece.kind == JsonPiece::Kind::list && holds(holds_schemas, member.name)) {
      out_.json += '[';
      for (const JsonPiece& element : piece.elements) {
        if (&element != &piece.elements.front()) out_.json += ',';
        schema(element);
      }
      out_.json += ']';
    } else if (piece.kind == JsonPiece::Kind::object && holds(holds_named_schemas, member.name)) {
      out_.json += '{';
      for (const JsonMember& named : piece.members) {
        add(named.spelling);
        out_.json += ':';
        schema(named.value);
      }
      out_.json += '}';
    } else if (piece.kind == JsonPiece::Kind::object && holds(holds_schema, member.name)) {
      schema(piece);
    } else {
      out_.json += piece.text;
    }
  }

  const SchemaSubset& rules_;
  AdaptedSchema& out_;
};

}  // namespace

AdaptedSchema adapt_schema(std::string_view json, const SchemaSubset& rules) {
  AdaptedSchema adapted;
  const JsonPiece schema = json_pieces(json);
  const JsonPiece* const type = schema.find("type");
  if (schema.kind != JsonPiece::Kind::object || (type != nullptr && type->text != R"("object")")) {
    adapted.fault = "must have the type \"object\" at its top: the arguments of a tool have names";
    return adapted;
  }
  if (auto strict = strict_schema(schema, rules.strict)) {
    adapted.json = *std::move(strict);
    adapted.strict = true;
    return adapted;
  }
  SchemaCopy(rules, adapted).root(schema);
  return adapted;
}

struct AdaptedSchemas::Entry {
  const SchemaSubset* rules;
  AdaptedSchema schema;
  const Entry* before = nullptr;
};

AdaptedSchemas::~AdaptedSchemas() {
  for (const Entry* entry = latest_.load(); entry != nullptr;) delete std::exchange(entry, entry->before);
}

const AdaptedSchema& AdaptedSchemas::of(std::string_view json, const SchemaSubset& rules) const {
  const Entry* known = latest_.load(std::memory_order_acquire);
  for (const Entry* entry = known; entry != nullptr; entry = entry->before)
    if (entry->rules == &rules) return entry->schema;
  // Two threads may make the same entry. Both stay, because a caller may refer to each.
  auto made = std::make_unique<Entry>(Entry{&rules, adapt_schema(json, rules), known});
  while (!latest_.compare_exchange_weak(made->before, made.get(), std::memory_order_acq_rel)) {
  }
  return made.release()->schema;
}

}  // namespace abstractllm
