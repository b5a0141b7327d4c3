// SPDX-License-Identifier: Apache-2.0
#include "core/options_json.hpp"

#include "base/json.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace abstractllm {
namespace {

constexpr std::array<std::string_view, 5> user_texts = {"system_prompt", "stop", "extra_body", "images", "audio"};

Json value_json(const option_kind::text& value) { return value; }
Json value_json(option_kind::number value) { return value; }
Json value_json(option_kind::integer value) { return value; }
Json value_json(option_kind::boolean value) { return value; }
Json value_json(const option_kind::texts& value) { return value; }

// Shows the source of each attachment, never its content.
template <class Attachments>
Json sources_json(const Attachments& attachments) {
  Json list = Json::array();
  for (const Attachment& each : attachments) {
    const bool named = each.kind() == SourceKind::file || each.kind() == SourceKind::url;
    constexpr std::size_t longest = 256;
    list.push_back(named && each.value().size() <= longest ? each.value()
                                                           : std::to_string(each.value().size()) + " bytes");
  }
  return list;
}

Json value_json(const option_kind::images& images) { return sources_json(images); }
Json value_json(const option_kind::recordings& recordings) { return sources_json(recordings); }

Json value_json(option_kind::duration value) { return static_cast<double>(value.count()) / 1000.0; }

Json value_json(const option_kind::biases& value) {
  Json json = Json::object();
  for (const auto& [token, bias] : value) json[std::to_string(token)] = bias;
  return json;
}

Json value_json(const option_kind::headers& value) {
  Json json = Json::object();
  for (const auto& [name, text] : value) json[name] = "***";
  return json;
}

}  // namespace

std::string options_to_json(const Options& options, OptionTexts texts) {
  Json json = Json::object();
  const auto add = [&](std::string_view name, OptionKind kind, const auto& value) {
    if (!value) return;
    if (kind == OptionKind::secret) {
      json[std::string(name)] = "***";
      return;
    }
    if (texts == OptionTexts::left_out && std::find(user_texts.begin(), user_texts.end(), name) != user_texts.end())
      return;
    json[std::string(name)] = value_json(*value);
  };
#define ABSTRACTLLM_OPTION(name, kind, scope, trust, transport, unit, min, max, flag, help) \
  add(#name, OptionKind::kind, options.name());
#include "abstractllm/options.def"
#undef ABSTRACTLLM_OPTION
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string Options::to_json() const { return options_to_json(*this, OptionTexts::included); }

}  // namespace abstractllm
