// SPDX-License-Identifier: Apache-2.0
#include "engines/llama_cpp/schema_limits.hpp"

#include <algorithm>
#include <cstdint>
#include <unordered_set>
#include <vector>

#include "base/json_text.hpp"

namespace abstractllm {
namespace {

using Kind = JsonToken::Kind;

// The engine copies the following names for each name, and again for each name. 400 names take about a second, 2000
// take minutes.
constexpr std::uint64_t most_optional = 400;

std::uint64_t cube(std::uint64_t count) {
  count = std::min(count, most_optional + 1);
  return count * count * count;
}

/// Adds up the costs of the schemas in a text. Names are compared by their spelling, because our own writer made the
/// body and escapes no letters.
class SchemaCosts {
 public:
  void read(std::string_view text) {
    JsonTokens tokens(text);
    for (;;) {
      const JsonToken token = tokens.next();
      if (token.kind == Kind::end || token.kind == Kind::invalid) break;
      take(token.kind, text.substr(token.begin, token.end - token.begin));
    }
    if (merges_) costs_ += cube(all_);  // allOf merges many objects into one
  }
  bool too_many() const { return costs_ > most_optional * most_optional * most_optional; }
  std::uint64_t largest() const { return merges_ ? all_ : largest_; }

 private:
  struct Open {
    std::string_view name;  // the name whose value it is
    std::string_view latest;
    std::unordered_set<std::string_view> names;  // members of an object, or strings of a list
    std::unordered_set<std::string_view> properties, required;
  };

  void take(Kind kind, std::string_view spelled) {
    if (kind == Kind::begin_object || kind == Kind::begin_list) return begin();
    if (kind == Kind::end_object || kind == Kind::end_list) return end();
    if (kind == Kind::colon && !open_.empty()) {
      open_.back().names.insert(string_);
      open_.back().latest = string_;
      merges_ = merges_ || string_ == "\"allOf\"";
    }
    if (kind == Kind::string) string_ = spelled;
    if (kind == Kind::string && !open_.empty() && open_.back().name == "\"required\"")
      open_.back().names.insert(spelled);
  }
  void begin() {
    Open inner;
    if (!open_.empty()) inner.name = open_.back().latest;
    open_.push_back(std::move(inner));
  }
  void end() {
    if (open_.empty()) return;
    Open inner = std::move(open_.back());
    open_.pop_back();
    add(inner);
    if (open_.empty()) return;
    if (inner.name == "\"properties\"") open_.back().properties = std::move(inner.names);
    else if (inner.name == "\"required\"") open_.back().required = std::move(inner.names);
  }
  void add(const Open& schema) {
    const auto optional = std::count_if(schema.properties.begin(), schema.properties.end(),
                                        [&](std::string_view name) { return !schema.required.contains(name); });
    costs_ += cube(static_cast<std::uint64_t>(optional));
    largest_ = std::max(largest_, static_cast<std::uint64_t>(optional));
    all_ += static_cast<std::uint64_t>(optional);
  }

  std::vector<Open> open_;
  std::string_view string_;  // the latest string
  bool merges_ = false;
  std::uint64_t costs_ = 0;
  std::uint64_t largest_ = 0;
  std::uint64_t all_ = 0;
};

}  // namespace

std::optional<std::string> why_too_many_properties(std::string_view json_text) {
  SchemaCosts costs;
  costs.read(json_text);
  if (!costs.too_many()) return std::nullopt;
  return "has JSON schemas with too many optional properties (" + std::to_string(costs.largest()) +
         " in one object), and the local engine takes " + std::to_string(most_optional) +
         " together; name them in \"required\"";
}

}  // namespace abstractllm
