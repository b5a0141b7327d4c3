// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace abstractllm {

/// What a server accepts of the schema of a tool. Objects of this type must have static storage, because
/// AdaptedSchemas knows them by their addresses.
struct SchemaSubset {
  std::span<const std::string_view> refused;          ///< keywords that it accepts nowhere
  std::span<const std::string_view> refused_at_root;  ///< keywords that it does not accept at the top of a schema
  std::span<const std::string_view> strict;           ///< keywords of its strict mode; empty: it has none
};

/// A schema as one server accepts it.
struct AdaptedSchema {
  std::string json;                  ///< an object with `type` and `properties`
  bool strict = false;               ///< it is written for the strict mode of the server
  std::vector<std::string> removed;  ///< keywords that a model could miss, each once, in order of their first place
  std::string fault;                 ///< why no server accepts it, as the rest of a sentence, or empty
};

/// Adapts a schema: JSON text without blanks, of at most 200 levels. Takes linear time. The rest keeps its spelling. A
/// property may have the name of a keyword.
///
/// Keywords that the server refuses are left out. `removed` lists them, but not `additionalProperties` with true or
/// false: a model writes the properties that it sees, and the arguments of a tool are checked before it runs.
///
/// If the server has a strict mode and the schema can be expressed in it, the result is strict: all properties are
/// required, and those that were optional may be null. This needs `additionalProperties: false` in each object, because
/// strict mode takes away all other members.
AdaptedSchema adapt_schema(std::string_view json, const SchemaSubset& rules);

/// The adapted forms of one schema, each made once. Any number of threads may use it, without a lock.
class AdaptedSchemas {
 public:
  AdaptedSchemas() = default;
  AdaptedSchemas(const AdaptedSchemas&) = delete;
  AdaptedSchemas& operator=(const AdaptedSchemas&) = delete;
  ~AdaptedSchemas();

  /// Returns adapt_schema(json, rules). `json` must be the same in each call. The result is valid as long as this
  /// object.
  const AdaptedSchema& of(std::string_view json, const SchemaSubset& rules) const;

 private:
  struct Entry;

  // A list that only grows, by one entry for each set of rules.
  mutable std::atomic<const Entry*> latest_ = nullptr;
};

}  // namespace abstractllm
