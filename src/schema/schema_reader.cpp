// SPDX-License-Identifier: Apache-2.0
#include "schema/schema_reader.hpp"

#include <algorithm>
#include <array>

#include "base/nearest.hpp"
#include "base/utf8.hpp"

namespace abstractllm {
namespace {

struct TypeName {
  std::string_view name;
  unsigned types;
};

constexpr std::array<TypeName, 7> type_names = {{
    {"null", SchemaTypes::null},
    {"boolean", SchemaTypes::boolean},
    {"integer", SchemaTypes::integer},
    {"number", SchemaTypes::number | SchemaTypes::integer},
    {"string", SchemaTypes::string},
    {"array", SchemaTypes::list},
    {"object", SchemaTypes::object},
}};

bool by_name(const SchemaProperty& a, const SchemaProperty& b) { return a.name < b.name; }

}  // namespace

// JSON Schema 2020-12, https://json-schema.org/draft/2020-12/json-schema-validation, seen 2026-11. `definitions` is
// from draft 7, and `example` from OpenAPI 3.0.
const SchemaReader::Keyword SchemaReader::keywords[] = {
    {"type", &SchemaReader::read_types},
    {"enum", &SchemaReader::read_enum},
    {"const", &SchemaReader::read_const},
    {"properties", &SchemaReader::read_properties},
    {"required", &SchemaReader::read_required},
    {"additionalProperties", &SchemaReader::read_one<&SchemaNode::additional>},
    {"minProperties", &SchemaReader::read_count<&SchemaNode::min_properties>},
    {"maxProperties", &SchemaReader::read_count<&SchemaNode::max_properties>},
    {"items", &SchemaReader::read_items},
    {"prefixItems", &SchemaReader::read_several<&SchemaNode::prefix_items>},
    {"minItems", &SchemaReader::read_count<&SchemaNode::min_items>},
    {"maxItems", &SchemaReader::read_count<&SchemaNode::max_items>},
    {"uniqueItems", &SchemaReader::read_unique_items},
    {"minimum", &SchemaReader::read_limit<&SchemaNode::minimum>},
    {"maximum", &SchemaReader::read_limit<&SchemaNode::maximum>},
    {"exclusiveMinimum", &SchemaReader::read_limit<&SchemaNode::exclusive_minimum>},
    {"exclusiveMaximum", &SchemaReader::read_limit<&SchemaNode::exclusive_maximum>},
    {"multipleOf", &SchemaReader::read_multiple_of},
    {"minLength", &SchemaReader::read_count<&SchemaNode::min_length>},
    {"maxLength", &SchemaReader::read_count<&SchemaNode::max_length>},
    {"pattern", &SchemaReader::read_pattern},
    {"anyOf", &SchemaReader::read_several<&SchemaNode::any_of>},
    {"oneOf", &SchemaReader::read_several<&SchemaNode::one_of>},
    {"allOf", &SchemaReader::read_several<&SchemaNode::all_of>},
    {"not", &SchemaReader::read_one<&SchemaNode::none_of>},
    {"$ref", &SchemaReader::read_reference},
    {"$defs", &SchemaReader::read_definitions},
    {"definitions", &SchemaReader::read_definitions},
    {"$id", &SchemaReader::read_id},
    {"$schema", nullptr},
    {"$comment", nullptr},
    {"title", nullptr},
    {"description", nullptr},
    {"default", nullptr},
    {"example", nullptr},
    {"examples", nullptr},
    {"format", nullptr},
    {"deprecated", nullptr},
    {"readOnly", nullptr},
    {"writeOnly", nullptr},
};

const SchemaReader::Keyword* SchemaReader::keyword(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(keywords), std::end(keywords), [&](const Keyword& known) { return known.name == name; });
  return found == std::end(keywords) ? nullptr : found;
}

std::string SchemaReader::checked_keywords() {
  std::string list;
  for (const Keyword& keyword : keywords) {
    if (!keyword.read) continue;
    if (!list.empty()) list += ", ";
    list += keyword.name;
  }
  return list;
}

bool SchemaReader::fail(std::uint32_t place, std::string_view message) {
  // The fault that was noted first is nearest to its reason.
  if (!fault_.empty()) return false;
  const std::string pointer = tree_.pointer(place);
  fault_ = pointer.empty() ? "the schema" : "\"" + pointer + "\"";
  fault_.append(" ").append(message);
  return false;
}

std::optional<std::string> SchemaReader::read() {
  if (tree_.text().size() > most_bytes) fail(JsonTree::root, "has more than 1 MiB");
  else if (tree_.fault()) fail(tree_.fault()->node, tree_.fault()->message);
  else if (tree_.size() > most_values) fail(JsonTree::root, "has more than 100000 values");
  else if (tree_.kind(JsonTree::root) != JsonKind::object) fail(JsonTree::root, "must be a JSON object");
  if (!fault_.empty()) return fault_;
  schemas_.resize(tree_.size());
  const SchemaNode* const root = read_schema(JsonTree::root);
  if (root && (root->types & SchemaTypes::object) == 0)
    fail(JsonTree::root, R"(describes no object: its type must be "object")");
  if (root && fault_.empty() && resolve_references()) check_ends();
  if (!fault_.empty()) return fault_;
  return std::nullopt;
}

SchemaNode* SchemaReader::read_schema(std::uint32_t place) {
  SchemaNode& schema = rules_.nodes.emplace_back();
  schema.place = place;
  schemas_[place] = &schema;
  if (tree_.kind(place) == JsonKind::boolean) {
    schema.never = !tree_.is_true(place);
    return &schema;
  }
  if (tree_.kind(place) != JsonKind::object) {
    fail(place, "must be a schema: a JSON object, true or false, not " + shown_json(tree_.spelled(place)));
    return nullptr;
  }
  if (!tree_.each_child(place, [&](std::uint32_t value) { return read_keyword(schema, value); })) return nullptr;
  join_required(schema);
  return &schema;
}

bool SchemaReader::read_keyword(SchemaNode& schema, std::uint32_t value) {
  const Keyword* const known = keyword(tree_.name(value));
  if (!known) return refuse_keyword(value);
  return !known->read || (this->*known->read)(schema, value);
}

bool SchemaReader::refuse_keyword(std::uint32_t value) {
  const std::string_view name = tree_.name(value);
  if (name == "nullable")
    return fail(value, R"(is not JSON Schema; write "type": ["string", "null"] for a string or null)");
  std::vector<std::string_view> names;
  for (const Keyword& known : keywords) names.push_back(known.name);
  std::string message = "is a keyword that is not supported";
  if (const auto nearest = nearest_name(name, names))
    message.append("; did you mean \"").append(*nearest).append("\"? These are supported: ");
  else message += "; these are: ";
  return fail(value, message + checked_keywords());
}

bool SchemaReader::read_types(SchemaNode& schema, std::uint32_t value) {
  schema.types = 0;
  if (tree_.kind(value) != JsonKind::list) return read_type(schema, value);
  if (tree_.count_children(value) == 0) return fail(value, "must name a type");
  return tree_.each_child(value, [&](std::uint32_t item) { return read_type(schema, item); });
}

bool SchemaReader::read_type(SchemaNode& schema, std::uint32_t value) {
  std::string buffer;
  if (tree_.kind(value) == JsonKind::string) {
    const std::string_view name = tree_.string(value, buffer);
    for (const TypeName& known : type_names) {
      if (known.name != name) continue;
      schema.types |= known.types;
      return true;
    }
  }
  return fail(value, "must be one of null, boolean, integer, number, string, array, object, not " +
                         shown_json(tree_.spelled(value)));
}

bool SchemaReader::read_enum(SchemaNode& schema, std::uint32_t value) {
  if (tree_.kind(value) != JsonKind::list) return fail(value, "must be a list of the allowed values");
  schema.values_place = value;
  tree_.each_child(value, [&](std::uint32_t item) {
    schema.values.emplace_back(tree_.hash(item), item);
    return true;
  });
  if (schema.values.empty()) return fail(value, "must have at least one value");
  std::sort(schema.values.begin(), schema.values.end());
  return true;
}

bool SchemaReader::read_const(SchemaNode& schema, std::uint32_t value) {
  schema.constant = value;
  return true;
}

bool SchemaReader::read_properties(SchemaNode& schema, std::uint32_t value) {
  if (tree_.kind(value) != JsonKind::object) return fail(value, "must be an object of names and schemas");
  return tree_.each_child(value, [&](std::uint32_t child) {
    const SchemaNode* const property = read_schema(child);
    if (property) schema.properties.push_back({tree_.name(child), property, false});
    return property != nullptr;
  });
}

bool SchemaReader::read_required(SchemaNode& schema, std::uint32_t value) {
  constexpr std::string_view message = "must be a list of names";
  if (tree_.kind(value) != JsonKind::list) return fail(value, message);
  return tree_.each_child(value, [&](std::uint32_t item) {
    if (tree_.kind(item) != JsonKind::string) return fail(item, "must be a name");
    std::string buffer;
    const std::string_view name = tree_.string(item, buffer);
    schema.properties.push_back({buffer.empty() ? name : rules_.names.emplace_back(buffer), nullptr, true});
    return true;
  });
}

/// Sorts the properties, and joins those of `properties` with those of `required`.
void SchemaReader::join_required(SchemaNode& schema) {
  auto& properties = schema.properties;
  std::stable_sort(properties.begin(), properties.end(), by_name);
  std::size_t kept = 0;
  for (const SchemaProperty& property : properties) {
    if (kept > 0 && properties[kept - 1].name == property.name) {
      SchemaProperty& joined = properties[kept - 1];
      joined.required = joined.required || property.required;
      if (property.schema) joined.schema = property.schema;
    } else {
      properties[kept++] = property;
    }
  }
  properties.resize(kept);
  schema.required_count = static_cast<std::size_t>(std::count_if(
      properties.begin(), properties.end(), [](const SchemaProperty& property) { return property.required; }));
}

bool SchemaReader::read_items(SchemaNode& schema, std::uint32_t value) {
  if (tree_.kind(value) == JsonKind::list)
    return fail(value, "must be one schema; a list of schemas is written as prefixItems");
  return read_one<&SchemaNode::items>(schema, value);
}

bool SchemaReader::read_unique_items(SchemaNode& schema, std::uint32_t value) {
  if (tree_.kind(value) != JsonKind::boolean) return fail(value, "must be true or false");
  schema.unique_items = tree_.is_true(value);
  return true;
}

bool SchemaReader::read_multiple_of(SchemaNode& schema, std::uint32_t value) {
  if (!read_limit<&SchemaNode::multiple_of>(schema, value)) return false;
  if (schema.multiple_of->value.can_divide()) return true;
  return fail(value, "must be more than 0 and have at most 18 digits");
}

bool SchemaReader::read_pattern(SchemaNode& schema, std::uint32_t value) {
  if (tree_.kind(value) != JsonKind::string) return fail(value, "must be a string");
  std::string buffer;
  const std::string_view expression = tree_.string(value, buffer);
  schema.pattern_spelled = tree_.spelled(value);
  if (const auto known = patterns_.find(expression); known != patterns_.end()) {
    schema.pattern = known->second;
    return true;
  }
  if (patterns_.size() >= most_patterns) return fail(value, "is one pattern too many: a schema may have 100");
  auto pattern = Pattern::read(expression);
  if (!pattern) return fail(value, pattern.error().message);
  schema.pattern = *pattern;
  patterns_.emplace(expression, *std::move(pattern));
  return true;
}

bool SchemaReader::read_definitions(SchemaNode&, std::uint32_t value) {
  if (tree_.kind(value) != JsonKind::object) return fail(value, "must be an object of names and schemas");
  return tree_.each_child(value, [&](std::uint32_t child) { return read_schema(child) != nullptr; });
}

bool SchemaReader::read_reference(SchemaNode& schema, std::uint32_t value) {
  if (tree_.kind(value) != JsonKind::string) return fail(value, "must be a string");
  references_.emplace_back(&schema, value);
  return true;
}

bool SchemaReader::read_id(SchemaNode& schema, std::uint32_t value) {
  // Below the root it would change what "$ref": "#" means.
  return schema.place == JsonTree::root || fail(value, "is supported at the top only");
}

template <SchemaReader::Count count>
bool SchemaReader::read_count(SchemaNode& schema, std::uint32_t value) {
  if (tree_.kind(value) == JsonKind::number) schema.*count = Decimal(tree_.spelled(value)).as_count();
  return schema.*count || fail(value, "must be an integer of at least 0, not " + shown_json(tree_.spelled(value)));
}

template <SchemaReader::Limit limit>
bool SchemaReader::read_limit(SchemaNode& schema, std::uint32_t value) {
  const std::string_view spelled = tree_.spelled(value);
  if (tree_.kind(value) != JsonKind::number) return fail(value, "must be a number, not " + shown_json(spelled));
  schema.*limit = std::make_unique<const NumberLimit>(NumberLimit{Decimal(spelled), spelled});
  return true;
}

template <SchemaReader::One one>
bool SchemaReader::read_one(SchemaNode& schema, std::uint32_t value) {
  schema.*one = read_schema(value);
  return schema.*one != nullptr;
}

template <SchemaReader::Several several>
bool SchemaReader::read_several(SchemaNode& schema, std::uint32_t value) {
  if (tree_.kind(value) != JsonKind::list || tree_.count_children(value) == 0)
    return fail(value, "must be a list of at least one schema");
  return tree_.each_child(value, [&](std::uint32_t item) {
    const SchemaNode* const read = read_schema(item);
    if (read) (schema.*several).push_back(read);
    return read != nullptr;
  });
}

}  // namespace abstractllm
