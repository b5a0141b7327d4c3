// SPDX-License-Identifier: Apache-2.0
#include "schema/strict_schema.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

namespace abstractllm {
namespace {

constexpr std::size_t most_properties = 5000;
constexpr std::size_t most_object_levels = 10;
constexpr std::size_t most_enum_values = 1000;
constexpr std::size_t most_bytes = 100'000;         // the limit is 120,000 characters in names and values
constexpr double largest_exact = 9007199254740992;  // 2^53

// https://developers.openai.com/api/docs/guides/structured-outputs (2026-11)
constexpr std::string_view strict_formats[] = {R"("date-time")", R"("time")",  R"("date")",
                                               R"("duration")",  R"("email")", R"("hostname")",
                                               R"("ipv4")",      R"("ipv6")",  R"("uuid")"};

template <class List>
bool is_among(const List& list, std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

bool has_value(const JsonPiece& schema, std::string_view value) {
  const JsonPiece* const list = schema.find("enum");
  if (const JsonPiece* const only = schema.find("const")) return only->text == value;
  return list != nullptr && std::any_of(list->elements.begin(), list->elements.end(),
                                        [&](const JsonPiece& element) { return element.text == value; });
}

bool has_type(const JsonPiece& schema, std::string_view quoted) {
  const JsonPiece* const type = schema.find("type");
  if (type == nullptr) return false;
  return type->text == quoted || std::any_of(type->elements.begin(), type->elements.end(),
                                             [&](const JsonPiece& element) { return element.text == quoted; });
}

/// Whether a number is one that every reader of JSON keeps.
bool is_exact(std::string_view number) {
  const std::string text(number);
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  return *end == '\0' && std::abs(value) <= largest_exact;
}

/// Whether a bound only says that an integer has 64 bits. Strict mode does without it: it is beyond what every reader
/// of JSON keeps, and the arguments are checked against it anyway.
bool is_limit_of_64_bits(const JsonMember& member) {
  const std::string_view bound = member.value.text;
  if (member.name == "minimum") return bound == "-9223372036854775808";
  return member.name == "maximum" && (bound == "9223372036854775807" || bound == "18446744073709551615");
}

class StrictWriter {
 public:
  explicit StrictWriter(std::span<const std::string_view> keywords) : keywords_(keywords) {}

  bool root(const JsonPiece& piece) {
    const JsonPiece* const type = piece.find("type");
    return type != nullptr && type->text == R"("object")" && piece.find("anyOf") == nullptr && schema(piece, 1);
  }
  std::string take() { return std::move(out_); }

 private:
  /// Whether the keywords and their values are such that strict mode takes them.
  bool fits(const JsonPiece& piece) const {
    std::set<std::string_view> names;
    for (const JsonMember& member : piece.members) {
      if (is_limit_of_64_bits(member)) continue;
      if (!is_among(keywords_, member.name) || !names.insert(member.name).second) return false;
      if (member.name == "format" && !is_among(strict_formats, member.value.text)) return false;
      const char first = member.value.text.front();
      if ((first == '-' || (first >= '0' && first <= '9')) && !is_exact(member.value.text)) return false;
    }
    // OpenAI: "$ref cannot have keywords".
    if (names.count("$ref") > 0) return names.size() == 1;
    if (names.count("type") == 0 && names.count("anyOf") == 0) return false;
    if (names.count("items") == 0 && has_type(piece, R"("array")")) return false;
    return has_type(piece, R"("object")") || (names.count("properties") == 0 && names.count("required") == 0);
  }

  bool schema(const JsonPiece& piece, std::size_t level) {
    if (piece.kind != JsonPiece::Kind::object || level > most_object_levels || !fits(piece)) return false;
    const bool is_object = has_type(piece, R"("object")");
    const JsonPiece* const closed = piece.find("additionalProperties");
    if (is_object && (closed == nullptr || closed->text != "false")) return false;
    out_ += '{';
    const std::size_t begin = out_.size();
    for (const JsonMember& member : piece.members) {
      if (member.name == "required" || is_limit_of_64_bits(member)) continue;
      if (out_.size() > begin) out_ += ',';
      (out_ += member.spelling) += ':';
      if (!value(piece, member, level)) return false;
    }
    if (is_object && !required(piece)) return false;
    out_ += '}';
    return true;
  }

  bool value(const JsonPiece& owner, const JsonMember& member, std::size_t level) {
    const JsonPiece& piece = member.value;
    if (member.name == "properties") return properties(owner, piece, level + 1);
    if (member.name == "items") return schema(piece, level);
    if (member.name == "$defs" || member.name == "definitions") return definitions(piece, level);
    if (member.name == "anyOf") return alternatives(piece, level);
    if (member.name == "enum" && (enum_values_ += piece.elements.size()) > most_enum_values) return false;
    out_ += piece.text;
    return true;
  }

  bool properties(const JsonPiece& owner, const JsonPiece& piece, std::size_t level) {
    if (piece.kind != JsonPiece::Kind::object) return false;
    if ((properties_ += piece.members.size()) > most_properties) return false;
    std::set<std::string_view> required;
    if (const JsonPiece* const list = owner.find("required"))
      for (const JsonPiece& name : list->elements) required.insert(name.text);
    out_ += '{';
    for (const JsonMember& member : piece.members) {
      if (&member != &piece.members.front()) out_ += ',';
      (out_ += member.spelling) += ':';
      const bool is_required = required.erase(member.spelling) > 0;
      if (!(is_required ? schema(member.value, level) : optional(member.value, level))) return false;
    }
    out_ += '}';
    return required.empty();  // otherwise a name is required that is no property, or it is spelled otherwise
  }

  /// Writes a schema that also takes null.
  bool optional(const JsonPiece& piece, std::size_t level) {
    const bool lists_values = piece.find("enum") != nullptr || piece.find("const") != nullptr;
    const bool takes_null = has_type(piece, R"("null")") && (!lists_values || has_value(piece, "null"));
    if (takes_null) return schema(piece, level);
    const JsonPiece* const type = piece.find("type");
    const bool is_plain = type != nullptr && type->kind == JsonPiece::Kind::other && !lists_values &&
                          piece.find("anyOf") == nullptr && !has_type(piece, R"("object")") &&
                          !has_type(piece, R"("array")");
    if (!is_plain) {
      out_ += R"({"anyOf":[)";
      if (!schema(piece, level)) return false;
      out_ += R"(,{"type":"null"}]})";
      return true;
    }
    std::string both = "[";
    (both += type->text) += R"(,"null"])";
    JsonPiece nullable = piece;
    for (JsonMember& member : nullable.members)
      if (member.name == "type") member.value.text = both;
    // fits() looks at the type only for arrays and objects.
    return schema(nullable, level);
  }

  bool definitions(const JsonPiece& piece, std::size_t level) {
    if (piece.kind != JsonPiece::Kind::object) return false;
    out_ += '{';
    for (const JsonMember& member : piece.members) {
      if (&member != &piece.members.front()) out_ += ',';
      (out_ += member.spelling) += ':';
      if (!schema(member.value, level)) return false;
    }
    out_ += '}';
    return true;
  }

  bool alternatives(const JsonPiece& piece, std::size_t level) {
    if (piece.elements.empty()) return false;
    out_ += '[';
    for (const JsonPiece& element : piece.elements) {
      if (&element != &piece.elements.front()) out_ += ',';
      if (!schema(element, level)) return false;
    }
    out_ += ']';
    return true;
  }

  bool required(const JsonPiece& piece) {
    const JsonPiece* const properties = piece.find("properties");
    if (properties == nullptr) out_ += R"(,"properties":{})";
    out_ += R"(,"required":[)";
    std::set<std::string_view> names;
    if (properties != nullptr)
      for (const JsonMember& member : properties->members) {
        if (!names.insert(member.name).second) return false;
        if (names.size() > 1) out_ += ',';
        out_ += member.spelling;
      }
    out_ += ']';
    const JsonPiece* const wanted = piece.find("required");
    return properties != nullptr || wanted == nullptr || wanted->elements.empty();
  }

  std::span<const std::string_view> keywords_;
  std::string out_;
  std::size_t properties_ = 0;
  std::size_t enum_values_ = 0;
};

}  // namespace

std::optional<std::string> strict_schema(const JsonPiece& schema, std::span<const std::string_view> keywords) {
  if (keywords.empty() || schema.text.size() > most_bytes) return std::nullopt;
  StrictWriter writer(keywords);
  if (!writer.root(schema)) return std::nullopt;
  return writer.take();
}

}  // namespace abstractllm
