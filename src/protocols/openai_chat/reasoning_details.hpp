// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_parser.hpp"
#include "protocols/answer_reader.hpp"

namespace abstractllm::openai_chat {

/// OpenRouter's `reasoning_details` of one answer, which must be sent back unchanged
/// (https://openrouter.ai/docs/guides/best-practices/reasoning-tokens, 2026-11). In a stream, a `reasoning.text` or
/// `reasoning.summary` continues the element with its type and `index`. One without an index continues the last
/// element, if that has its type. Texts are joined. Of id, format and signature the latest counts. Other elements, and
/// those of a body, are whole.
class ReasoningDetails {
 public:
  void take(const std::optional<JsonElement>& details, Form form, const JsonParser& source);

  /// Returns the list as JSON text. It is empty if there were no details.
  std::string finish();

 private:
  struct Detail {
    std::string json;  ///< as it first arrived
    std::string type;
    std::optional<std::int64_t> index;
    bool joined = false;  ///< more arrived: the strings below replace those in `json`
    std::map<std::string_view, std::string> strings;
  };

  Detail* find(std::string_view type, const std::optional<std::int64_t>& index);
  static void join(Detail& detail, JsonElement more);
  static std::string spelled(Detail& detail);

  std::vector<Detail> details_;
  std::map<std::pair<std::string, std::int64_t>, std::size_t> by_index_;
};

}  // namespace abstractllm::openai_chat
