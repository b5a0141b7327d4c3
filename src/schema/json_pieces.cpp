// SPDX-License-Identifier: Apache-2.0
#include "schema/json_pieces.hpp"

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "base/json_text.hpp"

namespace abstractllm {
namespace {

using TokenKind = JsonToken::Kind;

std::string name_of(std::string_view spelling) {
  if (spelling.find('\\') == std::string_view::npos) return std::string(spelling.substr(1, spelling.size() - 2));
  const Result<Json> name = parse_server_json(spelling, "a name");
  return name && name->is_string() ? name->get<std::string>() : std::string(spelling);
}

/// Reads values one after the other. It recurses at most `max_depth` levels deep.
class PieceReader {
 public:
  PieceReader(std::string_view text, std::size_t max_depth) : text_(text), tokens_(text), max_depth_(max_depth) {}

  JsonPiece read() { return value(tokens_.next()); }

 private:
  static bool ends(const JsonToken& token) { return token.kind == TokenKind::end || token.kind == TokenKind::invalid; }
  static bool opens(const JsonToken& token) {
    return token.kind == TokenKind::begin_object || token.kind == TokenKind::begin_list;
  }
  static bool closes(const JsonToken& token) {
    return token.kind == TokenKind::end_object || token.kind == TokenKind::end_list || ends(token);
  }
  std::string_view spelling(const JsonToken& token) const { return text_.substr(token.begin, token.end - token.begin); }

  JsonPiece value(const JsonToken& first) {
    JsonPiece piece;
    std::size_t end = first.end;
    if (opens(first)) {
      const bool is_object = first.kind == TokenKind::begin_object;
      if (depth_ == max_depth_) {
        end = skip();
      } else {
        ++depth_;
        piece.kind = is_object ? JsonPiece::Kind::object : JsonPiece::Kind::list;
        end = is_object ? members(piece) : elements(piece);
        --depth_;
      }
    }
    piece.text = text_.substr(first.begin, end - first.begin);
    return piece;
  }

  std::size_t skip() {
    std::size_t depth = 1;
    for (JsonToken token = tokens_.next();; token = tokens_.next()) {
      if (opens(token)) ++depth;
      if (closes(token) && (--depth == 0 || ends(token))) return token.end;
    }
  }

  std::size_t members(JsonPiece& piece) {
    for (JsonToken token = tokens_.next();; token = tokens_.next()) {
      if (closes(token)) return token.end;
      if (token.kind == TokenKind::comma) continue;
      tokens_.next();  // the colon
      JsonMember member;
      member.spelling = spelling(token);
      member.name = name_of(member.spelling);
      member.value = value(tokens_.next());
      piece.members.push_back(std::move(member));
    }
  }

  std::size_t elements(JsonPiece& piece) {
    for (JsonToken token = tokens_.next();; token = tokens_.next()) {
      if (closes(token)) return token.end;
      if (token.kind != TokenKind::comma) piece.elements.push_back(value(token));
    }
  }

  std::string_view text_;
  JsonTokens tokens_;
  std::size_t max_depth_;
  std::size_t depth_ = 0;
};

}  // namespace

const JsonPiece* JsonPiece::find(std::string_view name) const {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const JsonMember& member) { return member.name == name; });
  return found == members.end() ? nullptr : &found->value;
}

JsonPiece json_pieces(std::string_view text, std::size_t max_depth) { return PieceReader(text, max_depth).read(); }

}  // namespace abstractllm
