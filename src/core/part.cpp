// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/part.hpp"

#include <algorithm>

namespace abstractllm {

ProviderData::ProviderData(std::string provider, std::string protocol, std::string host, std::string model,
                           std::string json) {
  if (json.empty()) return;
  fields_ = std::make_shared<const Fields>(
      Fields{std::move(provider), std::move(protocol), std::move(host), std::move(model), std::move(json)});
}

const ProviderData::Fields& ProviderData::fields() const noexcept {
  static const Fields none;
  return fields_ ? *fields_ : none;
}

bool ProviderData::operator==(const ProviderData& other) const {
  return fields_ == other.fields_ || fields() == other.fields();
}

ToolResult::ToolResult(std::string call_id, std::string tool_name, std::vector<ResultPart> content, bool is_an_error)
    : id(std::move(call_id)), name(std::move(tool_name)), parts(std::move(content)), is_error(is_an_error) {
  for (const ResultPart& part : parts)
    if (const auto* piece = std::get_if<Text>(&part)) text += piece->text;
  if (std::all_of(parts.begin(), parts.end(), [](const ResultPart& part) { return std::holds_alternative<Text>(part); }))
    parts.clear();
}

}  // namespace abstractllm
