// SPDX-License-Identifier: Apache-2.0
#include "protocols/openai_chat/reasoning_details.hpp"

#include "base/json.hpp"

namespace abstractllm::openai_chat {
namespace {

constexpr std::array<std::string_view, 5> joined_names = {"text", "summary", "signature", "id", "format"};

constexpr bool is_text(std::string_view name) { return name == "text" || name == "summary"; }

}  // namespace

void ReasoningDetails::take(const std::optional<JsonElement>& details, Form form, const JsonParser& source) {
  for_each(details, [&](JsonElement element) {
    if (!element.is_object()) return;
    const auto [type_member, index_member] = members(element, std::array<std::string_view, 2>{"type", "index"});
    const std::string_view type = text_of(type_member);
    const std::optional<std::int64_t> index = integer_of(index_member);
    const bool may_continue = form == Form::chunk && (type == "reasoning.text" || type == "reasoning.summary");
    if (Detail* const known = may_continue ? find(type, index) : nullptr) return join(*known, element);
    if (index) by_index_[{std::string(type), *index}] = details_.size();
    Detail& detail = details_.emplace_back();
    detail.json = source.spelled(element);
    detail.type = type;
    detail.index = index;
    if (may_continue) join(detail, element);
    detail.joined = false;
  });
}

ReasoningDetails::Detail* ReasoningDetails::find(std::string_view type, const std::optional<std::int64_t>& index) {
  if (!index) {
    const bool continues = !details_.empty() && details_.back().type == type && !details_.back().index;
    return continues ? &details_.back() : nullptr;
  }
  const auto found = by_index_.find({std::string(type), *index});
  return found == by_index_.end() ? nullptr : &details_[found->second];
}

void ReasoningDetails::join(Detail& detail, JsonElement more) {
  detail.joined = true;
  const auto found = members(more, joined_names);
  for (std::size_t at = 0; at < joined_names.size(); ++at) {
    const std::string_view text = text_of(found[at]);
    if (text.empty()) continue;
    std::string& known = detail.strings[joined_names[at]];
    if (is_text(joined_names[at])) known += text;
    else known = text;
  }
}

std::string ReasoningDetails::spelled(Detail& detail) {
  if (!detail.joined) return std::move(detail.json);
  Result<Json> json = parse_server_json(detail.json, "reasoning_details");
  if (!json) return std::move(detail.json);
  for (auto& [name, text] : detail.strings) (*json)[std::string(name)] = std::move(text);
  return dump_json(*json);
}

std::string ReasoningDetails::finish() {
  std::string list;
  for (Detail& detail : details_) (list += list.empty() ? '[' : ',') += spelled(detail);
  if (!list.empty()) list += ']';
  details_.clear();
  return list;
}

}  // namespace abstractllm::openai_chat
