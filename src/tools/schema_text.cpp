// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "abstractllm/json.hpp"
#include "abstractllm/schema_text.hpp"
#include "base/json.hpp"

namespace abstractllm::schema_detail {
namespace {

using NumberKind = SchemaNumber::Kind;

bool is_integral(const SchemaNumber& number) {
  return number.kind == NumberKind::negative || number.kind == NumberKind::positive;
}

/// Compares two integers.
bool is_less(const SchemaNumber& left, const SchemaNumber& right) {
  if (left.kind != right.kind) return left.kind == NumberKind::negative;
  return left.kind == NumberKind::negative ? left.negative < right.negative : left.positive < right.positive;
}

double real_of(const SchemaNumber& number) {
  if (number.kind == NumberKind::real) return number.real;
  return number.kind == NumberKind::negative ? static_cast<double>(number.negative)
                                             : static_cast<double>(number.positive);
}

std::string text_of_number(const SchemaNumber& number) {
  if (number.kind == NumberKind::negative) return std::to_string(number.negative);
  if (number.kind == NumberKind::positive) return std::to_string(number.positive);
  ValueText text;
  text.number(number.real);
  return std::move(text).finish().value_or("null");
}

}  // namespace

void SchemaText::add_numbers(const SchemaNumber& minimum, const SchemaNumber& maximum) {
  if (minimum.kind != NumberKind::none) text_ += ",\"minimum\":" + text_of_number(minimum);
  if (maximum.kind != NumberKind::none) text_ += ",\"maximum\":" + text_of_number(maximum);
}

void SchemaText::add_size(std::string_view keyword, const std::optional<std::size_t>& size) {
  if (!size) return;
  text_ += ",\"";
  text_ += keyword;
  text_ += "\":" + std::to_string(*size);
}

void SchemaText::refuse_numbers(const SchemaLimits& limits) {
  if (limits.minimum.kind != NumberKind::none || limits.maximum.kind != NumberKind::none)
    fail("minimum and maximum are for numbers only");
}

void SchemaText::refuse_text(const SchemaLimits& limits) {
  if (limits.min_length || limits.max_length || !limits.pattern.empty() || limits.one_of != nullptr)
    fail("min_length, max_length, pattern and one_of are for std::string only");
}

void SchemaText::refuse_items(const SchemaLimits& limits) {
  if (limits.min_items || limits.max_items) fail("min_items and max_items are for std::vector only");
}

void SchemaText::boolean(const SchemaLimits& limits) {
  refuse_numbers(limits);
  refuse_text(limits);
  refuse_items(limits);
  text_ += R"({"type":"boolean"})";
}

void SchemaText::integer(std::int64_t minimum, std::uint64_t maximum, const SchemaLimits& limits) {
  refuse_text(limits);
  refuse_items(limits);
  SchemaNumber least = minimum;
  SchemaNumber most = maximum;
  for (const SchemaNumber& limit : {limits.minimum, limits.maximum})
    if (limit.kind == NumberKind::real) fail("the minimum and the maximum of an integer must be integers");
  if (is_integral(limits.minimum) && is_less(least, limits.minimum)) least = limits.minimum;
  if (is_integral(limits.maximum) && is_less(limits.maximum, most)) most = limits.maximum;
  if (is_less(most, least)) fail("its minimum is above its maximum");
  text_ += R"({"type":"integer")";
  add_numbers(least, most);
  text_ += '}';
}

void SchemaText::number(const SchemaLimits& limits) {
  refuse_text(limits);
  refuse_items(limits);
  const bool is_range = limits.minimum.kind != NumberKind::none && limits.maximum.kind != NumberKind::none;
  if (is_range && !(real_of(limits.minimum) <= real_of(limits.maximum))) fail("its minimum is above its maximum");
  text_ += R"({"type":"number")";
  add_numbers(limits.minimum, limits.maximum);
  text_ += '}';
}

void SchemaText::string(const SchemaLimits& limits) {
  refuse_numbers(limits);
  refuse_items(limits);
  if (limits.min_length && limits.max_length && *limits.min_length > *limits.max_length)
    fail("its min_length is above its max_length");
  text_ += R"({"type":"string")";
  if (limits.one_of != nullptr) {
    text_ += ",\"enum\":" + dump_json(Json(*limits.one_of));
    if (limits.one_of->empty()) fail("one_of has no strings");
  }
  add_size("minLength", limits.min_length);
  add_size("maxLength", limits.max_length);
  if (!limits.pattern.empty()) text_ += ",\"pattern\":" + json_string(limits.pattern);
  text_ += '}';
}

void SchemaText::enumeration(const std::vector<std::string_view>& names, const SchemaLimits& limits) {
  refuse_numbers(limits);
  refuse_text(limits);
  refuse_items(limits);
  std::vector<std::string_view> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end())
    fail("its Schema has the enumerator " + json_string(*twice) + " twice");
  if (names.empty()) fail("its Schema has no enumerators");
  text_ += R"({"type":"string","enum":)" + dump_json(Json(names)) + "}";
}

void SchemaText::begin_list(std::optional<std::size_t> size, const SchemaLimits& limits) {
  refuse_numbers(limits);
  refuse_text(limits);
  if (size) refuse_items(limits);
  if (limits.min_items && limits.max_items && *limits.min_items > *limits.max_items)
    fail("its min_items is above its max_items");
  text_ += R"({"type":"array")";
  add_size("minItems", size ? size : limits.min_items);
  add_size("maxItems", size ? size : limits.max_items);
  text_ += ",\"items\":";
}

void SchemaText::end_list() { text_ += '}'; }

void SchemaText::begin_map(const SchemaLimits& limits) {
  refuse_numbers(limits);
  refuse_text(limits);
  refuse_items(limits);
  text_ += R"({"type":"object","additionalProperties":)";
}

void SchemaText::end_map() { text_ += '}'; }

void SchemaText::begin_nullable() { text_ += R"({"anyOf":[)"; }

void SchemaText::end_nullable() { text_ += R"(,{"type":"null"}]})"; }

void SchemaText::add_reference(const std::string& definition) {
  text_ += "{\"$ref\":\"#" + (definition == "#" ? "" : "/$defs/" + definition) + "\"}";
}

bool SchemaText::refer(const void* type) {
  const auto has_type = [&](const auto& each) { return each.type == type; };
  if (const auto known = std::find_if(definitions_.begin(), definitions_.end(), has_type);
      known != definitions_.end()) {
    add_reference(known->name);
    return true;
  }
  const auto open = std::find_if(open_.begin(), open_.end(), has_type);
  if (open == open_.end()) return false;
  if (open->begin == 0) {
    add_reference("#");
    return true;
  }
  open->definition = "type" + std::to_string(definitions_.size() + 1);
  definitions_.emplace_back(type, open->definition);
  add_reference(open->definition);
  return true;
}

bool SchemaText::begin_object(const void* type, const SchemaLimits& limits) {
  refuse_numbers(limits);
  refuse_text(limits);
  refuse_items(limits);
  if (type != nullptr && refer(type)) return false;
  open_.emplace_back(type, text_.size());
  text_ += R"({"type":"object","properties":{)";
  return true;
}

void SchemaText::begin_member(std::string_view name) {
  Open& object = open_.back();
  const bool is_second = std::find(object.names.begin(), object.names.end(), name) != object.names.end();
  if (!object.names.empty()) text_ += ',';
  object.names.push_back(name);
  if (is_second) fail("the name is used twice");
  text_ += json_string(name) + ":";
}

void SchemaText::end_member(std::string_view description, bool required,
                            const std::optional<std::string>& default_json) {
  text_.pop_back();  // the brace of the type, for what follows belongs to it
  if (!description.empty()) text_ += ",\"description\":" + json_string(description);
  if (default_json) text_ += ",\"default\":" + *default_json;
  text_ += '}';
  if (!required) return;
  Open& object = open_.back();
  if (!object.required.empty()) object.required += ',';
  object.required += json_string(object.names.back());
}

void SchemaText::end_object() {
  const Open closed = std::move(open_.back());
  open_.pop_back();
  text_ += "},\"required\":[" + closed.required + "],\"additionalProperties\":false}";
  if (!closed.definition.empty()) close_definition(closed);
}

void SchemaText::close_definition(const Open& closed) {
  for (Definition& each : definitions_)
    if (each.name == closed.definition) each.json = text_.substr(closed.begin);
  text_.resize(closed.begin);
  add_reference(closed.definition);
}

void SchemaText::fail(const std::string& message) {
  if (!fault_.empty()) return;
  std::string place;
  for (const Open& object : open_) {
    if (object.names.empty()) break;
    if (!place.empty()) place += '.';
    place += object.names.back();
  }
  fault_ = place.empty() ? message : "'" + place + "': " + message;
}

Result<std::string> SchemaText::finish() && {
  if (!fault_.empty()) return Error(ErrorKind::invalid_argument, fault_);
  if (definitions_.empty()) return std::move(text_);
  text_.back() = ',';
  text_ += "\"$defs\":{";
  for (std::size_t i = 0; i < definitions_.size(); ++i) {
    if (i > 0) text_ += ',';
    text_ += json_string(definitions_[i].name) + ":" + definitions_[i].json;
  }
  text_ += "}}";
  return std::move(text_);
}

}  // namespace abstractllm::schema_detail
