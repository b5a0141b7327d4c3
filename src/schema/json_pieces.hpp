// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace abstractllm {

struct JsonMember;

/// A value of JSON text, with the places of its parts, so that a part can be left out and the rest keeps its spelling.
/// The views are valid as long as the text.
struct JsonPiece {
  enum class Kind : std::uint8_t { object, list, other };

  Kind kind = Kind::other;
  std::string_view text;            ///< the whole value as it is spelled
  std::vector<JsonMember> members;  ///< of an object, in order; a name may come twice
  std::vector<JsonPiece> elements;  ///< of a list

  /// Returns the first member of this name, or null.
  const JsonPiece* find(std::string_view name) const;
};

struct JsonMember {
  std::string name;           ///< without escapes
  std::string_view spelling;  ///< the name with its quotes
  JsonPiece value;
};

/// Splits a value that is known to be valid JSON without blanks between its tokens. What has more than `max_depth`
/// levels is not split further.
JsonPiece json_pieces(std::string_view text, std::size_t max_depth = 200);

}  // namespace abstractllm
