// SPDX-License-Identifier: Apache-2.0
#include "abstractllm/batch.hpp"
#include "base/json.hpp"

namespace abstractllm {
namespace {

Error wrong(const std::string& what) { return {ErrorKind::invalid_argument, what}; }

std::string as_option_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : dump_json(value);
}

/// As Options::set takes them: lists one by one, `logit_bias` and `extra_headers` by their pairs.
Result<void> set_option(Options& options, const std::string& name, const Json& value) {
  if (value.is_array()) {
    for (const Json& element : value)
      if (auto set = options.set(name, as_option_text(element)); !set) return set;
    return {};
  }
  if (value.is_object() && (name == "logit_bias" || name == "extra_headers")) {
    const char* between = name == "logit_bias" ? "=" : ": ";
    for (const auto& [key, element] : value.items())
      if (auto set = options.set(name, key + between + as_option_text(element)); !set) return set;
    return {};
  }
  return options.set(name, as_option_text(value));
}

Result<std::vector<Message>> read_messages(const Json& object) {
  const auto prompt = object.find("prompt");
  const auto messages = object.find("messages");
  if ((prompt == object.end()) == (messages == object.end()))
    return wrong("a question has either \"prompt\" or \"messages\"");
  if (messages != object.end()) return messages_from_json(dump_json(*messages));
  if (!prompt->is_string()) return wrong("\"prompt\" is not a string");
  return std::vector<Message>{Message::user(prompt->get<std::string>())};
}

Result<BatchItem> read_object(const Json& object) {
  for (const auto& [name, value] : object.items())
    if (name != "prompt" && name != "messages" && name != "options" && name != "id")
      return wrong("a question has no field \"" + name + "\": there are prompt, messages, options and id");
  auto messages = read_messages(object);
  if (!messages) return std::move(messages).error();
  BatchItem item(*std::move(messages));
  if (const auto id = object.find("id"); id != object.end()) item.id_json = dump_json(*id);
  const auto options = object.find("options");
  if (options == object.end()) return item;
  if (!options->is_object()) return wrong("\"options\" is not an object");
  for (const auto& [name, value] : options->items())
    if (auto set = set_option(item.options, name, value); !set) return std::move(set).error();
  return item;
}

}  // namespace

Result<BatchItem> batch_item_from_json(std::string_view json) {
  const Result<Json> parsed = parse_json(json, "a question");
  if (!parsed) return parsed.error();
  if (parsed->is_string()) return BatchItem(parsed->get<std::string>());
  if (parsed->is_object()) return read_object(*parsed);
  return wrong("a question is a JSON string or object");
}

}  // namespace abstractllm
